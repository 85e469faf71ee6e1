"""What clients see of messages."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.core.blobs.tables import media_views
from field_api.features.messages.messages import MessageMarkView, MessageView
from field_api.features.messages.tables import Message, MessageMark

__all__ = ["mark_views", "message_views", "named_media"]


def named_media(row: Message) -> list[str]:
    """Return the hashes that a message names."""
    return [*row.media, *([row.voice] if row.voice else [])]


def message_views(session: Session, rows: Sequence[Message]) -> list[MessageView]:
    """Return messages as clients see them, with what has not come yet."""
    return media_views(session, rows, named_media, MessageView)


def mark_views(_session: Session, rows: Sequence[MessageMark]) -> list[MessageMarkView]:
    """Return marks as clients see them."""
    return [MessageMarkView.model_validate(row.model_dump()) for row in rows]
