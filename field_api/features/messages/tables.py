"""Messages of an incident and of its tasks: the tables."""

from sqlalchemy import Index
from sqlmodel import Field

from field_api.core.columns import integer64, shape
from field_api.core.records import Record, Requested

__all__ = ["Message", "MessageMark", "mark_id"]


class Message(Requested, table=True):
    """Something said in an incident's channel, or about one of its tasks; it never changes."""

    __table_args__ = (Index("ix_message_channel", "incident_id", "received_ms"),)

    incident_id: str
    task_id: str | None = Field(default=None, index=True)
    """The task that it is about: then it concerns command and the holder of that handheld."""
    terminal_id: str | None = Field(default=None, index=True)
    """The task's handheld."""
    text: str = ""
    media: list[str] = shape(list[str])
    voice: str | None = None
    """A voice note, by its hash."""
    lat_deg: float | None = None
    lon_deg: float | None = None
    """A place pointed at."""
    said_ms: int = integer64()
    """By the author's clock, never later than it came in."""
    received_ms: int = integer64()
    """By the command post's; later than all before it in this incident."""
    author_id: str
    author: str
    author_terminal_id: str | None = None


class MessageMark(Record, table=True):
    """How far one person has read in one channel."""

    incident_id: str = Field(index=True)
    task_id: str | None = None
    terminal_id: str | None = Field(default=None, index=True)
    user_id: str
    name: str
    read_to_ms: int = integer64()
    """When the newest message they have seen came in."""
    read_ms: int = integer64()
    """When they saw it, by their clock."""


def mark_id(incident_id: str, task_id: str | None, user_id: str) -> str:
    """Return the id of a person's mark in a channel."""
    return f"{task_id or incident_id}:{user_id}"
