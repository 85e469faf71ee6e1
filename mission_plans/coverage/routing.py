"""Shortest ways between points that stay clear of forbidden ground.

Obstacles are polygons in metres. The way is the shortest path over the visibility graph of their
(slightly inflated) corners.
"""

import heapq
import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["BlockedError", "Router"]

Point = tuple[float, float]

CORNER_MARGIN_M = 1.0
"""Corners are passed at this distance so that a rounding error never cuts one."""

SIMPLIFY_M = 5.0


class BlockedError(ValueError):
    """There is no way between two points; one lies in or is enclosed by forbidden ground."""


class Router:
    """Ways round a fixed set of obstacles."""

    def __init__(self, obstacles: BaseGeometry | None, allowed: BaseGeometry | None = None) -> None:
        """Take what may not be crossed, and optionally the area that may not be left."""
        self._obstacles = None if obstacles is None or obstacles.is_empty else obstacles
        self._allowed = allowed
        self._cache: dict[tuple[Point, Point], tuple[float, tuple[Point, ...]]] = {}
        corners: list[Point] = []
        if self._obstacles is not None:
            shapely.prepare(self._obstacles)
            hull = self._obstacles.simplify(SIMPLIFY_M).buffer(
                SIMPLIFY_M + CORNER_MARGIN_M, join_style="mitre", mitre_limit=2
            )
            corners += [tuple(c) for c in shapely.get_coordinates(hull).tolist()]
        if allowed is not None:
            shapely.prepare(allowed)
            inner = allowed.buffer(-CORNER_MARGIN_M, join_style="mitre")
            corners += [tuple(c) for c in shapely.get_coordinates(inner).tolist()]
        self._corners = [c for c in dict.fromkeys(corners) if self._free(shapely.Point(c))]
        self._edges: list[list[tuple[int, float]]] | None = None
        self._seen_from: dict[Point, list[tuple[int, float]]] = {}

    def _free(self, shape: BaseGeometry) -> bool:
        if self._obstacles is not None and bool(self._obstacles.intersects(shape)):
            return False
        return self._allowed is None or bool(self._allowed.covers(shape))

    def clear(self, a: Point, b: Point) -> bool:
        """Whether the straight line from `a` to `b` is allowed."""
        return self._free(shapely.LineString([a, b]) if a != b else shapely.Point(a))

    def way(self, a: Point, b: Point) -> tuple[float, tuple[Point, ...]]:
        """Return (length in metres, points after `a` up to and with `b`).

        Raises:
            BlockedError: no allowed way exists.
        """
        known = self._cache.get((a, b))
        if known is None:
            known = self._cache[a, b] = self._search(a, b)
        return known

    def _visible(self, point: Point) -> list[tuple[int, float]]:
        if not self._corners:
            return []
        known = self._seen_from.get(point)
        if known is None:
            known = self._seen_from[point] = self._look_round(point)
        return known

    def _look_round(self, point: Point) -> list[tuple[int, float]]:
        ends = np.asarray(self._corners)
        lines = shapely.linestrings(
            np.stack([np.broadcast_to(np.asarray(point), ends.shape), ends], axis=1)
        )
        free = np.ones(len(ends), dtype=bool)
        if self._obstacles is not None:
            free &= ~shapely.intersects(self._obstacles, lines)
        if self._allowed is not None:
            free &= shapely.covers(self._allowed, lines)
        return [(int(i), math.dist(point, self._corners[i])) for i in np.flatnonzero(free)]

    def _search(self, a: Point, b: Point) -> tuple[float, tuple[Point, ...]]:
        if self.clear(a, b):
            return math.dist(a, b), (b,)
        if self._edges is None:
            self._edges = [self._visible(corner) for corner in self._corners]
        goal = dict(self._visible(b))
        queue: list[tuple[float, int]] = []
        cost: dict[int, float] = {}
        came: dict[int, int | None] = {}
        for corner, length in self._visible(a):
            cost[corner], came[corner] = length, None
            heapq.heappush(queue, (length, corner))
        best = (math.inf, -1)
        while queue:
            length, corner = heapq.heappop(queue)
            if length > cost[corner] or length >= best[0]:
                continue
            if corner in goal:
                best = min(best, (length + goal[corner], corner))
            for following, edge in self._edges[corner]:
                if length + edge < cost.get(following, math.inf):
                    cost[following], came[following] = length + edge, corner
                    heapq.heappush(queue, (length + edge, following))
        if best[1] < 0:
            raise BlockedError(
                f"no allowed way from ({a[0]:.0f}, {a[1]:.0f}) m to ({b[0]:.0f}, {b[1]:.0f}) m"
            )
        points = [b]
        step: int | None = best[1]
        while step is not None:
            points.append(self._corners[step])
            step = came[step]
        return best[0], tuple(reversed(points))
