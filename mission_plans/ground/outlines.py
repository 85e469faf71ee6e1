"""Outlines as people draw them: mended with a word in metres, or refused with the place.

What is ambiguous is never guessed: an outline that touches itself, runs out and back along one
line or makes a tiny loop still says what it encloses; one that crosses itself does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import GeoPoint

__all__ = ["MOST_POINTS", "Mended", "OutlineError", "mended", "ring_metres", "simplified"]

MOST_POINTS = 1000
"""Outlines with more are simplified: no aircraft flies a bend of a metre."""

FIRST_STEP_M = 0.25
COARSEST_M = 10.0
"""An outline that needs a coarser simplification than this is refused."""

LEAST_M2 = 1.0
"""Less than this is a line, drawn by an unsteady hand."""

LOOP_M2 = 100.0
LOOP_SHARE = 0.01
"""A loop that winds the other way is a slip of the hand while it is smaller than both this share
of the whole and `LOOP_M2`."""


class OutlineError(ValueError):
    """An outline doesn't say what it encloses: why, where, and what to do, in both languages."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en


@dataclass(frozen=True, slots=True)
class Mended:
    """What an outline encloses, and what had to be done to it."""

    shape: BaseGeometry
    """Valid; one polygon or several, metres."""
    notices: tuple[tuple[str, str], ...] = ()
    """What was changed and by how many metres, Chinese and English."""


def ring_metres(ring: Sequence[GeoPoint], frame: LocalFrame) -> NDArray[np.float64]:
    """Return a ring's points as rows of metres east and north."""
    return np.column_stack(frame.to_metres([p.lat_deg for p in ring], [p.lon_deg for p in ring]))


def mended(ring: Sequence[GeoPoint], frame: LocalFrame) -> Mended:
    """Return the ground that a drawn ring encloses.

    Args:
        ring: three points or more, without the closing one.
        frame: metres.

    Raises:
        OutlineError: it encloses nothing, or crosses itself.
    """
    points = ring_metres(ring, frame)
    drawn = shapely.Polygon(points)
    whole = drawn.is_valid
    parts = drawn if whole else shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    if not parts.is_valid:
        # What was left is thinner than numbers are exact: on a grid of micrometres it is gone.
        parts = shapely.set_precision(parts, 1e-6)
    if parts.area < LEAST_M2:
        raise OutlineError(
            "边界没有围出面积:请至少取三个不在同一直线上的点",
            "the outline encloses nothing: give three corners that are not on one line",
        )
    if whole:
        return Mended(drawn)
    at_zh, at_en = _place(points, frame)
    # What winds once counts once in the signed area; a loop the other way counts against it.
    wrong_m2 = abs(parts.area - abs(_signed_m2(points))) / 2
    if wrong_m2 > min(LOOP_M2, LOOP_SHARE * parts.area):
        raise OutlineError(
            f"边界在 {at_zh} 处与自身交叉:移动该处附近的一个顶点,或分成几个区域",
            f"the outline crosses itself at {at_en}: move a corner near there, or draw two areas",
        )
    moved_m = _farthest_m(points, parts.boundary)
    notice = (
        f"边界在 {at_zh} 处自相接触,已修复,改动至多 {moved_m:.1f} 米",
        f"the outline touched itself at {at_en} and was mended; at most {moved_m:.1f} m changed",
    )
    return Mended(parts, (notice,))


def simplified(drawn: Mended) -> Mended:
    """Return ground to search with an outline of `MOST_POINTS` at most.

    Raises:
        OutlineError: that would move it by more than `COARSEST_M`.
    """
    points = shapely.get_coordinates(drawn.shape)
    corners = _corners(drawn.shape)
    if corners <= MOST_POINTS:
        return drawn
    step_m = FIRST_STEP_M
    while step_m <= COARSEST_M:
        fewer = shapely.simplify(drawn.shape, step_m)
        count = _corners(fewer)
        if count <= MOST_POINTS and not fewer.is_empty:
            moved_m = _farthest_m(points, fewer.boundary)
            notice = (
                f"边界有 {corners} 个点,已简化为 {count} 个,偏移至多 {moved_m:.1f} 米",
                f"the outline had {corners} points and was simplified to {count}; "
                f"at most {moved_m:.1f} m changed",
            )
            return Mended(fewer, (*drawn.notices, notice))
        step_m *= 2
    raise OutlineError(
        f"边界有 {corners} 个点,简化到 {MOST_POINTS} 个会偏移 {COARSEST_M:.0f} 米以上:请先简化边界",
        f"the outline has {corners} points; {MOST_POINTS} would move it by more than "
        f"{COARSEST_M:.0f} m: simplify it first",
    )


def _corners(shape: BaseGeometry) -> int:
    """Return how many corners an area has: rings close with a point that is none."""
    parts = shapely.get_parts(shape)
    rings = int(shapely.get_num_interior_rings(parts).sum()) + len(parts)
    return int(shapely.get_num_coordinates(shape)) - rings


def _signed_m2(points: NDArray[np.float64]) -> float:
    x, y = (points - points[0]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def _farthest_m(points: NDArray[np.float64], boundary: BaseGeometry) -> float:
    """Return how far the drawn corner farthest from a boundary lies from it."""
    shapely.prepare(boundary)
    return float(shapely.distance(shapely.points(points), boundary).max())


def _place(points: NDArray[np.float64], frame: LocalFrame) -> tuple[str, str]:
    """Return where a ring first meets itself, in words."""
    ends = np.stack([points, np.roll(points, -1, axis=0)], axis=1)
    edges = np.asarray(shapely.linestrings(ends), dtype=object)
    tree = shapely.STRtree(edges)
    first, second = tree.query(edges, predicate="intersects")
    apart = (second - first) % len(points)
    met = (first < second) & (apart > 1) & (apart < len(points) - 1)
    if met.any():
        a, b = edges[first[met][0]], edges[second[met][0]]
        meeting = shapely.get_coordinates(shapely.intersection(a, b))
        x, y = meeting[0] if len(meeting) else shapely.get_coordinates(a)[0]
    else:
        # Neighbouring edges that lie on each other: the outline turns back on the spot.
        back = _turning_back(points)
        x, y = points[back]
    at = frame.point(float(x), float(y))
    north_south = ("北纬", "N") if at.lat_deg >= 0 else ("南纬", "S")
    east_west = ("东经", "E") if at.lon_deg >= 0 else ("西经", "W")
    lat, lon = f"{abs(at.lat_deg):.5f}°", f"{abs(at.lon_deg):.5f}°"
    return (
        f"{north_south[0]} {lat}、{east_west[0]} {lon}",
        f"{lat} {north_south[1]}, {lon} {east_west[1]}",
    )


def _turning_back(points: NDArray[np.float64]) -> int:
    """Return the corner at which a ring turns back most sharply."""
    come = points - np.roll(points, 1, axis=0)
    go = np.roll(points, -1, axis=0) - points
    lengths = np.hypot(*come.T) * np.hypot(*go.T)
    cosine = (come * go).sum(axis=1) / np.where(lengths > 0, lengths, np.inf)
    return int(np.argmin(cosine))
