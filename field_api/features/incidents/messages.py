"""Incidents on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Latitude, Longitude, LongText, ShortText, View
from field_api.features.incidents.tables import IncidentKind, IncidentState

__all__ = ["CloseIncident", "IncidentView", "LinkIncident", "OpenIncident"]


class OpenIncident(Body):
    """A call taken at the duty desk. The caller makes the id; repeating the body is harmless."""

    id: RecordId
    kind: IncidentKind
    title: ShortText
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    area: Annotated[str, Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")] | None = None
    """Whose business it is; None takes the street whose seat is nearest, in one's own areas."""
    drill: bool
    people_missing: Annotated[int, Field(ge=0, le=100_000)] | None = None


class LinkIncident(Body):
    """The other incident."""

    incident_id: RecordId


class CloseIncident(Body):
    """Why an incident ends."""

    text: LongText = ""


class IncidentView(View):
    """An incident."""

    id: str
    version: int
    area: str
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
