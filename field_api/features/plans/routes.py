"""Plans over HTTP: reading them, stating what no plan tells."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import Session, col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.pages import Before, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.features.incidents.records import get_incident
from field_api.features.plans.messages import PlanView
from field_api.features.plans.operations import STATE_FACTS
from field_api.features.plans.permissions import PLAN_VIEW
from field_api.features.plans.records import get_plan, plan_view, plan_views
from field_api.features.plans.tables import PlanRecord

__all__ = ["router"]

router = Routes(tags=["plans"])

ViewerDep = Annotated[Principal, Depends(require(PLAN_VIEW))]


@router.get("/incidents/{incident_id}/plans", operation_id="listPlans")
def list_all(
    incident_id: RecordId,
    who: ViewerDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Before = None,
) -> list[PlanView]:
    """List an incident's plans, newest first; `before` pages back."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        query = select(PlanRecord).where(PlanRecord.incident_id == incident_id)
        order = (col(PlanRecord.created_ms), col(PlanRecord.id))
        rows = session.exec(before_id(session, query, PlanRecord, order, before, limit)).all()
        return plan_views(session, rows, ctx.clock())


@router.get("/plans/{plan_id}", operation_id="getPlan")
def get_one(plan_id: RecordId, who: ViewerDep, ctx: Context) -> PlanView:
    """Return one plan."""
    with ctx.store.read(who.viewer) as session:
        return plan_view(session, get_plan(session, plan_id), ctx.clock())


def _whole(ctx: Services, session: Session, row: PlanRecord) -> PlanView:
    return plan_view(session, row, ctx.clock())


serve_operation(
    router,
    STATE_FACTS,
    "/plans/{plan_id}/facts",
    operation_id="statePlanFacts",
    returns=PlanView,
    target="plan_id",
    method="PUT",
    view=_whole,
)
