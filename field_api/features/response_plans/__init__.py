"""Plans for emergencies: editions, levels and actions, and what was started of them."""

from sqlmodel import col

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.incidents.records import of_open_incident
from field_api.features.response_plans.messages import (
    ActionView,
    DrillView,
    PlanStartView,
    ResponsePlanView,
)
from field_api.features.response_plans.operations import (
    ASK,
    DECIDE,
    DRILL,
    EDIT,
    WITHDRAW,
    WRITE,
)
from field_api.features.response_plans.permissions import (
    RESPONSE_APPROVE,
    RESPONSE_START,
    RESPONSE_VIEW,
    RESPONSE_WRITE,
)
from field_api.features.response_plans.records import (
    action_views,
    drill_views,
    plan_views,
    start_views,
)
from field_api.features.response_plans.routes import router
from field_api.features.response_plans.shipped import put_in_plan
from field_api.features.response_plans.starting import FINISH, START
from field_api.features.response_plans.tables import (
    PlanDrill,
    PlanStart,
    ResponsePlan,
    ResponsePlanState,
    StartedAction,
)

__all__ = ["FEATURE"]

_IN_USE = (ResponsePlanState.DRAFT, ResponsePlanState.ASKED, ResponsePlanState.APPROVED)

FEATURE = Feature(
    name="response_plans",
    about="Plans for emergencies, their drills, and what was started of them",
    routers=(router,),
    records=(
        RecordKind(
            topic="response_plan",
            table=ResponsePlan,
            view_type=ResponsePlanView,
            views=plan_views,
            reads=RESPONSE_VIEW,
            incident_column=None,
            history=True,
            shown=lambda: col(ResponsePlan.state).in_(_IN_USE),
        ),
        RecordKind(
            topic="plan_drill",
            table=PlanDrill,
            view_type=DrillView,
            views=drill_views,
            reads=RESPONSE_VIEW,
        ),
        RecordKind(
            topic="plan_start",
            table=PlanStart,
            view_type=PlanStartView,
            views=start_views,
            reads=RESPONSE_VIEW,
            shown=lambda: of_open_incident(PlanStart.incident_id),
        ),
        RecordKind(
            topic="plan_action",
            table=StartedAction,
            view_type=ActionView,
            views=action_views,
            reads=RESPONSE_VIEW,
            shown=lambda: of_open_incident(StartedAction.incident_id),
        ),
    ),
    operations=(WRITE, EDIT, ASK, DECIDE, WITHDRAW, DRILL, START, FINISH),
    permissions=(RESPONSE_VIEW, RESPONSE_WRITE, RESPONSE_APPROVE, RESPONSE_START),
    starts=put_in_plan,
)
