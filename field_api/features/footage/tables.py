"""Footage: the tables. Files of footage are rows as long as they are on disk."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested

__all__ = [
    "ExportKind",
    "FootageExport",
    "FootageFile",
    "FootageGap",
    "FootageIncident",
    "GapCause",
]


class FootageFile(Record, table=True):
    """A minute or less of one stream."""

    __table_args__ = (
        Index("ix_footagefile_stream_began", "stream_id", "began_ms"),
        Index("ix_footagefile_vehicle_began", "vehicle_id", "began_ms"),
    )

    stream_id: str
    vehicle_id: str | None = None
    place: str
    """Below the folder of footage."""
    began_ms: int = integer64(index=True)
    """Capture time of its first picture."""
    ended_ms: int | None = integer64(default=None, index=True)
    """Up to which it has pictures; None while it is being written."""
    first_pts_90k: int = integer64()
    """The camera's time stamp of the first picture, which is 0 of the file."""
    codec: str
    width: int
    height: int
    pictures: int = 0
    size_bytes: int = integer64(default=0)
    """On disk, what lies beside it included."""
    sha256: str = ""
    """Once it is whole."""
    cut_off: bool = False
    """The process that wrote it ended before the file did; up to a second may be missing."""
    kept_ms: int | None = integer64(default=None, index=True)
    kept_by: str | None = None
    kept_why: str | None = None


class FootageIncident(SQLModel, table=True):
    """That a file shows an incident."""

    __table_args__ = (Index("ix_footageincident_incident_began", "incident_id", "began_ms"),)

    file_id: str = Field(primary_key=True, foreign_key="footagefile.id")
    incident_id: str = Field(primary_key=True, foreign_key="incident.id")
    began_ms: int = integer64()
    """The file's: an incident's files are found in their order without looking at them."""


class GapCause(StrEnum):
    """Why there is no footage."""

    AGED = "aged"
    """Deleted: it was older than footage is kept."""
    ROOM = "room"
    """Deleted: footage had taken its share of the disk."""
    DISK_LOW = "disk_low"
    """Not recorded: the disk was low."""
    FULL = "full"
    """Not recorded: footage had its share of the disk, and all of it is protected."""
    FAILED = "failed"
    """Not recorded: the disk failed, or was too slow."""
    LOST = "lost"
    """The file is not where it was written."""


class FootageGap(Record, table=True):
    """That footage of a stream was deleted, or not recorded though pictures came."""

    __table_args__ = (Index("ix_footagegap_stream_began", "stream_id", "began_ms"),)

    stream_id: str
    vehicle_id: str | None = None
    cause: GapCause = choice(GapCause)
    began_ms: int = integer64()
    ended_ms: int = integer64()
    files: int = 0
    size_bytes: int = integer64(default=0)
    told_ms: int = integer64(index=True)


class ExportKind(StrEnum):
    """What was taken out."""

    STILL = "still"
    """One picture: JPEG."""
    CLIP = "clip"
    """A stretch: MP4, the pictures as they were recorded."""
    KLV = "klv"
    """The same in an MPEG transport stream, with MISB ST 0601 beside the pictures."""


class FootageExport(Requested, table=True):
    """Something that a person took out."""

    kind: ExportKind = choice(ExportKind)
    stream_id: str = Field(index=True)
    vehicle_id: str | None = None
    incident_id: str | None = Field(default=None, index=True)
    from_ms: int = integer64()
    to_ms: int = integer64()
    sha256: str
    size_bytes: int = integer64()
    sources: list[str] = shape(list[str])
    """SHA-256 of the files it was made of, `open` for one that was still being written."""
    text: str = ""
    made_ms: int = integer64(index=True)
    made_by: str
