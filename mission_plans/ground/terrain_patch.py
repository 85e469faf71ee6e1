"""Terrain resampled once onto a plan's local metres, so that millions of heights are cheap."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import NoTerrainError, Terrain

__all__ = ["TerrainPatch"]

STEP_M = 20.0
MOST_NODES = 1_000_000

Bounds = tuple[float, float, float, float]


class TerrainPatch:
    """Ground heights over a rectangle of a local frame, bilinear; outside, those of its edge.

    Ground without data counts as the lowest known height: cameras look into it, nobody flies over
    it (tracks are checked against the terrain itself).
    """

    def __init__(self, terrain: Terrain, frame: LocalFrame, bounds: Bounds) -> None:
        """Sample `bounds` (west, south, east, north; metres)."""
        west, south, east, north = bounds
        wide, high = max(east - west, STEP_M), max(north - south, STEP_M)
        step_m = max(STEP_M, math.sqrt(wide * high / MOST_NODES))
        columns, rows = math.ceil(wide / step_m) + 1, math.ceil(high / step_m) + 1
        self._west_m, self._south_m = west, south
        self._step_x_m, self._step_y_m = wide / (columns - 1), high / (rows - 1)
        x = west + np.arange(columns) * self._step_x_m
        y = south + np.arange(rows) * self._step_y_m
        lat, lon = frame.to_degrees(*np.meshgrid(x, y))
        z = _known(terrain, lat.ravel(), lon.ravel())
        lowest = float(np.nanmin(z)) if np.isfinite(z).any() else 0.0
        self._z = np.where(np.isfinite(z), z, lowest)
        self._rows, self._columns = rows, columns

    def elevation_m(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return ground heights above sea level at metres east and north, elementwise."""
        fx = np.clip((np.asarray(x) - self._west_m) / self._step_x_m, 0, self._columns - 1.00001)
        fy = np.clip((np.asarray(y) - self._south_m) / self._step_y_m, 0, self._rows - 1.00001)
        column, row = fx.astype(np.intp), fy.astype(np.intp)
        fx = fx - column
        fy = fy - row
        at = row * self._columns + column
        z = self._z
        south = z[at] * (1 - fx) + z[at + 1] * fx
        north = z[at + self._columns] * (1 - fx) + z[at + self._columns + 1] * fx
        return south * (1 - fy) + north * fy


def _known(
    terrain: Terrain, lat: NDArray[np.float64], lon: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return heights with NaN where there is no data, halving until the gaps are isolated."""
    try:
        return terrain.elevation_m(lat, lon)
    except NoTerrainError:
        if lat.size == 1:
            return np.array([np.nan])
        middle = lat.size // 2
        return np.concatenate(
            [
                _known(terrain, lat[:middle], lon[:middle]),
                _known(terrain, lat[middle:], lon[middle:]),
            ]
        )
