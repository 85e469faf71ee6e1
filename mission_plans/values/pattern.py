"""The search patterns an operator can ask for, by the names of the search manual.

Names and meaning follow the IAMSAR manual, volume II, chapter 5 (visual search patterns). Patterns
of an area use the request's `area`; the others carry their own datum, path or line. The lanes they
become are made in `mission_plans.patterns`.
"""

from typing import Annotated, Literal

from pydantic import Field

from mission_plans.values.base import GeoPoint, Value

__all__ = [
    "Contour",
    "Corridor",
    "CreepingLine",
    "ExpandingSquare",
    "FirePerimeter",
    "Hover",
    "MappingSurvey",
    "Orbit",
    "ParallelTrack",
    "Path",
    "Pattern",
    "Points",
    "Sector",
    "TrackLine",
    "Tracks",
]

Path = Annotated[list[GeoPoint], Field(min_length=2, max_length=2000)]
"""A line over ground: a trail, a stream, a fire front."""

Heading = Annotated[float, Field(ge=0, lt=360)]


class ParallelTrack(Value):
    """Sweep the area in parallel lanes along the best heading."""

    kind: Literal["parallel"] = "parallel"


class CreepingLine(Value):
    """Sweep in short lanes across the area's long axis, advancing from one end to the other."""

    kind: Literal["creeping_line"] = "creeping_line"
    from_end: Literal["nearest", "farthest"] = "nearest"
    """Which end of the long axis is searched first, seen from the first aircraft."""


class MappingSurvey(Value):
    """Photograph the area straight down for a map: overlapping pictures in both directions."""

    kind: Literal["mapping"] = "mapping"
    front_overlap: Annotated[float, Field(ge=0.1, le=0.95)] = 0.75
    side_overlap: Annotated[float, Field(ge=0.1, le=0.95)] = 0.65
    crosshatch: bool = False
    """Fly a second set of lanes across the first, for steep ground and buildings."""


class ExpandingSquare(Value):
    """Spiral out from a datum in growing squares: the target is probably near and slow."""

    kind: Literal["expanding_square"] = "expanding_square"
    datum: GeoPoint
    reach_m: Annotated[float, Field(ge=20, le=5000)]
    """Search everything within this distance of the datum, measured to the sides."""
    heading_deg: Heading = 0.0
    """Of the first leg, usually down-wind."""


class Sector(Value):
    """Cross the datum again and again along equilateral triangles: the best known position."""

    kind: Literal["sector"] = "sector"
    datum: GeoPoint
    radius_m: Annotated[float, Field(ge=20, le=5000)]
    heading_deg: Heading = 0.0
    """Of the first leg out from the datum."""
    second_pass: bool = True
    """Repeat the three triangles turned by 30 degrees, as the manual says for no find."""


class Contour(Value):
    """Circle a peak or ridge along lines of equal height, from the top down."""

    kind: Literal["contour"] = "contour"
    peak: GeoPoint
    down_m: Annotated[float, Field(gt=0, le=2000)]
    """How far below the highest ground near `peak` the search goes."""
    radius_m: Annotated[float, Field(ge=50, le=5000)] = 1500.0
    """Ground farther from `peak` than this is not searched."""


class TrackLine(Value):
    """Fly along a path the missing may have taken, and back beside it."""

    kind: Literal["track_line"] = "track_line"
    path: Path
    passes: Annotated[int, Field(ge=1, le=8)] = 2
    """1 flies along the path itself; 2 up one side and down the other; more widen it."""


class Corridor(Value):
    """Cover a strip on both sides of a route, stream or power line."""

    kind: Literal["corridor"] = "corridor"
    path: Path
    width_m: Annotated[float, Field(gt=0, le=5000)]
    """From edge to edge."""


class Orbit(Value):
    """Circle a place and look at it."""

    kind: Literal["orbit"] = "orbit"
    centre: GeoPoint
    radius_m: Annotated[float, Field(ge=10, le=3000)]
    duration_s: Annotated[float, Field(gt=0, le=86_400)] = 600.0
    clockwise: bool = True


class Hover(Value):
    """Stay over a place: a relay, a loudspeaker, a fixed eye."""

    kind: Literal["hover"] = "hover"
    point: GeoPoint
    duration_s: Annotated[float, Field(gt=0, le=86_400)] = 600.0


class FirePerimeter(Value):
    """Fly round a fire's drawn line on the side away from the smoke (story O10).

    Needs the wind. The track keeps its distance from the line and is left open down-wind, where
    the smoke drifts; the aircraft flies it forth and back.
    """

    kind: Literal["fire_perimeter"] = "fire_perimeter"
    line: Path
    """The fire's edge as drawn; three or more points whose ends meet within 60 m are an outline."""
    standoff_m: Annotated[float, Field(ge=20, le=1000)] = 80.0
    laps: Annotated[int, Field(ge=1, le=50)] = 1


class Points(Value):
    """Look at a list of places, the shortest way round: a hasty search."""

    kind: Literal["points"] = "points"
    places: Annotated[list[GeoPoint], Field(min_length=1, max_length=200)]
    hold_s: Annotated[float, Field(ge=0, le=3600)] = 10.0


class Tracks(Value):
    """Fly given tracks one after another, shared among the aircraft: the most likely places."""

    kind: Literal["tracks"] = "tracks"
    tracks: Annotated[list[Path], Field(min_length=1, max_length=20)]


Pattern = Annotated[
    ParallelTrack
    | CreepingLine
    | MappingSurvey
    | ExpandingSquare
    | Sector
    | Contour
    | TrackLine
    | Corridor
    | Orbit
    | Hover
    | FirePerimeter
    | Points
    | Tracks,
    Field(discriminator="kind"),
]
