"""Plans on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from field_api.core.wire import Body, View
from field_api.features.plans.tables import PlanState
from mission_plans.values.flight_facts import FlightFacts
from mission_plans.values.plan import Check, SearchPlan

__all__ = ["ChecklistItem", "PlanApprovalView", "PlanHead", "PlanView", "StateFacts"]


class StateFacts(Body):
    """What the flight rules must know and no plan tells; None is not stated, the stricter rule."""

    revision: Annotated[int, Field(ge=1)]
    """The plan that was looked at; refused when it has changed since."""
    facts: FlightFacts
    """`night` and `one_system` are known here and not taken from anybody."""


class ChecklistItem(View):
    """One item of the pre-flight checklist, as far as this plan needs it."""

    item: str
    asked: bool
    """False: a check refused it already, so nobody is asked to vouch for it."""
    checks: list[Check]
    """Failed checks that speak of the same: why it is refused, or what to see to before."""


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
    """Grows when a draft is improved in the background, by what is stated of it, by an approval."""
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
    """The checklist's `lights` counts."""
    lights_reason: Literal["night", "low_visibility", "not_stated"] | None
    """Night now or before the last landing, stated visibility, or nobody stated it."""
    checklist: list[ChecklistItem]
    plan: SearchPlan
    """As computed, its checks as approvals answer them."""
