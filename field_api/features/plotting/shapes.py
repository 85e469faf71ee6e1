"""What a drawing is made of, and what may be drawn as what. Pure."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from shapely.geometry import Polygon

from field_api.core.wire import Body, Milliseconds
from mission_plans.fire.perimeters import FireLine, figures_of
from mission_plans.values.base import GeoPoint, Value

__all__ = [
    "ERRORS_M",
    "FORMS",
    "MOST_POINTS",
    "Content",
    "DrawingKind",
    "DrawnShape",
    "Figures",
    "LineSource",
    "crosses_itself",
    "measured",
]

MOST_POINTS = 5000
"""Of one drawing, holes counted."""
MOST_HOLES = 50

Form = Literal["point", "line", "area"]


class DrawingKind(StrEnum):
    """What a drawing stands for; how it looks follows from it."""

    FIRE_LINE = "fire_line"
    """火线: the edge of a fire, whole (area) or in part (line)."""
    FIRE_SPOT = "fire_spot"
    """火点: a fire too small for an outline, or a hot spot."""
    FIREBREAK = "firebreak"
    """隔离带."""
    ZONE = "zone"
    """责任区域: an area that somebody looks after. Zones dangerous to people are registers'."""
    ROUTE = "route"
    """行进路线."""
    ESCAPE_ROUTE = "escape_route"
    """撤离路线."""
    STAGING = "staging"
    """集结点: where forces gather."""
    COMMAND_POST = "command_post"
    """前线指挥部."""
    WATER = "water"
    """取水点."""
    LANDING = "landing"
    """起降点: for aircraft."""
    PLACE = "place"
    """关注点: any other place of interest."""
    TEXT = "text"
    """文字: its label is all that is shown."""


FORMS: dict[DrawingKind, tuple[Form, ...]] = {
    DrawingKind.FIRE_LINE: ("area", "line"),
    DrawingKind.FIRE_SPOT: ("point",),
    DrawingKind.FIREBREAK: ("line",),
    DrawingKind.ZONE: ("area",),
    DrawingKind.ROUTE: ("line",),
    DrawingKind.ESCAPE_ROUTE: ("line",),
    DrawingKind.STAGING: ("point", "area"),
    DrawingKind.COMMAND_POST: ("point",),
    DrawingKind.WATER: ("point",),
    DrawingKind.LANDING: ("point",),
    DrawingKind.PLACE: ("point", "area"),
    DrawingKind.TEXT: ("point",),
}
"""What a kind may be drawn as; the first is usual."""


class LineSource(StrEnum):
    """How a fire line was seen, which says how far it may be off."""

    DRONE = "drone"
    """Traced on a drone's picture or flown along."""
    WALKED = "walked"
    """Walked along with a handheld."""
    HAND = "hand"
    """Drawn on the map from what was told."""
    FILE = "file"
    """From another body's file."""


ERRORS_M: dict[LineSource, float] = {
    LineSource.DRONE: 15.0,
    LineSource.WALKED: 10.0,
    LineSource.HAND: 50.0,
    LineSource.FILE: 50.0,
}
"""Assumed standard deviation across the line where nobody says better: a point seen from 80 m by an
aircraft looking 25 to 40 degrees down is off by 5 to 19 m (p95), a handheld's position under trees
by about 10 m; the rest is judgement. It is shown with every figure, and who draws may say
another."""


class DrawnShape(Value):
    """A point, a line or an area with holes, WGS-84; rings are without their closing points."""

    form: Form
    points: Annotated[list[GeoPoint], Field(min_length=1, max_length=MOST_POINTS)]
    holes: Annotated[
        list[Annotated[list[GeoPoint], Field(min_length=3, max_length=MOST_POINTS)]],
        Field(max_length=MOST_HOLES),
    ] = Field(default=[])

    @model_validator(mode="after")
    def _fits(self) -> Self:
        least = {"point": 1, "line": 2, "area": 3}[self.form]
        count = len(self.points)
        if count < least or (self.form == "point" and count > 1):
            raise ValueError(
                f"a {self.form} has {least} point(s){'' if least == 1 else ' or more'}"
            )
        if self.holes and self.form != "area":
            raise ValueError("only an area has holes")
        if count + sum(len(hole) for hole in self.holes) > MOST_POINTS:
            raise ValueError(f"a drawing has at most {MOST_POINTS} points")
        return self


class Content(Body):
    """All of a drawing that a person says."""

    kind: DrawingKind
    shape: DrawnShape
    label: Annotated[str, Field(max_length=40)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""
    observed_ms: Milliseconds | None = None
    """When a fire line or spot was seen; None for what is not seen but meant."""
    source: LineSource | None = None
    error_m: Annotated[float, Field(ge=0, le=500)] | None = None


class Figures(Value):
    """What a shape measures."""

    length_m: float | None
    """Of an area its perimeter."""
    area_m2: float | None
    area_error_m2: float | None


def crosses_itself(shape: DrawnShape) -> bool:
    """Return whether an area's outline crosses itself or its holes: it then has no inside."""
    if shape.form != "area":
        return False
    rings = [[(p.lon_deg, p.lat_deg) for p in ring] for ring in (shape.points, *shape.holes)]
    return not Polygon(rings[0], rings[1:]).is_valid


def measured(shape: DrawnShape, error_m: float = 0.0) -> Figures:
    """Return what a shape measures."""
    if shape.form == "point":
        return Figures(length_m=None, area_m2=None, area_error_m2=None)
    line = FireLine("", 0, shape.points, shape.form == "area", error_m, shape.holes)
    figures = figures_of(line)
    return Figures(
        length_m=figures.length_m, area_m2=figures.area_m2, area_error_m2=figures.area_error_m2
    )
