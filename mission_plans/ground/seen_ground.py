"""A raster of an area that remembers what cameras have seen of it."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from mission_plans.ground.footprint import Views

__all__ = ["SeenGround", "quad_cells"]

CELLS = 60_000
FINEST_M, COARSEST_M = 1.0, 10.0
CHUNK = 1500
"""Frames handled at once: bounds the memory."""


class SeenGround:
    """Cells of an area, and how often each was inside a frame."""

    def __init__(self, area: BaseGeometry, cell_m: float | None = None) -> None:
        """Lay a raster over `area` (metres); the default cell gives about 60 000 of them."""
        west, south, east, north = area.bounds
        wanted = float(np.sqrt(max(area.area, 1.0) / CELLS))
        self.cell_m = cell_m or min(COARSEST_M, max(FINEST_M, wanted))
        self.west_m, self.south_m = west, south
        columns = max(1, int(np.ceil((east - west) / self.cell_m)))
        rows = max(1, int(np.ceil((north - south) / self.cell_m)))
        x = west + (np.arange(columns) + 0.5) * self.cell_m
        y = south + (np.arange(rows) + 0.5) * self.cell_m
        shapely.prepare(area)
        self.inside: NDArray[np.bool_] = shapely.contains_xy(area, *np.meshgrid(x, y))
        self.passes: NDArray[np.int32] = np.zeros((rows, columns), dtype=np.int32)

    def mark(self, views: Views) -> None:
        """Count every frame's ground once."""
        for frame_of, cell in quad_cells(
            views.corners, self.west_m, self.south_m, self.cell_m, self.passes.shape
        ):
            del frame_of
            np.add.at(self.passes.ravel(), cell, 1)

    @property
    def fraction(self) -> float:
        """Share of the area seen at least once."""
        total = int(self.inside.sum())
        return float((self.inside & (self.passes > 0)).sum()) / total if total else 1.0

    def gaps(self, smallest_m2: float) -> list[shapely.Polygon]:
        """Return the unseen parts of the area of at least that size, largest first."""
        missing = self.inside & (self.passes == 0)
        parts = self._polygons(missing)
        return sorted(
            (part for part in parts if part.area >= smallest_m2), key=lambda p: (-p.area, p.wkt)
        )

    def seen(self) -> BaseGeometry:
        """Return the seen part of the area."""
        return shapely.union_all(self._polygons(self.inside & (self.passes > 0)))

    def _polygons(self, mask: NDArray[np.bool_]) -> list[shapely.Polygon]:
        boxes: list[tuple[int, int, int, int]] = []
        for row, line in enumerate(mask):
            if line.any():
                edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
                boxes += [(a, row, b, row + 1) for a, b in edges.reshape(-1, 2).tolist()]
        if not boxes:
            return []
        # Whole numbers while rows are joined: edges a rounding apart would leave slits.
        united = shapely.union_all(shapely.box(*np.asarray(boxes, dtype=np.float64).T))
        placed = shapely.transform(
            united, lambda xy: xy * self.cell_m + (self.west_m, self.south_m)
        )
        return [part for part in shapely.get_parts(placed) if isinstance(part, shapely.Polygon)]


def quad_cells(
    corners: NDArray[np.float64],
    west_m: float,
    south_m: float,
    cell_m: float,
    shape: tuple[int, ...],
) -> Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return chunks of (frame index, flat cell index) for cell centres inside convex frames.

    Args:
        corners: [frame, corner, x or y], counter-clockwise, metres.
        west_m: of the raster's first column.
        south_m: of the raster's first row.
        cell_m: raster step.
        shape: rows, columns.
    """
    rows, columns = shape
    found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for begin in range(0, len(corners), CHUNK):
        quads = corners[begin : begin + CHUNK]
        low = quads.min(axis=1)
        first = np.ceil((low - (west_m, south_m)) / cell_m - 0.5).astype(np.intp)
        size = int(np.ceil((quads.max(axis=1) - low).max() / cell_m)) + 1
        window = np.arange(size)
        column = first[:, 0, None, None] + window[None, None, :]
        row = first[:, 1, None, None] + window[None, :, None]
        x = west_m + (column + 0.5) * cell_m
        y = south_m + (row + 0.5) * cell_m
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        for corner in range(4):
            a, b = quads[:, corner], quads[:, (corner + 1) % 4]
            dx, dy = (b - a).T[:, :, None, None]
            inside = inside & (dx * (y - a[:, 1, None, None]) - dy * (x - a[:, 0, None, None]) >= 0)
        frame, j, i = np.nonzero(inside)
        cell = (first[frame, 1] + j) * columns + first[frame, 0] + i
        found.append((frame + begin, cell))
    return found
