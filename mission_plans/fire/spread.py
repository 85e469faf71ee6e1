"""Where a fire may be in 15, 30 and 60 minutes, as bands of how likely: a model, no forecast.

Thirty members (`members`) each spread over the terrain by the shortest travel times (`arrival`);
a cell counts as reached with 10, 50 or 90 % where so many of the members reach it. Roads, cleared
strips and fire-fighting hold nobody up in it, fires that start ahead of the front are not in it,
and one fuel is taken for all of the ground.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from mission_plans.fire.arrival import BEARINGS_DEG
from mission_plans.fire.field import Band, Field, around
from mission_plans.fire.members import SpreadInputs, draw_members, rates_of
from mission_plans.fire.rate import slope_factor
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import GridTerrain
from mission_plans.values.base import GeoPoint

__all__ = ["MINUTES", "PERCENTS", "Band", "Spread", "SpreadError", "Start", "spread"]

MINUTES = (15, 30, 60)
PERCENTS = (10, 50, 90)

CELLS = 100
"""Of the longer side of the grid."""
COARSE_CELLS = (30, 48)
"""Of the grids that find out how far the fire goes, each around what the one before reached."""
LIMIT_MIN = 1.1 * max(MINUTES)
"""A little beyond the last band, whose edge lies between two cells."""
UPHILL = 2.0
"""On average a fire goes no more than this many times as far as on level ground."""
SLOPE_OVER_M = 50.0
FARTHEST_M = 12_000.0
"""From the start to the edge of the grid at most."""
LARGEST_START_M = 20_000.0


class SpreadError(ValueError):
    """There is nothing to estimate from; words in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Start:
    """Where it burns now."""

    points: Sequence[GeoPoint]
    """One of a spot, two and more of a line, an outline without its closing point."""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """An estimate."""

    bands: list[Band]
    members: int
    cell_m: float
    at_edge: bool
    """Some members reached the edge of the grid: it goes on beyond."""
    unknown_ground: bool
    """Part of the ground has no known height and counts as level."""
    scaled_by: float | None
    """How the rates were multiplied to fit the observed advance."""


def spread(
    start: Start,
    inputs: SpreadInputs,
    terrain: GridTerrain,
    seed: int = 0,
    water: Sequence[Sequence[GeoPoint]] = (),
) -> Spread:
    """Return the estimate.

    Args:
        start: where it burns now.
        inputs: wind, dryness and fuel.
        terrain: ground heights.
        seed: the same seed gives the same estimate.
        water: outlines that nothing burns in.

    Raises:
        SpreadError: the start is empty, crosses itself or is too large.
    """
    if not start.points:
        raise SpreadError("没有火线或火点", "there is no fire line and no spot")
    frame = LocalFrame(start.points[0])
    fire = _shape(start, frame)
    lakes = shapely.union_all([_polygon(ring, frame) for ring in water])
    members = draw_members(inputs, seed)
    scale = _scale(inputs, frame, fire, terrain)
    fastest = max(float(rates_of(m, scale or 1.0).max()) for m in members)
    reached = around(fire.bounds, min(FARTHEST_M, max(MINUTES) * fastest * UPHILL))
    for cells in COARSE_CELLS:
        coarse = Field.over(frame, fire, lakes, terrain, reached, cells)
        reached = coarse.any_reached(members, scale or 1.0, LIMIT_MIN)
    fine = Field.over(frame, fire, lakes, terrain, reached, CELLS)
    times = np.sort(np.stack([fine.arrival(m, scale or 1.0, LIMIT_MIN) for m in members]), axis=0)
    bands = [
        fine.band(times[math.ceil(percent / 100 * len(members)) - 1], minutes, percent)
        for minutes in MINUTES
        for percent in PERCENTS
    ]
    return Spread(
        bands=bands,
        members=len(members),
        cell_m=fine.grid.cell_m,
        at_edge=bool((_edge(times[0]) <= max(MINUTES)).any()),
        unknown_ground=fine.unknown_ground,
        scaled_by=scale,
    )


def _edge(times: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([times[0], times[-1], times[:, 0], times[:, -1]])


def _polygon(ring: Sequence[GeoPoint], frame: LocalFrame) -> Polygon:
    x, y = frame.to_metres([p.lat_deg for p in ring], [p.lon_deg for p in ring])
    return Polygon(list(zip(x.tolist(), y.tolist(), strict=True)))


def _shape(start: Start, frame: LocalFrame) -> BaseGeometry:
    lat, lon = [p.lat_deg for p in start.points], [p.lon_deg for p in start.points]
    x, y = frame.to_metres(lat, lon)
    corners: list[tuple[float, float]] = list(zip(x.tolist(), y.tolist(), strict=True))
    if not np.isfinite(corners).all() or np.abs(corners).max() > LARGEST_START_M:
        raise SpreadError("火线超过 20 公里,无法推演", "the fire line is longer than 20 km")
    if len(corners) == 1:
        return Point(corners[0])
    shape = Polygon(corners) if start.closed and len(corners) > 2 else LineString(corners)
    if isinstance(shape, Polygon) and not shape.is_valid:
        raise SpreadError(
            "火线自相交,请改正后再推演", "the fire line crosses itself: mend it first"
        )
    return shape


def _scale(
    inputs: SpreadInputs, frame: LocalFrame, fire: BaseGeometry, terrain: GridTerrain
) -> float | None:
    """Return by what the rates are multiplied so that the front advances as it was seen to."""
    if inputs.observed_m_min is None or inputs.observed_toward_deg is None:
        return None
    (mean,) = draw_members(inputs, 0, count=1)
    angle, middle = math.radians(inputs.observed_toward_deg), fire.centroid
    east, north = math.sin(angle) * SLOPE_OVER_M, math.cos(angle) * SLOPE_OVER_M
    ends = [middle.x - east, middle.x + east], [middle.y - north, middle.y + north]
    low, high = terrain.known_m(*frame.to_degrees(*ends))
    slope = float(np.nan_to_num(high - low)) / (2 * SLOPE_OVER_M)
    nearest = int(np.argmin(np.abs((BEARINGS_DEG - inputs.observed_toward_deg + 180) % 360 - 180)))
    modelled = float(rates_of(mean)[nearest] * slope_factor(slope))
    return min(max(inputs.observed_m_min / modelled, 0.05), 20.0)
