"""Drawings, pointers and figures of fire lines on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Latitude, Longitude, LongText, Milliseconds, View
from field_api.features.plotting.shapes import Content, DrawingKind, DrawnShape, LineSource
from field_api.features.plotting.tables import DrawingState
from mission_plans.formats.contents import LeftOut, Note

__all__ = [
    "DeleteDrawing",
    "DrawingFileView",
    "DrawingVersionView",
    "DrawingView",
    "EditDrawing",
    "EndPointer",
    "FireLineView",
    "GrowthView",
    "ImportDrawings",
    "ImportedDrawing",
    "MakeDrawing",
    "MakePointer",
    "PointerView",
    "ProposedDrawing",
    "UndoDrawing",
]

MOST_IMPORTED = 300


class MakeDrawing(Content):
    """Draw something on the map of an incident."""

    id: RecordId
    incident_id: RecordId
    t_ms: Milliseconds


class EditDrawing(Content):
    """Put a drawing right; all of it is said anew."""

    id: RecordId
    """Of this act."""
    version: Annotated[int, Field(ge=1)]
    """The version that was looked at."""


class DeleteDrawing(Body):
    """Take a drawing off the map."""

    id: RecordId
    version: Annotated[int, Field(ge=1)] | None = None


class UndoDrawing(Body):
    """Take back one's own last act in an incident."""

    id: RecordId
    incident_id: RecordId


class ImportedDrawing(Content):
    """A drawing out of a file."""

    id: RecordId


class ImportDrawings(Body):
    """Draw what was chosen of a file: one act, taken back as one."""

    id: RecordId
    incident_id: RecordId
    t_ms: Milliseconds
    file_name: Annotated[str, Field(min_length=1, max_length=300)]
    drawings: Annotated[list[ImportedDrawing], Field(min_length=1, max_length=MOST_IMPORTED)]


class DrawingView(View):
    """Something drawn on the map of an incident."""

    id: str
    version: int
    area: str
    incident_id: str
    kind: DrawingKind
    shape: DrawnShape
    label: str
    note: str
    observed_ms: int | None
    source: LineSource | None
    error_m: float | None
    """How far a fire line may be off, one standard deviation, as said or as assumed."""
    length_m: float | None
    """Of an area its perimeter."""
    area_m2: float | None
    area_error_m2: float | None
    state: DrawingState
    made_ms: int
    author_id: str
    author: str
    author_terminal_id: str | None
    edited_ms: int | None
    edited_by: str | None
    deleted_ms: int | None
    deleted_by: str | None
    drill: bool


class DrawingVersionView(View):
    """What a drawing was from some time on."""

    version: int
    t_ms: int
    by: str
    drawing: DrawingView


class GrowthView(View):
    """How a fire grew since an earlier line."""

    from_id: str
    minutes: float
    area_m2_h: float
    area_error_m2_h: float
    advance_m: float
    advance_m_min: float
    advance_error_m_min: float
    side_deg: float | None
    """Where the front advanced most, from the middle of the earlier line."""


class FireLineView(View):
    """A fire line with its figures; the drawing itself has all else."""

    drawing_id: str
    observed_ms: int
    length_m: float
    area_m2: float | None
    """None for a line that is no outline."""
    area_error_m2: float | None
    growth: GrowthView | None
    """Since the last earlier outline of the same fire; None for the first and for open lines."""


class ProposedDrawing(View):
    """Something of a file, as it could be drawn."""

    kind: DrawingKind
    kinds: list[DrawingKind]
    """As what it can be drawn."""
    shape: DrawnShape
    label: str
    note: str
    observed_ms: int | None
    source: LineSource | None
    error_m: float | None
    where: str
    """Where in the file it stands."""
    notes: list[Note]
    """What of it was changed to fit."""


class DrawingFileView(View):
    """What was read from a file, and what was left out of it and why; nothing is stored."""

    file_name: str
    format: str
    drawings: list[ProposedDrawing]
    left_out: list[LeftOut]
    notes: list[Note]


class MakePointer(Body):
    """Tell everybody to look at a place."""

    id: RecordId
    incident_id: RecordId
    t_ms: Milliseconds
    lat_deg: Latitude
    lon_deg: Longitude
    text: Annotated[LongText, Field(max_length=120)] = ""
    minutes: Annotated[int, Field(ge=1, le=60)] = 10
    """For how long it is shown."""


class EndPointer(Body):
    """Take one's own pointer back before it fades."""

    id: RecordId


class PointerView(View):
    """A place that somebody tells everybody to look at."""

    id: str
    version: int
    area: str
    incident_id: str
    lat_deg: float
    lon_deg: float
    text: str
    pointed_ms: int
    until_ms: int
    ended: bool
    author_id: str
    author: str
    author_terminal_id: str | None
    drill: bool
