"""The roster on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.core.wire import Body, LongText, ShortText, View
from field_api.features.roster.tables import TerminalKind
from mission_plans.values.plan import AircraftSpec, Fence

__all__ = [
    "AirspaceView",
    "ApprovalBody",
    "PointView",
    "RosterView",
    "TeamView",
    "TerminalView",
    "VehicleView",
]


class VehicleView(View):
    """An aircraft of the roster."""

    vehicle_id: str
    version: int
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
    version: int
    area: str
    holder: str
    holder_en: str
    kind: TerminalKind
    team_id: str | None
    phone: str | None
    user_id: str | None
    lat_deg: float | None
    lon_deg: float | None
    position_t_ms: int | None


class TeamView(View):
    """A team of the roster."""

    team_id: str
    version: int
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


class AirspaceView(View):
    """An airspace boundary and the version of its entry."""

    id: str
    version: int
    fence: Fence


class RosterView(View):
    """Everything that can be sent or planned with."""

    vehicles: list[VehicleView]
    terminals: list[TerminalView]
    teams: list[TeamView]
    points: list[PointView]
    fences: list[Fence]


class ApprovalBody(Body):
    """An approval of the aviation authority for a controlled area."""

    approval_id: Annotated[ShortText, Field(pattern=r"^\S+$")]
    text: LongText = ""
