"""Which of a plan's airspace its aircraft are held to by their own fences."""

from mission_plans.checks import check_airspace
from mission_plans.local_frame import LocalFrame
from mission_plans.plan import Fence, SearchPlan
from mission_plans.request_shapes import fence_shapes

__all__ = ["fences_on_board"]


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
            kept.append(fence)
    return kept
