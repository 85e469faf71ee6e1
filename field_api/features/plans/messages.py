"""Plans on the wire."""

from field_api.core.wire import View
from field_api.features.plans.tables import PlanState
from mission_plans.values.plan import SearchPlan

__all__ = ["PlanApprovalView", "PlanHead", "PlanView"]


class PlanApprovalView(View):
    """An approval bound to a plan."""

    application_id: str
    approval_id: str
    check_ids: list[str]
    bound_ms: int
    bound_by: str


class PlanHead(View):
    """A plan without its lanes: what is told of it on the live socket."""

    id: str
    version: int
    area: str
    incident_id: str
    state: PlanState
    revision: int
    """Grows when a draft is improved in the background, and by an approval."""
    flyable: bool
    """No blocking check failed."""
    vehicle_ids: list[str]
    area_m2: float
    sortie_count: int
    longest_sortie_s: float
    approvals: list[PlanApprovalView]
    created_ms: int
    created_by: str
    authorised_ms: int | None
    authorised_by: str | None
    override_reason: str | None
    launched_ms: int | None
    launched_by: str | None


class PlanView(PlanHead):
    """A plan and its state."""

    lights_required: bool
    """It is night at the launch site now: the checklist's `lights` counts."""
    plan: SearchPlan
    """As computed, its checks as approvals answer them."""
