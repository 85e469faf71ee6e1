"""Drawings out of map files and into them.

A file is read without storing anything; what can be drawn is proposed with the kind it may be, and
what can't is listed with the reason. Our own files say the kind in their attributes, so that what
is written reads back the same.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from field_api.core.errors import Finding, refuse
from field_api.core.texts import Both
from field_api.features.plotting.messages import MOST_IMPORTED, DrawingFileView, ProposedDrawing
from field_api.features.plotting.shapes import (
    FORMS,
    MOST_POINTS,
    DrawingKind,
    DrawnShape,
    LineSource,
    crosses_itself,
)
from field_api.features.plotting.tables import Drawing
from mission_plans.formats.contents import (
    Area,
    Attributes,
    AttributeValue,
    FileContents,
    FilePoint,
    LeftOut,
    Note,
    Path,
    Place,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.errors import NothingUsableError, PlanFileError, TooMuchError
from mission_plans.formats.reading import read_file
from mission_plans.values.base import GeoPoint

__all__ = ["drawing_things", "read_drawings"]

KIND, OBSERVED, SOURCE, ERROR = "xunshan_kind", "observed_ms", "source", "error_m"


def read_drawings(name: str, data: bytes) -> DrawingFileView:
    """Return what a file holds as drawings that could be made.

    Raises:
        ApiError: 413, over a limit; 422, it can't be used: where, why, and what it holds.
    """
    try:
        contents = read_file(name, data)
    except PlanFileError as error:
        refused = refuse(
            413 if isinstance(error, TooMuchError) else 422,
            "drawing_file_refused",
            where=Both(error.where, error.where),
            why=Both(error.zh, error.en),
        )
        if isinstance(error, NothingUsableError):
            refused.detail.findings = [
                Finding(where=one.where, name=one.name, text_zh=one.zh, text_en=one.en)
                for one in error.left_out
            ]
        raise refused from None
    return _view(contents)


def _view(contents: FileContents) -> DrawingFileView:
    drawings: list[ProposedDrawing] = []
    left_out = list(contents.left_out)
    for thing in contents.things:
        for made in _proposed(thing):
            if isinstance(made, LeftOut):
                left_out.append(made)
            elif len(drawings) == MOST_IMPORTED:
                left_out.append(
                    _left(
                        thing,
                        f"一次最多导入 {MOST_IMPORTED} 个标绘",
                        f"at most {MOST_IMPORTED} drawings are taken at once",
                    )
                )
            else:
                drawings.append(made)
    return DrawingFileView(
        file_name=contents.file_name,
        format=contents.format,
        drawings=drawings,
        left_out=left_out,
        notes=contents.notes,
    )


def _left(thing: Thing, zh: str, en: str, name: str = "") -> LeftOut:
    return LeftOut(where=thing.where, name=name or thing.name, zh=zh, en=en)


def _proposed(thing: Thing) -> Iterable[ProposedDrawing | LeftOut]:
    match thing:
        case Area():
            yield _drawing(thing, "area", thing.outer, thing.holes)
        case Path(closed=True) if len(thing.points) > 3:
            yield _drawing(thing, "area", _ground(thing.points[:-1]), [])
        case Path():
            yield _drawing(thing, "line", _ground(thing.points), [])
        case Points() | Rally():
            for place in thing.places:
                yield _drawing(thing, "point", _ground([place]), [], place)
        case _:
            yield _left(
                thing,
                "航线任务与围栏不是标绘,请在搜索规划中导入",
                "missions and fences are no drawings: import them for a search",
            )


def _ground(points: Sequence[FilePoint]) -> list[GeoPoint]:
    return [GeoPoint(lat_deg=p.lat_deg, lon_deg=p.lon_deg) for p in points]


def _drawing(
    thing: Area | Path | Points | Rally,
    form: Any,
    points: list[GeoPoint],
    holes: list[list[GeoPoint]],
    place: Place | None = None,
) -> ProposedDrawing | LeftOut:
    name = place.name if place else thing.name
    least = {"point": 1, "line": 2, "area": 3}[form]
    if len(points) < least:
        return _left(thing, "点数不足", "it has too few points", name)
    if len(points) + sum(map(len, holes)) > MOST_POINTS:
        return _left(
            thing,
            f"超过 {MOST_POINTS} 个点,请先简化",
            f"it has more than {MOST_POINTS} points: simplify it first",
            name,
        )
    shape = DrawnShape(form=form, points=points, holes=holes)
    if crosses_itself(shape):
        return _left(thing, "轮廓自相交", "its outline crosses itself", name)
    kinds = [kind for kind in DrawingKind if form in FORMS[kind]]
    said: Attributes = {**thing.attributes, **(place.attributes if place else {})}
    kind = next((each for each in kinds if each.value == said.get(KIND)), None)
    chosen = kind or {"point": DrawingKind.PLACE, "line": DrawingKind.ROUTE}.get(
        form, DrawingKind.ZONE
    )
    label, cut = name[:40], len(name) > 40
    source = next((each for each in LineSource if each.value == said.get(SOURCE)), None)
    fire = chosen in (DrawingKind.FIRE_LINE, DrawingKind.FIRE_SPOT)
    notes = list(thing.notes)
    if cut:
        notes.append(Note(zh=f"名称过长,截为“{label}”", en=f"its name was cut to “{label}”"))
    return ProposedDrawing(
        kind=chosen,
        kinds=kinds,
        shape=shape,
        label=label or ("·" if chosen is DrawingKind.TEXT else ""),
        note=(place.description if place else thing.description)[:1000],
        observed_ms=_number(said.get(OBSERVED)) if fire else None,
        source=(source or LineSource.FILE) if fire else None,
        error_m=_metres(said.get(ERROR)) if fire else None,
        where=thing.where,
        notes=notes,
    )


def _number(value: AttributeValue) -> int | None:
    try:
        number = int(float(value)) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and 0 <= number <= 4_102_444_800_000 else None


def _metres(value: AttributeValue) -> float | None:
    try:
        metres = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
    return metres if metres is not None and 0 <= metres <= 500 else None


def drawing_things(rows: Sequence[Drawing]) -> list[Thing]:
    """Return drawings as things of a file; points of a kind come together."""
    things: list[Thing] = []
    for row in rows:
        content = row.content
        said = _said(row)
        named: dict[str, Any] = {"name": content.label, "description": content.note}
        points = content.shape.points
        match content.shape.form:
            case "area":
                things.append(
                    Area(outer=points, holes=content.shape.holes, attributes=said, **named)
                )
            case "line":
                ground = [FilePoint(**point.model_dump()) for point in points]
                things.append(Path(points=ground, attributes=said, **named))
            case "point":
                place = Place(**points[0].model_dump(), attributes=said, **named)
                things.append(Points(places=[place]))
    return things


def _said(row: Drawing) -> Attributes:
    content = row.content
    said: Attributes = {KIND: content.kind.value, "author": row.author, "drawing_id": row.id}
    for key, value in (
        (OBSERVED, content.observed_ms),
        (SOURCE, content.source.value if content.source else None),
        (ERROR, content.error_m),
    ):
        if value is not None:
            said[key] = value
    return said
