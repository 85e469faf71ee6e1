"""Messages: one channel an incident, and one for each of its tasks."""

from typing import Any

from sqlmodel import Session

from field_api.core.blobs.tables import missing_media
from field_api.core.feature import Feature
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.services import Services
from field_api.features.incidents.records import of_open_incident
from field_api.features.messages.messages import MessageMarkView, MessageView
from field_api.features.messages.operations import READ, SEND
from field_api.features.messages.permissions import MESSAGE_OWN, MESSAGE_SEND, MESSAGE_VIEW
from field_api.features.messages.records import mark_views, message_views, named_media
from field_api.features.messages.routes import router
from field_api.features.messages.tables import Message, MessageMark

__all__ = ["FEATURE"]


def _missing(_ctx: Services, session: Session, row: Record, _body: dict[str, Any]) -> list[str]:
    return missing_media(session, named_media(row)) if isinstance(row, Message) else []


FEATURE = Feature(
    name="messages",
    about="Messages of incidents and tasks",
    routers=(router,),
    records=(
        RecordKind(
            topic="message",
            table=Message,
            view_type=MessageView,
            views=message_views,
            reads=MESSAGE_VIEW,
            own_reads=MESSAGE_OWN,
            sync=Sync.AREA,
            shown=lambda: of_open_incident(Message.incident_id),
            shows_media=True,
        ),
        RecordKind(
            topic="message_mark",
            table=MessageMark,
            view_type=MessageMarkView,
            views=mark_views,
            reads=MESSAGE_VIEW,
            own_reads=MESSAGE_OWN,
            sync=Sync.AREA,
            shown=lambda: of_open_incident(MessageMark.incident_id),
        ),
    ),
    operations=(SEND, READ),
    permissions=(MESSAGE_VIEW, MESSAGE_OWN, MESSAGE_SEND),
    media_missing=_missing,
)
