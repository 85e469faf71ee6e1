"""The shapes of a request in metres: what to search, and what never to fly over."""

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import Fence, GeoPoint, PlanRequest

__all__ = ["PlanError", "fence_shapes", "metres", "obstacles", "search_area"]

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


def _ring(ring: list[GeoPoint], frame: LocalFrame) -> list[tuple[float, float]]:
    x, y = frame.to_metres([p.lat_deg for p in ring], [p.lon_deg for p in ring])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _outline(ring: list[GeoPoint], frame: LocalFrame, field: str) -> shapely.Polygon:
    outer = shapely.Polygon(_ring(ring, frame))
    if not outer.is_valid:
        why = explain_validity(outer)
        raise PlanError(
            "area_invalid",
            field,
            f"边界不能自相交({why})",
            f"the outline must not cross itself ({why})",
        )
    return outer


def search_area(request: PlanRequest, frame: LocalFrame) -> BaseGeometry:
    """Return the drawn outlines less their holes.

    Raises:
        PlanError: an outline crosses itself, or the whole is too small or too large.
    """
    shape: BaseGeometry = shapely.union_all(
        [
            _outline(request.area, frame, "area"),
            *(_outline(ring, frame, f"also[{i}]") for i, ring in enumerate(request.also)),
        ]
    )
    for index, hole in enumerate(request.holes):
        if len(hole) < 3:
            raise PlanError(
                "hole_invalid",
                f"holes[{index}]",
                "空洞至少需要三个点",
                "a hole needs three points or more",
            )
        cut = shapely.Polygon(_ring(hole, frame))
        if not cut.is_valid:
            raise PlanError(
                "hole_invalid",
                f"holes[{index}]",
                "空洞边界不能自相交",
                "the outline of a hole must not cross itself",
            )
        shape = shape.difference(cut)
    if not MIN_AREA_M2 <= shape.area <= MAX_AREA_M2:
        raise PlanError(
            "area_size",
            "area",
            f"面积 {shape.area / 1e4:.2f} 公顷;允许 {MIN_AREA_M2 / 1e4:.2f} 至 "
            f"{MAX_AREA_M2 / 1e4:.0f} 公顷",
            f"the area has {shape.area / 1e4:.2f} ha; allowed are {MIN_AREA_M2 / 1e4:.2f} to "
            f"{MAX_AREA_M2 / 1e4:.0f} ha",
        )
    return shape


def fence_shapes(request: PlanRequest, frame: LocalFrame) -> list[BaseGeometry]:
    """Return every fence's area, in the request's order.

    Raises:
        PlanError: a fence is neither a simple polygon nor a circle.
    """
    return [_fence_shape(fence, frame) for fence in request.fences]


def _fence_shape(fence: Fence, frame: LocalFrame) -> BaseGeometry:
    if fence.centre is not None and fence.radius_m is not None:
        return shapely.Point(metres(fence.centre, frame)).buffer(fence.radius_m, quad_segs=16)
    shape = shapely.Polygon(_ring(fence.polygon, frame)) if len(fence.polygon) >= 3 else None
    if shape is None or not shape.is_valid:
        raise PlanError(
            "fence_invalid",
            f"fences[{fence.id}]",
            "围栏需要一个不自相交的多边形,或圆心与半径",
            "a fence needs a simple polygon, or centre and radius",
        )
    return shape


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
    zones += [
        shapely.Polygon(_ring(hole, frame)).buffer(HOLE_BUFFER_M, join_style="mitre")
        for hole in request.holes
    ]
    return shapely.union_all(zones) if zones else None


def shrunk(barred: BaseGeometry | None) -> BaseGeometry | None:
    """Return obstacles a little smaller, so that lanes ending on their edge are allowed."""
    return None if barred is None else barred.buffer(-HOLE_BUFFER_M / 2)
