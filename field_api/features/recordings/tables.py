"""Full-process recordings of inspections: the tables."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64
from field_api.core.records import Requested

__all__ = ["Recording", "RecordingKind", "RecordingPiece"]


class RecordingKind(StrEnum):
    """What is recorded."""

    AUDIO = "audio"
    VIDEO = "video"


class Recording(Requested, table=True):
    """A recording of an inspection from its begin to its end (行政处罚法 47)."""

    inspection_id: str = Field(index=True)
    terminal_id: str = Field(index=True)
    kind: RecordingKind = choice(RecordingKind)
    device_key: str = ""
    """Public key of the handheld that signs the links, base64url."""
    begun_ms: int = integer64()
    begun_by: str
    ended_ms: int | None = integer64(default=None)
    declared: int | None = None
    """How many pieces its maker says there are."""
    last_link: str = ""
    cut: bool = False
    """The handheld was killed while it recorded: up to one piece at the end was lost."""


class RecordingPiece(SQLModel, table=True):
    """Some seconds of a recording; a file of its own that can be played."""

    recording_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    """Counts from 1."""
    sha256: str
    began_ms: int = integer64()
    ended_ms: int = integer64()
    previous: str
    link: str
    device_signature: str = ""
    device_signed: bool | None = None
    """Whether the signature fits the link; None without one."""
    received_ms: int = integer64()
