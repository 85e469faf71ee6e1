"""The ground around a fire in cells: heights, water, where it burns; and bands drawn from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from mission_plans.fire.arrival import SpreadGrid, arrival_minutes
from mission_plans.fire.members import Member, rates_of
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import GridTerrain
from mission_plans.values.base import GeoPoint

__all__ = ["Band", "Bounds", "Field", "around"]

FINEST_M = 5.0
PADDING_CELLS = 3

Array = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in metres of the local frame."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where so many of the members are after some minutes."""

    minutes: int
    percent: int
    area_m2: float
    farthest_m: float
    """From where it burns now to the farthest edge."""
    toward_deg: float | None
    """In which direction that is; None where it goes nowhere."""
    outlines: list[list[list[GeoPoint]]]
    """Of each part its outline and its holes, without closing points."""


def around(bounds: Bounds, by_m: float) -> Bounds:
    """Return bounds farther out to every side."""
    west, south, east, north = bounds
    return west - by_m, south - by_m, east + by_m, north + by_m


@dataclass(frozen=True)
class Field:
    """The ground around a fire in cells, rows south to north."""

    frame: LocalFrame
    fire: BaseGeometry
    grid: SpreadGrid
    x: Array
    y: Array
    out_m: Array
    """From the fire's line, negative inside an outline."""
    unknown_ground: bool
    """Some of it has no known height and counts as level."""

    @classmethod
    def over(
        cls,
        frame: LocalFrame,
        fire: BaseGeometry,
        water: BaseGeometry,
        terrain: GridTerrain,
        bounds: Bounds,
        cells: int,
    ) -> "Field":
        """Return the cells over `bounds`, so many along the longer side."""
        west, south, east, north = bounds
        cell_m = max(FINEST_M, max(east - west, north - south) / cells)
        # A spot lies in the middle of a cell, so that a round fire is round about it.
        middle = fire.centroid
        x = _axis(float(middle.x), west, east, cell_m)
        y = _axis(float(middle.y), south, north, cell_m)
        xs, ys = np.meshgrid(x, y)
        ground_m = terrain.known_m(*frame.to_degrees(xs, ys))
        points: Any = shapely.points(xs, ys)
        out_m = np.asarray(shapely.distance(points, fire), dtype=np.float64)
        if isinstance(fire, Polygon):
            inside = np.asarray(shapely.contains_properly(fire, points))
            out_m = np.where(inside, -np.asarray(shapely.distance(points, fire.boundary)), out_m)
        barrier = np.asarray(shapely.contains_properly(water, points), dtype=np.bool_)
        grid = SpreadGrid.over(ground_m, barrier, cell_m)
        return cls(frame, fire, grid, x, y, out_m, bool(np.isnan(ground_m).any()))

    def arrival(self, member: Member, scale: float, limit_min: float) -> NDArray[np.float32]:
        """Return when a member reaches each cell, in minutes."""
        grown_m = max(float(self.out_m.min()), member.grown_m)
        return arrival_minutes(self.grid, self.out_m <= grown_m, rates_of(member, scale), limit_min)

    def any_reached(self, members: Sequence[Member], scale: float, limit_min: float) -> Bounds:
        """Return the rectangle in which any member burns at the end, and some cells more."""
        reached = np.zeros(self.out_m.shape, dtype=np.bool_)
        for member in members:
            reached |= np.isfinite(self.arrival(member, scale, limit_min))
        rows, columns = np.nonzero(reached)
        west, east = float(self.x[columns.min()]), float(self.x[columns.max()])
        south, north = float(self.y[rows.min()]), float(self.y[rows.max()])
        return around((west, south, east, north), PADDING_CELLS * self.grid.cell_m)

    def band(self, times: NDArray[np.float32], minutes: int, percent: int) -> Band:
        """Return the band of the cells reached by then."""
        # Far beyond the end, so that contours lie close to the last cell that is reached.
        late = np.where(np.isfinite(times), times, 10.0 * float(minutes))
        maker = contourpy.contour_generator(
            x=self.x, y=self.y, z=-late, fill_type=contourpy.FillType.OuterOffset
        )
        filled: Any = maker.filled(-float(minutes), 1.0)
        parts: list[BaseGeometry] = [self.fire] if isinstance(self.fire, Polygon) else []
        for corners, starts in zip(*filled, strict=True):
            outer, *inner = [corners[a:b] for a, b in pairwise(starts)]
            parts.append(Polygon(outer, inner))
        burnt: BaseGeometry = shapely.make_valid(shapely.union_all(parts))
        shape = burnt.simplify(self.grid.cell_m / 5)
        farthest_m, toward = self._farthest(shape)
        return Band(minutes, percent, float(shape.area), farthest_m, toward, self._outlines(shape))

    def _farthest(self, shape: BaseGeometry) -> tuple[float, float | None]:
        corners = shapely.get_coordinates(shape)
        if not len(corners):
            return 0.0, None
        ways = np.asarray(shapely.distance(shapely.points(corners), self.fire), dtype=np.float64)
        at, middle = int(ways.argmax()), self.fire.centroid
        east, north = float(corners[at][0] - middle.x), float(corners[at][1] - middle.y)
        if ways[at] < 1 or math.hypot(east, north) < 1:
            return float(ways[at]), None
        return float(ways[at]), math.degrees(math.atan2(east, north)) % 360

    def _outlines(self, shape: BaseGeometry) -> list[list[list[GeoPoint]]]:
        parts = list(shape.geoms) if isinstance(shape, MultiPolygon) else [shape]
        return [
            [self._degrees(list(ring.coords)[:-1]) for ring in (part.exterior, *part.interiors)]
            for part in parts
            if isinstance(part, Polygon) and part.area > self.grid.cell_m**2 / 4
        ]

    def _degrees(self, corners: Sequence[tuple[float, ...]]) -> list[GeoPoint]:
        lat, lon = self.frame.to_degrees([c[0] for c in corners], [c[1] for c in corners])
        return [
            GeoPoint(lat_deg=round(float(a), 6), lon_deg=round(float(o), 6))
            for a, o in zip(lat, lon, strict=True)
        ]


def _axis(middle: float, low: float, high: float, cell_m: float) -> Array:
    first = -math.ceil((middle - low) / cell_m)
    last = math.ceil((high - middle) / cell_m)
    return middle + np.arange(first, last + 1, dtype=np.float64) * cell_m
