"""Incidents: the tables."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64
from field_api.core.records import Requested

__all__ = ["Incident", "IncidentFigures", "IncidentKind", "IncidentLink", "IncidentState"]


class IncidentKind(StrEnum):
    """What happened."""

    FIRE = "fire"
    MISSING_PEOPLE = "missing_people"
    ACCIDENT = "accident"
    FLOOD = "flood"
    GEOLOGICAL = "geological"
    EARTHQUAKE = "earthquake"
    OTHER = "other"


class IncidentState(StrEnum):
    """Whether it is being dealt with."""

    OPEN = "open"
    CLOSED = "closed"


class Incident(Requested, table=True):
    """Something that happened and is being dealt with."""

    kind: IncidentKind = choice(IncidentKind)
    title: str
    text: str
    lat_deg: float
    lon_deg: float
    drill: bool
    people_missing: int | None = None
    people_found: int | None = None
    people_injured: int | None = None
    state: IncidentState = choice(IncidentState, default=IncidentState.OPEN, index=True)
    opened_ms: int = integer64(index=True)
    opened_by: str
    closed_ms: int | None = integer64(default=None)
    closed_by: str | None = None
    close_reason: str | None = None
    merged_into_id: str | None = Field(default=None, index=True)
    """The incident that goes on for both: this one was a second report of the same event."""


class IncidentFigures(Requested, table=True):
    """How many people were missing, found and injured from one count on; never changed."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    t_ms: int = integer64()
    by: str
    people_missing: int | None = None
    people_found: int | None = None
    people_injured: int | None = None
    note: str = ""


class IncidentLink(SQLModel, table=True):
    """Two incidents that belong together; the smaller id comes first."""

    first_id: str = Field(primary_key=True, foreign_key="incident.id")
    second_id: str = Field(primary_key=True, foreign_key="incident.id", index=True)
