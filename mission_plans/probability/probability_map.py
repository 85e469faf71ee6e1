"""Where the missing may be: probability over a raster, from what is known of such people."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.probability.lost_person import Profile, ring_density
from mission_plans.values.base import GeoPoint, Ring, Value

__all__ = ["Attraction", "Clue", "LastKnown", "ProbabilityMap", "probability_map"]

Floats = NDArray[np.float64]

CELLS_ACROSS = 200
FINEST_M = 20.0
STEEP_SLOPE = 1.0
"""Rise over run at which ground counts as hardly passable (45 degrees)."""


class LastKnown(Value):
    """A place where the missing were for certain, or may have been."""

    at: GeoPoint
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Against other places: two of equal weight share the probability evenly."""


class Clue(Value):
    """Something that makes a neighbourhood more or less likely: a find, a call, a phone cell."""

    at: GeoPoint
    sigma_m: Annotated[float, Field(gt=0, le=20_000)] = 300.0
    factor: Annotated[float, Field(gt=0, le=100)] = 5.0
    """How many times more likely its very place becomes; below 1 it speaks against it."""


class Attraction(Value):
    """A path, stream or road that people follow."""

    line: Annotated[list[GeoPoint], Field(min_length=2, max_length=2000)]
    width_m: Annotated[float, Field(gt=0, le=500)] = 60.0
    factor: Annotated[float, Field(gt=0, le=100)] = 4.0
    """Find-place statistics: a quarter of hikers are found on linear features (Koester 2008)."""


@dataclass(frozen=True)
class ProbabilityMap:
    """Probability of area over a raster of a local frame; the rest of it lies outside."""

    frame: LocalFrame
    west_m: float
    south_m: float
    cell_m: float
    poa: Floats
    """[row south to north, column west to east]; the sum is at most 1."""

    @property
    def outside(self) -> float:
        """Probability that the missing are not on the map at all."""
        return max(0.0, 1.0 - float(self.poa.sum()))

    def middles(self) -> tuple[Floats, Floats]:
        """Return metres east and north of all cells' middles, as two rasters."""
        rows, columns = self.poa.shape
        x, y = np.meshgrid(
            self.west_m + (np.arange(columns) + 0.5) * self.cell_m,
            self.south_m + (np.arange(rows) + 0.5) * self.cell_m,
        )
        return x, y

    def within(self, shape: shapely.Geometry) -> float:
        """Return the probability inside a shape in metres."""
        x, y = self.middles()
        return float(self.poa[shapely.contains_xy(shape, x, y)].sum())

    def with_poa(self, poa: Floats) -> "ProbabilityMap":
        """Return the same raster with other probabilities."""
        return replace(self, poa=poa)


def probability_map(
    last_known: Sequence[LastKnown],
    profile: Profile,
    radius_m: float,
    *,
    ground_m: Floats | None = None,
    attractions: Sequence[Attraction] = (),
    barred: Sequence[Ring] = (),
    clues: Sequence[Clue] = (),
) -> ProbabilityMap:
    """Return where the missing may be within `radius_m` of the last known positions.

    Rings of lost-person behaviour round every position, made heavier along paths and clues, lighter
    on steep ground and empty on water. What the rings put on the map stays on it: weighting moves
    probability about, it does not make the missing come nearer.

    Args:
        last_known: at least one place.
        profile: how far such people go.
        radius_m: how far the map reaches beyond the outermost position.
        ground_m: heights at the cells' middles where known, same shape as the map will have (ask
            for it with None first).
        attractions: lines people follow.
        barred: outlines where nobody can be.
        clues: evidence.

    Raises:
        ValueError: no last known position.
    """
    if not last_known:
        raise ValueError("a probability map needs a last known position")
    frame = LocalFrame(last_known[0].at)
    places = [_metres(frame, place.at) for place in last_known]
    xs, ys = [p[0] for p in places], [p[1] for p in places]
    west, south = min(xs) - radius_m, min(ys) - radius_m
    east, north = max(xs) + radius_m, max(ys) + radius_m
    cell = max(FINEST_M, max(east - west, north - south) / CELLS_ACROSS)
    shape = (math.ceil((north - south) / cell), math.ceil((east - west) / cell))
    blank = ProbabilityMap(frame, west, south, cell, np.zeros(shape))
    x, y = blank.middles()
    total = sum(place.weight for place in last_known)
    rings = np.zeros(shape)
    for place, (px, py) in zip(last_known, places, strict=True):
        away = np.hypot(x - px, y - py)
        share = ring_density(profile, away) * cell**2 * (away <= radius_m)
        rings += share * place.weight / total
    rings *= min(1.0, 1.0 / max(float(rings.sum()), 1e-12))
    weight = _weight(blank, ground_m, attractions, barred, clues)
    weighted = rings * weight
    on_map = float(rings.sum())
    scale = on_map / float(weighted.sum()) if weighted.sum() > 0 else 0.0
    return blank.with_poa(weighted * scale)


def _weight(
    blank: ProbabilityMap,
    ground_m: Floats | None,
    attractions: Sequence[Attraction],
    barred: Sequence[Ring],
    clues: Sequence[Clue],
) -> Floats:
    x, y = blank.middles()
    frame = blank.frame
    weight = np.ones(blank.poa.shape)
    if ground_m is not None:
        north, east = np.gradient(ground_m, blank.cell_m)
        weight *= np.clip(1 - np.hypot(north, east) / STEEP_SLOPE, 0.1, 1.0)
    for line in attractions:
        path = shapely.LineString([_metres(frame, p) for p in line.line])
        near = shapely.contains_xy(path.buffer(line.width_m), x, y)
        weight[near] *= line.factor
    for clue in clues:
        cx, cy = _metres(frame, clue.at)
        bell = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * clue.sigma_m**2))
        weight *= clue.factor**bell
    for ring in barred:
        outline = shapely.Polygon([_metres(frame, p) for p in ring]).buffer(0)
        weight[shapely.contains_xy(outline, x, y)] = 0.0
    return weight


def _metres(frame: LocalFrame, point: GeoPoint) -> tuple[float, float]:
    x, y = frame.to_metres(point.lat_deg, point.lon_deg)
    return float(x), float(y)
