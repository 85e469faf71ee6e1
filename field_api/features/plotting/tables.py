"""Drawings of an incident, acts that can be taken back, and pointers: the tables."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from field_api.features.plotting.shapes import Content, DrawingKind

__all__ = ["ActKind", "Drawing", "DrawingAct", "DrawingState", "Pointer"]


class DrawingState(StrEnum):
    """Whether a drawing is on the map."""

    DRAWN = "drawn"
    DELETED = "deleted"
    """Off the map; it and who took it off are kept."""


class Drawing(Requested, table=True):
    """Something drawn on the map of an incident."""

    __table_args__ = (
        # What is on an incident's map, and its fire lines.
        Index("ix_drawing_incident", "incident_id", "state", "kind"),
    )

    incident_id: str = Field(foreign_key="incident.id")
    kind: DrawingKind = choice(DrawingKind)
    """As in `content`: asked for by itself."""
    content: Content = shape(Content)
    length_m: float | None = None
    area_m2: float | None = None
    area_error_m2: float | None = None
    state: DrawingState = choice(DrawingState)
    made_ms: int = integer64()
    """By the author's clock, never later than it came in."""
    author_id: str
    author: str
    author_terminal_id: str | None = None
    edited_ms: int | None = integer64(default=None)
    edited_by: str | None = None
    deleted_ms: int | None = integer64(default=None)
    deleted_by: str | None = None


class ActKind(StrEnum):
    """What a person did to a drawing."""

    MAKE = "make"
    EDIT = "edit"
    DELETE = "delete"


class DrawingAct(SQLModel, table=True):
    """What one person did to one drawing, so that they can take it back."""

    __table_args__ = (
        Index("ix_drawingact_person", "incident_id", "user_id", "number"),
        Index("ix_drawingact_drawing", "drawing_id", "version_after"),
    )

    number: int | None = Field(default=None, primary_key=True)
    act_id: str = Field(index=True)
    """Made by the client; an import is one act on many drawings."""
    incident_id: str
    drawing_id: str = Field(foreign_key="drawing.id")
    user_id: str
    t_ms: int = integer64()
    act: ActKind = choice(ActKind)
    version_after: int
    """Of the drawing as this act left it; a later version is somebody's later act."""
    before: Content | None = shape(Content, default=None)
    """What was there before; None before it was made."""
    undone_id: str | None = Field(default=None, index=True)
    """The request that took it back."""
    request_sha256: str = ""


class Pointer(Requested, table=True):
    """A place that somebody tells everybody to look at for some minutes."""

    __table_args__ = (Index("ix_pointer_ended_until", "ended", "until_ms"),)

    incident_id: str = Field(foreign_key="incident.id", index=True)
    lat_deg: float
    lon_deg: float
    text: str = ""
    pointed_ms: int = integer64()
    until_ms: int = integer64()
    ended: bool = False
    """Faded or taken back: no longer shown."""
    author_id: str
    author: str
    author_terminal_id: str | None = None
