"""What a writer gives: the file's bytes, and what of the things it can't carry."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mission_plans.formats.contents import (
    DjiMission,
    DjiWayline,
    FilePoint,
    HeightReference,
    LeftOut,
    MavlinkMission,
    Note,
    Path,
    Thing,
)
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mavlink_rules import AMSL_FRAMES, RELATIVE_FRAMES, has_position

__all__ = [
    "Written",
    "flown_paths",
    "incomplete",
    "iso_time",
    "lost",
    "nothing_to_write",
]

KINDS = {
    "area": "area",
    "path": "path",
    "points": "points",
    "fence": "fence",
    "rally": "rally points",
    "mission": "mission",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what stayed behind or must be set by hand."""

    data: bytes
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    notes: list[Note] = field(default_factory=list[Note])


def lost(thing: Thing, zh: str, en: str) -> LeftOut:
    """Return that something of a thing can't be written."""
    return LeftOut(where=KINDS[thing.kind], name=thing.name, zh=zh, en=en)


def incomplete(mission: MavlinkMission | DjiMission) -> LeftOut:
    """Return that a mission of which a part was not read is not written as one to fly."""
    return lost(
        mission,
        "任务不完整(读入时有缺项),不写成可飞的任务;可写成 KML 或 GeoJSON",
        "it is not complete, parts of it could not be read: not written as a mission to fly; KML "
        "or GeoJSON can show it",
    )


def nothing_to_write(format_name: str, left_out: Iterable[LeftOut] = ()) -> PlanFileError:
    """Return the error of a file that would be empty."""
    why = next(iter(left_out), None)
    return PlanFileError(
        format_name,
        "没有可写入的内容" + (f":{why.zh}" if why else ""),
        "there is nothing it can carry" + (f": {why.en}" if why else ""),
    )


def iso_time(time_ms: int) -> str:
    """Return a time as ISO 8601, UTC."""
    text = (EPOCH + timedelta(milliseconds=time_ms)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def flown_paths(mission: MavlinkMission | DjiMission) -> tuple[list[Path], list[LeftOut]]:
    """Return a mission as lines for map formats, and what lines can't say."""
    if isinstance(mission, DjiMission):
        paths = [_wayline_path(mission, n, w) for n, w in enumerate(mission.waylines, start=1)]
        return paths, [
            lost(
                mission,
                "速度、动作、转弯方式与返航高不写入,只写航线",
                "speeds, actions, turn modes and return height are not written, only its lines",
            )
        ]
    points: list[FilePoint] = []
    references: set[HeightReference] = set()
    home_m = mission.home.altitude_m if mission.home is not None else None
    for item in mission.items:
        lat, lon, altitude_m = item.params[4:]
        if not has_position(item.command) or lat is None or lon is None or (lat, lon) == (0, 0):
            continue
        reference: HeightReference = "unknown"
        if item.frame in AMSL_FRAMES:
            reference = "amsl"
        elif item.frame in RELATIVE_FRAMES:
            reference = "relative"
            if home_m is not None and altitude_m is not None:
                reference, altitude_m = "amsl", altitude_m + home_m
        elif item.frame in (10, 11):
            reference = "agl"
        references.add(reference)
        points.append(FilePoint(lat_deg=lat, lon_deg=lon, altitude_m=altitude_m))
    said = [
        lost(
            mission,
            "命令、速度、相机与返航高不写入,只写航线",
            "commands, speeds, camera and return height are not written, only its line",
        )
    ]
    if len(points) < 2:
        said.append(lost(mission, "少于两个航点", "it has fewer than two waypoints"))
        return [], said
    path = Path(
        name=mission.name or "mission",
        points=points,
        height_reference=next(iter(references)) if len(references) == 1 else "unknown",
    )
    return [path], said


def _wayline_path(mission: DjiMission, number: int, wayline: DjiWayline) -> Path:
    name = mission.name or "mission"
    return Path(
        name=name if len(mission.waylines) == 1 else f"{name} {number}",
        points=[
            FilePoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg, altitude_m=p.height_m)
            for p in wayline.points
        ],
        height_reference=wayline.height_reference,
    )
