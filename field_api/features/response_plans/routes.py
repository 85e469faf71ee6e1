"""Plans for emergencies over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.incidents.records import get_incident
from field_api.features.response_plans.messages import (
    ActionView,
    DrillView,
    PlanStartView,
    ResponsePlanView,
    StartedView,
)
from field_api.features.response_plans.operations import (
    ASK,
    DECIDE,
    DRILL,
    EDIT,
    WITHDRAW,
    WRITE,
)
from field_api.features.response_plans.permissions import RESPONSE_VIEW
from field_api.features.response_plans.records import (
    action_views,
    drill_views,
    plan_views,
    start_views,
)
from field_api.features.response_plans.starting import FINISH, START
from field_api.features.response_plans.tables import (
    PlanDrill,
    PlanStart,
    ResponsePlan,
    ResponsePlanState,
    StartedAction,
)

__all__ = ["router"]

router = Routes(tags=["response plans"])

ViewerDep = Annotated[Principal, Depends(require(RESPONSE_VIEW))]
MOST = 500


@router.get("/response-plans", operation_id="listResponsePlans")
def list_plans(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[ResponsePlanState] | None, Query()] = None,
    plan_key: Annotated[RecordId | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[ResponsePlanView]:
    """List editions of plans, the last written first."""
    query = select(ResponsePlan)
    if state:
        query = query.where(col(ResponsePlan.state).in_(state))
    if plan_key is not None:
        query = query.where(ResponsePlan.plan_key == plan_key)
    order = (col(ResponsePlan.written_ms), col(ResponsePlan.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, ResponsePlan, order, before, limit))
        return plan_views(session, rows.all())


@router.get("/response-plans/{plan_id}", operation_id="getResponsePlan")
def get_one(plan_id: RecordId, who: ViewerDep, ctx: Context) -> ResponsePlanView:
    """Return one edition."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(ResponsePlan, plan_id)
        if row is None:
            raise refuse(404, "unknown_response_plan")
        return plan_views(session, [row])[0]


@router.get("/plan-drills", operation_id="listPlanDrills")
def list_drills(
    who: ViewerDep,
    ctx: Context,
    plan_key: Annotated[RecordId | None, Query()] = None,
    limit: Limit = 200,
    before: Before = None,
) -> list[DrillView]:
    """List drills that were held, the last first."""
    query = select(PlanDrill)
    if plan_key is not None:
        query = query.where(PlanDrill.plan_key == plan_key)
    order = (col(PlanDrill.held_on), col(PlanDrill.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, PlanDrill, order, before, limit))
        return drill_views(session, rows.all())


@router.get("/incidents/{incident_id}/plan-actions", operation_id="listPlanActions")
def list_actions(incident_id: RecordId, who: ViewerDep, ctx: Context) -> StartedView:
    """Return what was started of plans for an incident."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        starts = session.exec(
            select(PlanStart)
            .where(PlanStart.incident_id == incident_id)
            .order_by(col(PlanStart.started_ms), col(PlanStart.id))
            .limit(MOST)
        ).all()
        actions = session.exec(
            select(StartedAction)
            .where(StartedAction.incident_id == incident_id)
            .order_by(col(StartedAction.started_ms), col(StartedAction.id))
            .limit(MOST)
        ).all()
        return StartedView(
            starts=start_views(session, starts), actions=action_views(session, actions)
        )


serve_operation(
    router,
    WRITE,
    "/response-plans",
    operation_id="writeResponsePlan",
    returns=ResponsePlanView,
    created=True,
)
for _operation, _name in (
    (EDIT, "edit"),
    (ASK, "ask"),
    (DECIDE, "decide"),
    (WITHDRAW, "withdraw"),
):
    serve_operation(
        router,
        _operation,
        f"/response-plans/{{plan_id}}/{_name}",
        operation_id=f"{_name}ResponsePlan",
        returns=ResponsePlanView,
        target="plan_id",
    )
serve_operation(
    router,
    DRILL,
    "/response-plans/{plan_id}/drills",
    operation_id="sayPlanDrill",
    returns=DrillView,
    created=True,
    target="plan_id",
)
serve_operation(
    router,
    START,
    "/incidents/{incident_id}/plan-starts",
    operation_id="startResponsePlan",
    returns=PlanStartView,
    created=True,
    target="incident_id",
)
serve_operation(
    router,
    FINISH,
    "/plan-actions/{action_id}/finish",
    operation_id="finishPlanAction",
    returns=ActionView,
    target="action_id",
)
