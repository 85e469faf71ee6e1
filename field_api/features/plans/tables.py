"""Search plans: the tables."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from mission_plans.values.plan import SearchPlan

__all__ = ["PlanApproval", "PlanRecord", "PlanState"]


class PlanState(StrEnum):
    """How far a plan has come."""

    DRAFT = "draft"
    AUTHORISED = "authorised"
    LAUNCHED = "launched"


class PlanRecord(Requested, table=True):
    """A plan as computed, and what was decided about it; what was authorised never changes."""

    incident_id: str = Field(index=True, foreign_key="incident.id")
    state: PlanState = choice(PlanState)
    plan: SearchPlan = shape(SearchPlan)
    created_ms: int = integer64(index=True)
    created_by: str
    authorised_ms: int | None = integer64(default=None)
    authorised_by: str | None = None
    override_reason: str | None = None
    launched_ms: int | None = integer64(default=None)
    launched_by: str | None = None
    revision: int = 1
    """Counts what changes its flying or its checks: improvements of a draft, approvals."""


class PlanApproval(SQLModel, table=True):
    """An authority's approval beside a plan: it answers checks and rewrites nothing."""

    application_id: str = Field(primary_key=True)
    plan_id: str = Field(index=True, foreign_key="planrecord.id")
    approval_id: str
    check_ids: list[str] = shape(list[str])
    """The checks it answers."""
    bound_ms: int = integer64()
    bound_by: str
