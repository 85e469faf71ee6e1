"""Incidents on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Latitude, Longitude, LongText, ShortText, View
from field_api.features.incidents.tables import IncidentKind, IncidentState

__all__ = [
    "CloseIncident",
    "CountPeople",
    "EditIncident",
    "FiguresView",
    "IncidentView",
    "LinkIncident",
    "MergeIncident",
    "OpenIncident",
    "ReopenIncident",
]

AreaCode = Annotated[str, Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")]
People = Annotated[int, Field(ge=0, le=100_000)]


class OpenIncident(Body):
    """A call taken at the duty desk. The caller makes the id; repeating the body is harmless."""

    id: RecordId
    kind: IncidentKind
    title: ShortText
    text: LongText = ""
    lat_deg: Latitude
    lon_deg: Longitude
    area: AreaCode | None = None
    """Whose business it is; None takes the street whose seat is nearest, in one's own areas."""
    drill: bool
    people_missing: People | None = None


class EditIncident(Body):
    """What is put right; what is left out stays as it is."""

    version: Annotated[int, Field(ge=1)]
    """The one that was looked at: an incident changed meanwhile is refused."""
    title: ShortText | None = None
    text: LongText | None = None
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None
    """A place is both of them."""


class CountPeople(Body):
    """How many people it is about now; what is left out stays as it was counted before."""

    id: RecordId
    """The count's, made by the caller; repeating the body is harmless."""
    people_missing: People | None = None
    people_found: People | None = None
    people_injured: People | None = None
    note: LongText = ""
    """Where the figures come from."""


class LinkIncident(Body):
    """The other incident."""

    incident_id: RecordId


class MergeIncident(Body):
    """It is the same event as another open incident, which goes on for both."""

    incident_id: RecordId
    """The one that goes on."""
    text: LongText = ""
    """Why; a merge without a reason is refused."""


class CloseIncident(Body):
    """Why an incident ends; one without a reason is refused."""

    text: LongText = ""


class ReopenIncident(Body):
    """Why a closed incident is dealt with again; one without a reason is refused."""

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
    people_found: int | None
    people_injured: int | None
    state: IncidentState
    opened_ms: int
    opened_by: str
    closed_ms: int | None
    closed_by: str | None
    close_reason: str | None
    """None while it is open, and for those closed before reasons were kept."""
    linked_ids: list[str]
    merged_into_id: str | None
    """The incident that goes on for both."""


class FiguresView(View):
    """What one count said of all people."""

    id: str
    version: int
    area: str
    incident_id: str
    t_ms: int
    by: str
    people_missing: int | None
    people_found: int | None
    people_injured: int | None
    note: str
