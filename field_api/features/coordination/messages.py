"""Command groups and neighbours on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds, Name, ShortText, View
from field_api.features.coordination.tables import Member, TellingWay
from field_api.features.coordination.templates import Template

__all__ = [
    "CoordinationView",
    "EditGroup",
    "GroupVersion",
    "GroupView",
    "NeighbourView",
    "NoticeView",
    "SetUpGroup",
    "TellNeighbour",
]

Words = Annotated[str, Field(max_length=120)]
District = Annotated[str, Field(pattern=r"^\d{6}$")]


class MemberBody(Body):
    """Somebody in a group."""

    name: ShortText
    unit: Words = ""
    contact: Words = ""


class _Filled(Body):
    leader: Words = ""
    leader_unit: Words = ""
    contact: Words = ""
    members: Annotated[list[MemberBody], Field(max_length=60)] = Field(default=[])


class SetUpGroup(_Filled):
    """A group of the kind's template, or one of a name of its own."""

    id: RecordId
    key: Name | None = None
    """Of the template's group."""
    name: Words = ""
    """Of a group that is in no template."""
    duty: Annotated[str, Field(max_length=400)] = ""


class EditGroup(_Filled):
    """Who is in the group now, all of it."""

    version: Annotated[int, Field(ge=1)]


class TellNeighbour(Body):
    """A neighbour was told."""

    id: RecordId
    neighbour: District
    told_ms: Milliseconds
    told_to: ShortText
    """Who took it there, by name or post."""
    way: TellingWay
    note: LongText = ""


class GroupView(View):
    """A group of the command."""

    id: str
    version: int
    area: str
    incident_id: str
    key: str
    place: int
    name: str
    name_en: str
    duty: str
    leader: str
    leader_unit: str
    contact: str
    members: list[Member]
    changed_ms: int
    changed_by: str


class GroupVersion(View):
    """A group as it was at one time."""

    version: int
    t_ms: int
    by: str
    leader: str
    leader_unit: str
    contact: str
    members: list[Member]


class NeighbourView(View):
    """A neighbour of the joint plan, and how near its boundary is."""

    code: str
    name: str
    name_en: str
    distance_m: float | None
    """None beyond the reach of 2 km."""
    bearing_deg: float | None


class NoticeView(View):
    """A neighbour was told."""

    id: str
    version: int
    area: str
    incident_id: str
    neighbour: str
    name: str
    distance_m: float | None
    told_ms: int
    told_to: str
    way: TellingWay
    note: str
    by: str


class CoordinationView(View):
    """The command of an incident, and its neighbours: those within reach first."""

    template: Template
    groups: list[GroupView]
    neighbours: list[NeighbourView]
    notices: list[NoticeView]
