"""Every version of the records whose kind keeps history: who made it what it was."""

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from field_api.core.columns import JsonText, integer64

__all__ = ["RecordHistory", "last_version", "versions_of"]


class RecordHistory(SQLModel, table=True):
    """One version of one record."""

    __table_args__ = (Index("ix_recordhistory_record", "topic", "record_id"),)

    topic: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    t_ms: int = integer64()
    actor: str
    actor_name: str
    op: str
    body: str | None = Field(default=None, sa_type=JsonText)


def last_version(session: Session, topic: str, record_id: str) -> int:
    """Return the last version that a record of this id had, 0 for none; tombstones count."""
    newest = select(RecordHistory.version).where(
        RecordHistory.topic == topic, RecordHistory.record_id == record_id
    )
    newest = newest.order_by(col(RecordHistory.version).desc()).limit(1)
    # Asked for each record of an import: what waits in the session has nothing to do with it.
    with session.no_autoflush:
        return session.exec(newest).first() or 0


def versions_of(
    session: Session, topic: str, record_id: str, *, limit: int = 200
) -> list[RecordHistory]:
    """Return a record's versions, newest first."""
    return list(
        session.exec(
            select(RecordHistory)
            .where(RecordHistory.topic == topic, RecordHistory.record_id == record_id)
            .order_by(col(RecordHistory.version).desc())
            .limit(limit)
        )
    )
