"""Heights and speeds along a track: above the ground, and as steep as the aircraft can fly.

The wanted height is the highest ground nearby plus the search height. Where the aircraft can't
climb or descend that steeply at full speed, the profile is raised, but only within a band above the
wanted height: where the ground is steeper still, the aircraft flies slower instead. Waypoints are
then thinned while the straight lines between them stay close to the profile. Heights are AMSL, so
that the profile shown is the profile flown.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.allocation.flight_model import FlightModel
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import Waypoint, WaypointKind

__all__ = [
    "GRADIENT_MARGIN",
    "SAMPLE_M",
    "SPEED_STEP_MS",
    "Clearance",
    "HeightRules",
    "TrackPoint",
    "clearance_along",
    "fly_over_terrain",
]

SAMPLE_M = 25.0
"""Clearance is checked at least this often along the track (story O2)."""

SPEED_STEP_MS = 1.0
"""Slower legs are flown at whole steps below full speed: fewer speed changes."""

GRADIENT_MARGIN = 0.9
"""Profiles use this part of the steepest climb and descent."""

TOLERANCE_M = 5.0
"""Largest distance of the thinned profile from the wanted one, upwards; downwards it is less."""


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """A corner of a track before it has a height; metres east, north."""

    x: float
    y: float
    kind: WaypointKind
    raise_m: float = 0.0
    """Extra height wanted from here to the next corner, e.g. to keep transits apart."""
    speed_ms: float = math.inf
    """Ground speed wanted from here to the next corner, where the ground allows it."""
    hold_s: float = 0.0


@dataclass(frozen=True, slots=True)
class HeightRules:
    """The heights a track may use, metres above ground."""

    agl_m: float
    min_clearance_m: float
    band_m: float
    """Lanes may float this far above `agl_m` before the aircraft slows down."""
    max_agl_m: float
    """Transits may float up to this."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """Heights above ground along a finished track."""

    min_agl_m: float
    min_at: tuple[float, float]
    """Latitude and longitude of the lowest place, degrees."""
    min_leg: int
    """Index of the leg's first waypoint."""
    max_agl_m: float
    max_at: tuple[float, float]
    first_low_leg: int | None = None
    """Index of the first waypoint of the first leg below the asked clearance."""
    first_low_at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Samples:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step_m: NDArray[np.float64]
    """Between neighbours, one less than samples."""
    extra_m: NDArray[np.float64]
    lane: NDArray[np.bool_]
    """Whether the piece after a sample is searched."""
    speed_ms: NDArray[np.float64]
    """Wanted on the piece after a sample."""
    corners: NDArray[np.intp]


def _sample(points: Sequence[TrackPoint], model: FlightModel) -> _Samples:
    corner_x = np.array([p.x for p in points])
    corner_y = np.array([p.y for p in points])
    lengths = np.hypot(np.diff(corner_x), np.diff(corner_y))
    counts = np.maximum(1, np.ceil(lengths / SAMPLE_M)).astype(np.intp)
    corners = np.append(0, np.cumsum(counts))
    leg = np.append(np.repeat(np.arange(len(counts)), counts), len(counts) - 1)
    part = np.append((np.arange(corners[-1]) - corners[leg[:-1]]) / counts[leg[:-1]], 1.0)
    x = corner_x[leg] + (corner_x[leg + 1] - corner_x[leg]) * part
    y = corner_y[leg] + (corner_y[leg + 1] - corner_y[leg]) * part
    wanted = np.array(
        [
            model.ground_speed_ms(
                b.x - a.x,
                b.y - a.y,
                min(a.speed_ms, model.cruise_ms if a.kind in _SEARCHED else model.transit_ms),
            )
            for a, b in itertools.pairwise(points)
        ]
    )
    return _Samples(
        x=x,
        y=y,
        step_m=np.hypot(np.diff(x), np.diff(y)),
        extra_m=np.array([p.raise_m for p in points])[np.append(leg[:-1], len(points) - 1)],
        lane=np.array([p.kind in _SEARCHED for p in points])[leg],
        speed_ms=wanted[leg],
        corners=corners.astype(np.intp),
    )


