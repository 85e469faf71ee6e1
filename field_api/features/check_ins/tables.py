"""Check-in timers and roll calls: the tables."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import integer64
from field_api.core.records import Record, Requested

__all__ = ["CheckIn", "CheckInWord", "RollAsk", "RollCall"]


class CheckIn(Requested, table=True):
    """Somebody in the field says at intervals that they are well; one timer for each handheld."""

    __table_args__ = (Index("ix_checkin_ended_due", "ended_ms", "due_ms"),)

    incident_id: str = Field(index=True, foreign_key="incident.id")
    terminal_id: str = Field(index=True)
    interval_s: int
    started_ms: int = integer64()
    started_by: str
    last_ms: int | None = integer64(default=None)
    """When they last said so, by the handheld's clock."""
    heard_ms: int | None = integer64(default=None)
    """When anything of the handheld last came in: a word or a position."""
    due_ms: int = integer64()
    overdue_ms: int | None = integer64(default=None)
    """When the alarm was raised; None once they were heard again."""
    ended_ms: int | None = integer64(default=None)
    ended_by: str | None = None


class CheckInWord(SQLModel, table=True):
    """One word that somebody is well, stored once by the handheld's id."""

    id: str = Field(primary_key=True)
    check_in_id: str = Field(index=True, foreign_key="checkin.id")
    t_ms: int = integer64()
    received_ms: int = integer64()
    by: str
    request_sha256: str


class RollCall(Requested, table=True):
    """Everybody of an incident is asked at once whether they are well."""

    incident_id: str = Field(index=True, foreign_key="incident.id")
    called_ms: int = integer64(index=True)
    called_by: str
    ended_ms: int | None = integer64(default=None)
    ended_by: str | None = None
    """None where it ended by itself: all had answered."""


class RollAsk(Record, table=True):
    """One handheld's part of a roll call."""

    roll_call_id: str = Field(index=True, foreign_key="rollcall.id")
    incident_id: str = Field(index=True)
    terminal_id: str = Field(index=True)
    called_ms: int = integer64()
    answered_ms: int | None = integer64(default=None)
    """By the handheld's clock."""
    received_ms: int | None = integer64(default=None)
    closed: bool = False
    """The desk ended the call without this answer; one that comes later is still kept."""
