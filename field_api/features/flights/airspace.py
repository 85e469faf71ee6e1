"""Which airspace a plan's aircraft are held to by their own fences, and where else they land."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from field_api.contract.messages import RallyPoint
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.request_shapes import fence_shapes
from mission_plans.rules.checks import check_airspace
from mission_plans.values.plan import Fence, GeoPoint, SearchPlan

__all__ = ["fences_on_board", "rally_on_board"]

RALLY_REACH_M = 3000.0
"""A rally point farther from the launch point is none of this flight's."""
RALLY_EDGE_M = 15.0
"""Nearer to the edge of its airspace an aircraft would not come down."""


def fences_on_board(plan: SearchPlan) -> list[Fence]:
    """Return what the aircraft must stay in and keep out of.

    Controlled airspace with an approval may be entered. A fence that the plan itself crosses was
    answered by an approval or overridden by a commander when the plan was authorised: held to it,
    the aircraft would turn back at its edge.
    """
    request = plan.request
    frame = LocalFrame(request.aircraft[0].launch)
    kept: list[Fence] = []
    for fence, shape in zip(request.fences, fence_shapes(request, frame), strict=True):
        alone = request.model_copy(update={"fences": [fence]})
        checks = check_airspace(plan.sorties, alone, [shape], frame)
        approved = fence.kind == "controlled" and fence.approval_id is not None
        if all(check.passed for check in checks) and not approved:
            # A node of an earlier release refuses fields that it does not know.
            kept.append(fence.model_copy(update={"name_en": None, "reason_en": None}))
    return kept


def rally_on_board(
    plan: SearchPlan, fences: Sequence[Fence], places: Sequence[GeoPoint]
) -> dict[str, list[RallyPoint]]:
    """Return for each aircraft a place to come home to besides its launch point, if there is one.

    No two aircraft are given the same one: nobody keeps them apart over it.

    Args:
        plan: what is flown.
        fences: put on board, as `fences_on_board` has them.
        places: the bureau's rally points.
    """
    request = plan.request.model_copy(update={"fences": list(fences)})
    frame = LocalFrame(request.aircraft[0].launch)
    shapes = list(zip(fences, fence_shapes(request, frame), strict=True))
    free = [place for place in places if _may_land(place, shapes, frame)]
    given: dict[str, list[RallyPoint]] = {}
    for craft in request.aircraft:
        near = [place for place in free if distance_m(place, craft.launch) <= RALLY_REACH_M]
        if not near:
            continue
        place = min(near, key=lambda one: distance_m(one, craft.launch))
        free.remove(place)
        given[craft.vehicle_id] = [RallyPoint(place=place, altitude_relative_m=0)]
    return given


def _may_land(
    place: GeoPoint, shapes: Sequence[tuple[Fence, BaseGeometry]], frame: LocalFrame
) -> bool:
    east, north = frame.to_metres(place.lat_deg, place.lon_deg)
    point = shapely.Point(float(east), float(north))
    for fence, shape in shapes:
        if fence.kind == "include" and not shape.buffer(-RALLY_EDGE_M).covers(point):
            return False
        if fence.kind != "include" and shape.distance(point) < RALLY_EDGE_M:
            return False
    return True
