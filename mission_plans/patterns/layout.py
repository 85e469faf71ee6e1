"""From a pattern to its lanes."""

from mission_plans.coverage.lanes import Lane
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.patterns.circle import hover, orbit
from mission_plans.patterns.contour import contour
from mission_plans.patterns.datum import expanding_square, sector
from mission_plans.patterns.fire_perimeter import fire_perimeter
from mission_plans.patterns.path import along_path, corridor, polyline_lanes
from mission_plans.patterns.points import visit_points
from mission_plans.values.base import GeoPoint
from mission_plans.values.pattern import (
    Contour,
    Corridor,
    ExpandingSquare,
    FirePerimeter,
    Hover,
    Orbit,
    Pattern,
    Points,
    Sector,
    TrackLine,
    Tracks,
)
from mission_plans.values.plan import Wind

__all__ = ["pattern_lanes"]


def pattern_lanes(
    pattern: Pattern,
    frame: LocalFrame,
    spacing_m: float,
    patch: TerrainPatch,
    entry: tuple[float, float],
    wind: Wind | None,
    cruise_ms: float,
) -> list[Lane]:
    """Return the lanes of a pattern that brings its own place, in flying order.

    Args:
        pattern: any but those that sweep the request's area.
        frame: local metres.
        spacing_m: between neighbouring tracks.
        patch: the ground around.
        entry: where the aircraft come from, metres.
        wind: needed by the fire perimeter.
        cruise_ms: search speed, for patterns that last a time.

    Raises:
        PatternError: the pattern can't be laid out as asked.
        ValueError: the pattern sweeps an area.
    """

    def at(point: GeoPoint) -> tuple[float, float]:
        x, y = frame.to_metres(point.lat_deg, point.lon_deg)
        return float(x), float(y)

    match pattern:
        case ExpandingSquare():
            return expanding_square(
                at(pattern.datum), pattern.reach_m, pattern.heading_deg, spacing_m
            )
        case Sector():
            return sector(
                at(pattern.datum),
                pattern.radius_m,
                pattern.heading_deg,
                second_pass=pattern.second_pass,
            )
        case Contour():
            return contour(at(pattern.peak), pattern.down_m, pattern.radius_m, spacing_m, patch)
        case TrackLine():
            return along_path([at(p) for p in pattern.path], pattern.passes, spacing_m, entry)
        case Corridor():
            return corridor([at(p) for p in pattern.path], pattern.width_m, spacing_m, entry)
        case Orbit():
            return orbit(
                at(pattern.centre),
                pattern.radius_m,
                pattern.duration_s,
                cruise_ms,
                entry,
                clockwise=pattern.clockwise,
            )
        case Hover():
            return hover(at(pattern.point), pattern.duration_s)
        case FirePerimeter():
            line = [at(p) for p in pattern.line]
            return fire_perimeter(line, pattern.standoff_m, pattern.laps, wind, entry)
        case Points():
            return visit_points([at(p) for p in pattern.places], pattern.hold_s, entry)
        case Tracks():
            return [
                lane for track in pattern.tracks for lane in polyline_lanes([at(p) for p in track])
            ]
        case _:
            raise ValueError(f"a {pattern.kind} pattern sweeps the request's area")
