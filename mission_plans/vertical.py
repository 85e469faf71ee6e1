"""Heights along a track: above the ground everywhere, within the aircraft's climb and descent.

The wanted height is the highest ground nearby plus the search height. Where the aircraft can't
climb or descend that steeply at cruise speed, the profile is raised, never lowered. Waypoints are
then thinned while the straight lines between them stay close to the profile. Heights are AMSL, so
that the profile shown is the profile flown.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mission_plans.local_frame import LocalFrame
from mission_plans.plan import AircraftSpec, Waypoint, WaypointKind
from mission_plans.terrain import Terrain

__all__ = ["SAMPLE_M", "Clearance", "TrackPoint", "clearance_along", "fly_over_terrain"]

SAMPLE_M = 25.0
"""Clearance is checked at least this often along the track (story O2)."""

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


def _sample(
    points: Sequence[TrackPoint],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return x, y, extra height and the index of every corner among the samples."""
    xs: list[NDArray[np.float64]] = []
    ys: list[NDArray[np.float64]] = []
    extras: list[NDArray[np.float64]] = []
    corners: list[int] = []
    total = 0
    for a, b in itertools.pairwise(points):
        count = max(1, math.ceil(math.hypot(b.x - a.x, b.y - a.y) / SAMPLE_M))
        steps = np.arange(count) / count
        xs.append(a.x + (b.x - a.x) * steps)
        ys.append(a.y + (b.y - a.y) * steps)
        extras.append(np.full(count, a.raise_m))
        corners.append(total)
        total += count
    last = points[-1]
    corners.append(total)
    return (
        np.append(np.concatenate(xs), last.x),
        np.append(np.concatenate(ys), last.y),
        np.append(np.concatenate(extras), last.raise_m),
        np.asarray(corners, dtype=np.intp),
    )


def fly_over_terrain(
    points: Sequence[TrackPoint],
    frame: LocalFrame,
    terrain: Terrain,
    aircraft: AircraftSpec,
    agl_m: float,
    min_clearance_m: float,
) -> list[Waypoint]:
    """Return waypoints with heights for a track of at least two corners.

    Raises:
        NoTerrainError: the track crosses ground without data.
    """
    x, y, extra, corners = _sample(points)
    lat, lon = frame.to_degrees(x, y)
    ground = terrain.elevation_m(lat, lon)
    # The neighbours' ground counts too, so that a ridge between two samples is not cut.
    near = np.maximum.reduce([ground, np.roll(ground, 1), np.roll(ground, -1)])
    near[0], near[-1] = max(ground[0], ground[1]), max(ground[-1], ground[-2])
    extra = np.maximum.reduce([extra, np.append(extra[0], extra[:-1])])
    height = near + agl_m + extra
    step = np.hypot(np.diff(x), np.diff(y))
    rise = step * aircraft.climb_ms / aircraft.cruise_ms * 0.9
    fall = step * aircraft.descent_ms / aircraft.cruise_ms * 0.9
    for i in range(len(height) - 2, -1, -1):
        height[i] = max(height[i], height[i + 1] - rise[i])
    for i in range(1, len(height)):
        height[i] = max(height[i], height[i - 1] - fall[i - 1])
    below_m = min(TOLERANCE_M, max(0.0, (agl_m - min_clearance_m) * 0.8))
    kept = _thin(np.append(0, np.cumsum(step)), height, corners, below_m)
    kinds = {int(index): point.kind for index, point in zip(corners, points, strict=True)}
    waypoints: list[Waypoint] = []
    kind = points[0].kind
    for index in kept:
        if index in kinds:
            kind = kinds[index]
            shown = kind
        else:
            shown = WaypointKind.LANE if kind is WaypointKind.LANE_START else kind
        waypoints.append(
            Waypoint(
                lat_deg=round(float(lat[index]), 7),
                lon_deg=round(float(lon[index]), 7),
                altitude_amsl_m=round(float(height[index]), 1),
                kind=shown,
            )
        )
    return waypoints


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
