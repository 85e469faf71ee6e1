"""The shapes of a request in metres: what to search, and what never to fly over."""

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.outlines import Mended, OutlineError, mended, simplified
from mission_plans.values.plan import Fence, GeoPoint, PlanRequest

__all__ = ["PlanError", "SearchArea", "fence_shapes", "metres", "obstacles", "search_area"]

MIN_AREA_M2 = 400.0
MAX_AREA_M2 = 60e6
NO_FLY_BUFFER_M = 10.0
"""Lanes and transits keep this far from no-fly zones."""

HOLE_BUFFER_M = 1.0
"""Lanes end this far from a hole, so that a rounded waypoint is never inside it."""


class PlanError(ValueError):
    """The request can't be planned; names the field and what is allowed, in both languages."""

    def __init__(self, code: str, field: str, text_zh: str, text_en: str) -> None:
        super().__init__(f"{field}: {text_en}")
        self.code = code
        self.field = field
        self.text_zh = text_zh
        self.text_en = text_en


def metres(point: GeoPoint, frame: LocalFrame) -> tuple[float, float]:
    """Return metres east and north of a place."""
    x, y = frame.to_metres(point.lat_deg, point.lon_deg)
    return float(x), float(y)


@dataclass(frozen=True, slots=True)
class SearchArea:
    """What to search, and what had to be done to the drawn outlines."""

    shape: BaseGeometry
    notices: tuple[tuple[str, str], ...]
    """Chinese and English."""


def search_area(request: PlanRequest, frame: LocalFrame) -> SearchArea:
    """Return the drawn outlines less their holes.

    A hole is cut from the smallest outline that it lies in; others may search the ground again.

    Raises:
        PlanError: an outline doesn't say what it encloses, or the whole is too small or too large.
    """
    notices: list[tuple[str, str]] = []

    def outline(ring: list[GeoPoint], field: str) -> BaseGeometry:
        found = _mended(ring, frame, field)
        notices.extend(found.notices)
        return found.shape

    outlines = [
        outline(request.area, "area"),
        *(outline(ring, f"also[{i}]") for i, ring in enumerate(request.also)),
    ]
    for index, ring in enumerate(request.holes):
        hole = outline(ring, f"holes[{index}]")
        inside = [shape.intersection(hole).area for shape in outlines]
        owner = min(range(len(outlines)), key=lambda i: (-round(inside[i], 3), outlines[i].area))
        outlines[owner] = outlines[owner].difference(hole)
    shape = shapely.union_all(outlines)
    if not MIN_AREA_M2 <= shape.area <= MAX_AREA_M2:
        raise PlanError(
            "area_size",
            "area",
            f"面积 {shape.area / 1e4:.2f} 公顷;允许 {MIN_AREA_M2 / 1e4:.2f} 至 "
            f"{MAX_AREA_M2 / 1e4:.0f} 公顷",
            f"the area has {shape.area / 1e4:.2f} ha; allowed are {MIN_AREA_M2 / 1e4:.2f} to "
            f"{MAX_AREA_M2 / 1e4:.0f} ha",
        )
    return SearchArea(shape, tuple(notices))


def _mended(ring: list[GeoPoint], frame: LocalFrame, field: str) -> Mended:
    if len(ring) < 3:
        raise PlanError(
            "hole_invalid" if field.startswith("holes") else "area_invalid",
            field,
            "至少需要三个点",
            "three points or more are needed",
        )
    try:
        return simplified(mended(ring, frame))
    except OutlineError as error:
        code = "hole_invalid" if field.startswith("holes") else "area_invalid"
        raise PlanError(code, field, error.text_zh, error.text_en) from error


def fence_shapes(request: PlanRequest, frame: LocalFrame) -> list[BaseGeometry]:
    """Return every fence's area, in the request's order.

    Raises:
        PlanError: a fence is neither a simple polygon nor a circle.
    """
    return [_fence_shape(fence, frame) for fence in request.fences]


def _fence_shape(fence: Fence, frame: LocalFrame) -> BaseGeometry:
    if fence.centre is not None and fence.radius_m is not None:
        return shapely.Point(metres(fence.centre, frame)).buffer(fence.radius_m, quad_segs=16)
    field = f"fences[{fence.id}]"
    if len(fence.polygon) < 3:
        raise PlanError(
            "fence_invalid",
            field,
            "围栏需要一个多边形,或圆心与半径",
            "a fence needs a polygon, or centre and radius",
        )
    try:
        return mended(fence.polygon, frame).shape
    except OutlineError as error:
        raise PlanError("fence_invalid", field, error.text_zh, error.text_en) from error


def obstacles(
    request: PlanRequest, shapes: list[BaseGeometry], searched: BaseGeometry, frame: LocalFrame
) -> BaseGeometry | None:
    """Return what may not be flown over: no-fly zones, unapproved airspace aside, and holes."""
    zones: list[BaseGeometry] = []
    for fence, shape in zip(request.fences, shapes, strict=True):
        # Unapproved airspace that the search itself overlaps is left to the check, which blocks
        # the plan and names the zone: silently searching round it would hide the gap.
        unapproved = fence.kind == "controlled" and fence.approval_id is None
        if fence.kind == "exclude" or (unapproved and not shape.intersects(searched)):
            zones.append(shape.buffer(NO_FLY_BUFFER_M))
    # A hole that another outline searches is no obstacle.
    zones += [
        mended(hole, frame).shape.difference(searched).buffer(HOLE_BUFFER_M, join_style="mitre")
        for hole in request.holes
    ]
    return shapely.union_all(zones) if zones else None


def shrunk(barred: BaseGeometry | None) -> BaseGeometry | None:
    """Return obstacles a little smaller, so that lanes ending on their edge are allowed."""
    return None if barred is None else barred.buffer(-HOLE_BUFFER_M / 2)
