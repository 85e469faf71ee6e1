"""Incidents: tables and wire shapes."""

from typing import Annotated, Literal

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.contract.ids import RecordId
from field_api.wire import Body, Latitude, Longitude, LongText, ShortText, View

__all__ = [
    "CloseIncident",
    "Incident",
    "IncidentKind",
    "IncidentLink",
    "IncidentState",
    "IncidentView",
    "LinkIncident",
    "OpenIncident",
]

IncidentKind = Literal[
    "fire", "missing_people", "accident", "flood", "geological", "earthquake", "other"
]
IncidentState = Literal["open", "closed"]


class Incident(SQLModel, table=True):
    """Something that happened and is being dealt with."""

    id: str = Field(primary_key=True)
    kind: str
    title: str
    text: str
    lat_deg: float
    lon_deg: float
    drill: bool
    people_missing: int | None = None
    state: str = Field(default="open", index=True)
    opened_ms: int
    opened_by: str
    closed_ms: int | None = None
    closed_by: str | None = None
    request_sha256: str


class IncidentLink(SQLModel, table=True):
    """Two incidents that belong together; the smaller id comes first."""

    first_id: str = Field(primary_key=True, foreign_key="incident.id")
    second_id: str = Field(primary_key=True, foreign_key="incident.id")


class OpenIncident(Body):
    """A call taken at the duty desk. The caller makes the id; repeating the body is harmless."""

    id: RecordId
    kind: IncidentKind
    title: ShortText
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    drill: bool
    people_missing: Annotated[int, Limited(ge=0, le=100_000)] | None = None


class LinkIncident(Body):
    """The other incident."""

    incident_id: RecordId


class CloseIncident(Body):
    """Why an incident ends."""

    text: LongText = ""


class IncidentView(View):
    """An incident."""

    id: str
    kind: IncidentKind
    title: str
    text: str
    lat_deg: float
    lon_deg: float
    drill: bool
    people_missing: int | None
    state: IncidentState
    opened_ms: int
    opened_by: str
    closed_ms: int | None
    closed_by: str | None
    first_report_due_ms: int
    """The first report (首报) is due to the next level one hour after opening."""
    second_report_due_ms: int
    """And one level up within two hours (生产安全事故报告条例 9, 11)."""
    linked_ids: list[str]