_BETWEEN = {
    WaypointKind.LANE_START: WaypointKind.LANE,
    WaypointKind.LANE_END: WaypointKind.TRANSIT,
    # Only the first point is the take-off: the climb on the way out is flown like any other leg.
    WaypointKind.TAKEOFF: WaypointKind.TRANSIT,
}
"""What points of the profile between two corners are, by the corner before them."""

_SEARCHED = (WaypointKind.LANE_START, WaypointKind.LANE)


def _raised(
    height: NDArray[np.float64], rise: NDArray[np.float64], fall: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the lowest profile above `height` that climbs and descends no steeper than given."""
    # The smallest such profile is the maximum of cones from every sample: with cumulated slopes a
    # running maximum finds each side at once.
    up = np.append(0.0, np.cumsum(rise))
    down = np.append(0.0, np.cumsum(fall))
    before = np.maximum.accumulate((height - up)[::-1])[::-1] + up
    after = np.maximum.accumulate(height + down) - down
    return np.maximum(before, after)


def fly_over_terrain(
    points: Sequence[TrackPoint],
    frame: LocalFrame,
    terrain: Terrain,
    model: FlightModel,
    rules: HeightRules,
) -> list[Waypoint]:
    """Return waypoints with heights and speeds for a track of at least two corners.

    Raises:
        NoTerrainError: the track crosses ground without data.
    """
    samples = _sample(points, model)
    lat, lon = frame.to_degrees(samples.x, samples.y)
    ground = terrain.elevation_m(lat, lon)
    # The neighbours' ground counts too, so that a ridge between two samples is not cut.
    near = np.maximum.reduce([ground, np.roll(ground, 1), np.roll(ground, -1)])
    near[0], near[-1] = max(ground[0], ground[1]), max(ground[-1], ground[-2])
    extra = np.maximum(samples.extra_m, np.append(samples.extra_m[0], samples.extra_m[:-1]))
    # Transits are stacked for separation, but not above the height limit on steep ground.
    highest = np.maximum(near + rules.agl_m, ground + rules.max_agl_m - 2 * TOLERANCE_M)
    wanted = np.minimum(near + rules.agl_m + extra, highest)
    climb = samples.step_m * model.climb_ms * GRADIENT_MARGIN
    descend = samples.step_m * model.descent_ms * GRADIENT_MARGIN
    fast = _raised(wanted, climb / samples.speed_ms[:-1], descend / samples.speed_ms[:-1])
    top_agl = np.where(
        samples.lane, min(rules.agl_m + rules.band_m, rules.max_agl_m), rules.max_agl_m
    )
    ceiling = np.maximum(wanted, ground + top_agl - TOLERANCE_M)
    slow = _raised(ceiling, climb / model.slowest_ms, descend / model.slowest_ms)
    height = np.minimum(fast, slow)
    below_m = min(TOLERANCE_M, max(0.0, (rules.agl_m - rules.min_clearance_m) * 0.8))
    along = np.append(0, np.cumsum(samples.step_m))
    kept = _thin(along, height, samples.corners, below_m)
    return _waypoints(points, samples, kept, lat, lon, height, along, model)


def _waypoints(
    points: Sequence[TrackPoint],
    samples: _Samples,
    kept: list[int],
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    height: NDArray[np.float64],
    along: NDArray[np.float64],
    model: FlightModel,
) -> list[Waypoint]:
    at = {int(index): point for index, point in zip(samples.corners, points, strict=True)}
    waypoints: list[Waypoint] = []
    kind = points[0].kind
    previous: int | None = None
    for index in kept:
        corner = at.get(index)
        if corner is not None:
            kind = shown = corner.kind
        else:
            shown = _BETWEEN.get(kind, kind)
        speed_ms = None
        if previous is not None:
            speed_ms = _leg_speed_ms(
                float(samples.speed_ms[previous]),
                float(along[index] - along[previous]),
                float(height[index] - height[previous]),
                model,
            )
        waypoints.append(
            Waypoint(
                lat_deg=round(float(lat[index]), 7),
                lon_deg=round(float(lon[index]), 7),
                altitude_amsl_m=round(float(height[index]), 1),
                kind=shown,
                speed_ms=speed_ms,
                hold_s=corner.hold_s if corner is not None else 0.0,
            )
        )
        previous = index
    return waypoints


def _leg_speed_ms(
    wanted_ms: float, length_m: float, rise_m: float, model: FlightModel
) -> float | None:
    """Return the ground speed of a leg, None where it is the cruise speed."""
    rate_ms = model.climb_ms if rise_m >= 0 else model.descent_ms
    steepest_ms = rate_ms * length_m / abs(rise_m) if rise_m else math.inf
    speed_ms = wanted_ms
    if steepest_ms < wanted_ms:
        steps = math.ceil((wanted_ms - steepest_ms) / SPEED_STEP_MS - 1e-9)
        speed_ms = max(model.slowest_ms, wanted_ms - steps * SPEED_STEP_MS)
    return None if abs(speed_ms - model.cruise_ms) < 0.05 else round(speed_ms, 1)


def _thin(
    along: NDArray[np.float64],
    height: NDArray[np.float64],
    corners: NDArray[np.intp],
    below_m: float,
) -> list[int]:
    kept = [0]
    for end in corners[1:]:
        start = kept[-1]
        while start < end:
            reach = int(end)
            while reach > start + 1:
                inner = slice(start + 1, reach)
                span = along[reach] - along[start]
                line = height[start] + (height[reach] - height[start]) * (
                    (along[inner] - along[start]) / span
                )
                off = line - height[inner]
                if off.min() >= -below_m and off.max() <= TOLERANCE_M:
                    break
                reach = start + max(1, (reach - start) * 3 // 4)
            kept.append(reach)
            start = reach
    return kept


def clearance_along(
    waypoints: Sequence[Waypoint],
    frame: LocalFrame,
    terrain: Terrain,
    min_clearance_m: float = -math.inf,
) -> Clearance:
    """Return the smallest and largest height above ground, sampled every 25 m or closer.

    The first leg lower than `min_clearance_m` is named, where there is one.

    Raises:
        NoTerrainError: the track crosses ground without data.
    """
    lat = np.array([w.lat_deg for w in waypoints])
    lon = np.array([w.lon_deg for w in waypoints])
    alt = np.array([w.altitude_amsl_m for w in waypoints])
    x, y = frame.to_metres(lat, lon)
    counts = np.maximum(1, np.ceil(np.hypot(np.diff(x), np.diff(y)) / SAMPLE_M)).astype(int)
    legs = np.repeat(np.arange(len(counts)), counts)
    part = np.concatenate([np.arange(c) / c for c in counts]) if len(counts) else np.zeros(0)
    legs = np.append(legs, max(0, len(counts) - 1))
    part = np.append(part, 1.0 if len(counts) else 0.0)
    following = np.minimum(legs + 1, len(lat) - 1)
    sample_lat = lat[legs] + (lat[following] - lat[legs]) * part
    sample_lon = lon[legs] + (lon[following] - lon[legs]) * part
    agl = (alt[legs] + (alt[following] - alt[legs]) * part) - terrain.elevation_m(
        sample_lat, sample_lon
    )
    low, high = int(np.argmin(agl)), int(np.argmax(agl))
    violating = np.flatnonzero(agl < min_clearance_m - 1e-6)
    first = int(violating[0]) if violating.size else None
    return Clearance(
        min_agl_m=float(agl[low]),
        min_at=(float(sample_lat[low]), float(sample_lon[low])),
        min_leg=int(legs[low]),
        max_agl_m=float(agl[high]),
        max_at=(float(sample_lat[high]), float(sample_lon[high])),
        first_low_leg=None if first is None else int(legs[first]),
        first_low_at=None
        if first is None
        else (float(sample_lat[first]), float(sample_lon[first])),
    )
