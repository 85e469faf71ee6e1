"""Who may see which file: a file is seen with a record that shows it."""

from sqlmodel import Session, col, select

from field_api.core.access import Principal, unscoped
from field_api.core.blobs.tables import Attachment, Media
from field_api.core.records import kind_of_topic
from field_api.features.attachments.permissions import MEDIA_VIEW

__all__ = ["readable"]


def readable(session: Session, who: Principal, sha256: str) -> Media | None:
    """Return a stored file that this person may see, None where there is none.

    Staff of the whole district see every file. Others see what they sent and what is attached to a
    record that they may see.
    """
    with unscoped(session):
        row = session.get(Media, sha256)
        attached = session.exec(
            select(Attachment)
            .where(Attachment.sha256 == sha256)
            .order_by(col(Attachment.added_ms).desc())
            .limit(100)
        ).all()
    if row is None:
        return None
    viewer = who.viewer
    unlimited = not viewer.areas and viewer.incident_id is None
    if row.stored_by == who.actor.id or (unlimited and who.may(MEDIA_VIEW)):
        return row
    for attachment in attached:
        kind = kind_of_topic(attachment.topic)
        if kind is not None and session.get(kind.table, attachment.record_id) is not None:
            return row
    return None
