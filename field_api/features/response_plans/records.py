"""What clients see of plans, drills and started actions."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.response_plans.messages import (
    ActionView,
    DrillView,
    PlanStartView,
    ResponsePlanView,
)
from field_api.features.response_plans.tables import (
    PlanDrill,
    PlanStart,
    ResponsePlan,
    StartedAction,
)

__all__ = ["action_views", "drill_views", "plan_views", "start_views"]


def plan_views(_session: Session, rows: Sequence[ResponsePlan]) -> list[ResponsePlanView]:
    """Return editions of plans as clients see them."""
    return [ResponsePlanView.model_validate(row) for row in rows]


def drill_views(_session: Session, rows: Sequence[PlanDrill]) -> list[DrillView]:
    """Return drills as clients see them."""
    return [DrillView.model_validate(row) for row in rows]


def start_views(_session: Session, rows: Sequence[PlanStart]) -> list[PlanStartView]:
    """Return started levels as clients see them."""
    return [PlanStartView.model_validate(row) for row in rows]


def action_views(_session: Session, rows: Sequence[StartedAction]) -> list[ActionView]:
    """Return started actions as clients see them."""
    return [ActionView.model_validate(row) for row in rows]
