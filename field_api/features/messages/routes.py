"""Messages over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.messages.messages import MessageMarkView, MessageView
from field_api.features.messages.operations import READ, SEND
from field_api.features.messages.permissions import MESSAGE_OWN, MESSAGE_VIEW
from field_api.features.messages.records import mark_views, message_views
from field_api.features.messages.tables import Message, MessageMark

__all__ = ["router"]

router = Routes(tags=["messages"])

ReaderDep = Annotated[Principal, Depends(require(MESSAGE_VIEW, MESSAGE_OWN))]
MOST_MARKS = 1000
"""People who read in one incident."""


@router.get("/messages", operation_id="listMessages")
def list_messages(
    who: ReaderDep,
    ctx: Context,
    incident_id: Annotated[RecordId, Query()],
    limit: Limit = 100,
    before: Before = None,
) -> list[MessageView]:
    """List what was said in an incident and about its tasks, the last first."""
    query = select(Message).where(Message.incident_id == incident_id)
    order = (col(Message.received_ms), col(Message.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Message, order, before, limit)).all()
        return message_views(session, rows)


@router.get("/message-marks", operation_id="listMessageMarks")
def list_marks(
    who: ReaderDep, ctx: Context, incident_id: Annotated[RecordId, Query()]
) -> list[MessageMarkView]:
    """List who has read how far in an incident."""
    query = select(MessageMark).where(MessageMark.incident_id == incident_id)
    with ctx.store.read(who.viewer) as session:
        return mark_views(session, session.exec(query.limit(MOST_MARKS)).all())


serve_operation(
    router, SEND, "/messages", operation_id="sendMessage", returns=MessageView, created=True
)
serve_operation(
    router, READ, "/messages/read", operation_id="readMessages", returns=MessageMarkView
)
