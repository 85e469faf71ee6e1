"""What the district has: tables as seeded, views as clients read them."""

from typing import Annotated, Literal

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.wire import Body, LongText, ShortText, View
from mission_plans.plan import AircraftSpec, Fence

__all__ = [
    "ApprovalBody",
    "FenceRecord",
    "Point",
    "PointView",
    "RosterView",
    "Team",
    "TeamView",
    "Terminal",
    "TerminalKind",
    "TerminalView",
    "Vehicle",
    "VehicleView",
]

TerminalKind = Literal["enforcement", "command_handheld", "command_case", "reporter_phone"]


class Vehicle(SQLModel, table=True):
    """An aircraft."""

    vehicle_id: str = Field(primary_key=True)
    name: str
    name_en: str
    kind: str
    base: str
    """Point id of its launch site."""
    sysid: int
    spec_json: str
    stream_id: str | None = None


class Terminal(SQLModel, table=True):
    """A handheld."""

    terminal_id: str = Field(primary_key=True)
    holder: str
    holder_en: str
    kind: str
    team_id: str | None = None


class Team(SQLModel, table=True):
    """A rescue team."""

    team_id: str = Field(primary_key=True)
    name: str
    name_en: str
    people: int
    station: str


class Point(SQLModel, table=True):
    """A named place of the scenario."""

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    lat_deg: float
    lon_deg: float


class FenceRecord(SQLModel, table=True):
    """An airspace boundary."""

    id: str = Field(primary_key=True)
    fence_json: str


class VehicleView(View):
    """An aircraft of the roster."""

    vehicle_id: str
    name: str
    name_en: str
    kind: str
    base: str
    sysid: int
    spec: AircraftSpec
    stream_id: str | None


class TerminalView(View):
    """A handheld of the roster; position and time are None until it reported one."""

    terminal_id: str
    holder: str
    holder_en: str
    kind: TerminalKind
    team_id: str | None
    user_id: str | None
    lat_deg: float | None
    lon_deg: float | None
    position_t_ms: int | None


class TeamView(View):
    """A team of the roster."""

    team_id: str
    name: str
    name_en: str
    people: int
    station: str


class PointView(View):
    """A named place."""

    id: str
    name_zh: str
    name_en: str
    lat_deg: float
    lon_deg: float


class RosterView(View):
    """Everything that can be sent or planned with."""

    vehicles: list[VehicleView]
    terminals: list[TerminalView]
    teams: list[TeamView]
    points: list[PointView]
    fences: list[Fence]


class ApprovalBody(Body):
    """An approval of the aviation authority for a controlled area."""

    approval_id: Annotated[ShortText, Limited(pattern=r"^\S+$")]
    text: LongText = ""
