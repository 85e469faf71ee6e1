"""Who does what at an incident, and which neighbour was told: the tables."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = ["CommandGroup", "Member", "NeighbourNotice", "TellingWay"]


class TellingWay(StrEnum):
    """How a neighbour was told."""

    PHONE = "phone"
    RADIO = "radio"
    SYSTEM = "system"
    """Through the system of the authority above."""
    FAX = "fax"
    IN_PERSON = "in_person"


class Member(BaseModel):
    """Somebody in a group."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str = ""
    contact: str = ""


class CommandGroup(Requested, table=True):
    """A group of the command (工作组) of one incident, by name; every version is kept."""

    __table_args__ = (UniqueConstraint("incident_id", "key"),)

    incident_id: str = Field(foreign_key="incident.id", index=True)
    key: str
    """Of the template's group, or the group's own id where it is in no template."""
    place: int
    """Its place in the list."""
    name: str
    name_en: str
    duty: str
    """What it does."""
    leader: str = ""
    leader_unit: str = ""
    contact: str = ""
    """Telephone or radio call of the leader."""
    members: list[Member] = shape(list[Member])
    changed_ms: int = integer64()
    changed_by: str


class NeighbourNotice(Requested, table=True):
    """A neighbouring district was told of an incident; never changed."""

    incident_id: str = Field(foreign_key="incident.id", index=True)
    neighbour: str
    """Code of the district."""
    name: str
    distance_m: float | None = None
    """From the incident to the shared boundary when it was told; None beyond the reach."""
    told_ms: int = integer64(index=True)
    told_to: str
    """Who took it there."""
    way: TellingWay = choice(TellingWay)
    note: str = ""
    by: str
