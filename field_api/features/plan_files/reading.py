"""What a file holds as the console shows it: shapes, names and figures."""

import re
from collections.abc import Sequence

from pyproj import Geod

from field_api.core.errors import Finding, refuse
from field_api.core.texts import Both
from field_api.features.plan_files.messages import FileView, MissionView, NamedPlace, ThingView
from mission_plans.formats.contents import (
    Area,
    DjiMission,
    FenceThing,
    MavlinkMission,
    Path,
    Place,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.errors import NothingUsableError, PlanFileError, TooMuchError
from mission_plans.formats.map_roles import circle_outline
from mission_plans.formats.reading import read_file
from mission_plans.formats.written import flown_paths
from mission_plans.ground.geodesy import Place as Position
from mission_plans.values.base import GeoPoint

__all__ = ["file_view"]

_LINE = re.compile(r"^line (\d+)")
_GEOD = Geod(ellps="WGS84")


def file_view(name: str, data: bytes) -> FileView:
    """Return what a file holds.

    Raises:
        ApiError: 413, over a limit; 422, it can't be used: where, why, and all that it holds.
    """
    try:
        contents = read_file(name, data)
    except PlanFileError as error:
        left_out = error.left_out if isinstance(error, NothingUsableError) else []
        refused = refuse(
            413 if isinstance(error, TooMuchError) else 422,
            "plan_file_refused",
            where=Both(_LINE.sub(r"第 \1 行", error.where), error.where),
            why=Both(error.zh, error.en),
        )
        refused.detail.findings = [
            Finding(where=one.where, name=one.name, text_zh=one.zh, text_en=one.en)
            for one in left_out
        ] or None
        raise refused from None
    return FileView(
        file_name=contents.file_name,
        format=contents.format,
        encoding=contents.encoding,
        encoding_from=contents.encoding_from,
        things=[_thing(thing) for thing in contents.things],
        left_out=contents.left_out,
        notes=contents.notes,
    )


def _thing(thing: Thing) -> ThingView:
    view = ThingView(
        kind=thing.kind,
        name=thing.name,
        where=thing.where,
        notes=thing.notes,
        rings=[],
        lines=[],
        places=[],
        corners=0,
    )
    return view.model_copy(update=_figures(thing))


def _figures(thing: Thing) -> dict[str, object]:
    match thing:
        case Area():
            rings = [thing.outer, *thing.holes]
            holes_m2 = sum(_area_m2(hole) for hole in thing.holes)
            return {
                "rings": rings,
                "corners": sum(len(ring) for ring in rings),
                "area_m2": max(0.0, _area_m2(thing.outer) - holes_m2),
            }
        case Path():
            return {**_lines([_ground(thing.points)]), "closed": thing.closed}
        case Points() | Rally():
            return {"places": _places(thing.places), "corners": len(thing.places)}
        case FenceThing():
            fence = thing.fence
            ring = fence.polygon
            if fence.centre is not None and fence.radius_m is not None:
                ring = circle_outline(fence.centre, fence.radius_m)
            return {
                "name": thing.name or fence.name,
                "rings": [ring],
                "corners": len(ring),
                "area_m2": _area_m2(ring),
                "fence": fence,
            }
        case MavlinkMission() | DjiMission():
            return _mission(thing)


def _mission(mission: MavlinkMission | DjiMission) -> dict[str, object]:
    paths, _ = flown_paths(mission)
    items = (
        len(mission.items)
        if isinstance(mission, MavlinkMission)
        else sum(len(wayline.points) for wayline in mission.waylines)
    )
    return {
        **_lines([_ground(path.points) for path in paths]),
        "mission": MissionView(
            system=mission.system,
            items=items,
            return_height_m=mission.return_height_m,
            complete=mission.complete,
        ),
    }


def _lines(lines: list[list[GeoPoint]]) -> dict[str, object]:
    return {
        "lines": lines,
        "corners": sum(len(line) for line in lines),
        "length_m": sum(_length_m(line) for line in lines),
    }


def _ground(points: Sequence[Position]) -> list[GeoPoint]:
    return [GeoPoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in points]


def _places(places: Sequence[Place]) -> list[NamedPlace]:
    return [NamedPlace(name=p.name, lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in places]


def _area_m2(ring: Sequence[Position]) -> float:
    lon, lat = [p.lon_deg for p in ring], [p.lat_deg for p in ring]
    return abs(float(_GEOD.polygon_area_perimeter(lon, lat)[0]))


def _length_m(line: Sequence[Position]) -> float:
    return float(_GEOD.line_length([p.lon_deg for p in line], [p.lat_deg for p in line]))
