"""Check-in timers and roll calls over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal, unscoped
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.check_ins.messages import CheckInView, RollAskView, RollCallView
from field_api.features.check_ins.operations import SAY, SET, STOP
from field_api.features.check_ins.permissions import CHECK_IN_OWN, CHECK_IN_VIEW
from field_api.features.check_ins.records import check_in_views, roll_call_views
from field_api.features.check_ins.roll_calls import ANSWER, CALL, END
from field_api.features.check_ins.tables import CheckIn, RollCall

__all__ = ["router"]

router = Routes(tags=["check-ins"])


@router.get("/check-ins", operation_id="listCheckIns")
def list_check_ins(
    who: Annotated[Principal, Depends(require(CHECK_IN_VIEW, CHECK_IN_OWN))],
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[CheckInView]:
    """List check-in timers, running and ended, the last set first."""
    query = select(CheckIn)
    if incident_id is not None:
        query = query.where(CheckIn.incident_id == incident_id)
    order = (col(CheckIn.started_ms), col(CheckIn.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, CheckIn, order, before, limit)).all()
        with unscoped(session):
            return check_in_views(session, rows)


@router.get("/roll-calls", operation_id="listRollCalls")
def list_roll_calls(
    who: Annotated[Principal, Depends(require(CHECK_IN_VIEW))],
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[RollCallView]:
    """List roll calls, the last called first."""
    query = select(RollCall)
    if incident_id is not None:
        query = query.where(RollCall.incident_id == incident_id)
    order = (col(RollCall.called_ms), col(RollCall.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, RollCall, order, before, limit)).all()
        with unscoped(session):
            return roll_call_views(session, rows)


serve_operation(
    router, SET, "/check-ins", operation_id="setCheckIn", returns=CheckInView, created=True
)
serve_operation(
    router,
    STOP,
    "/check-ins/{check_in_id}/stop",
    operation_id="stopCheckIn",
    returns=CheckInView,
    target="check_in_id",
)
serve_operation(
    router,
    SAY,
    "/check-ins/{check_in_id}/words",
    operation_id="sayWell",
    returns=CheckInView,
    created=True,
    target="check_in_id",
)
serve_operation(
    router, CALL, "/roll-calls", operation_id="callRoll", returns=RollCallView, created=True
)
serve_operation(
    router,
    END,
    "/roll-calls/{roll_call_id}/end",
    operation_id="endRoll",
    returns=RollCallView,
    target="roll_call_id",
)
serve_operation(
    router,
    ANSWER,
    "/roll-asks/{roll_ask_id}/answer",
    operation_id="answerRoll",
    returns=RollAskView,
    target="roll_ask_id",
)
