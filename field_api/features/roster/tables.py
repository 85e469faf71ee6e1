"""What the district has: aircraft, pilots, teams, handhelds, places and airspace."""

from enum import StrEnum

from sqlmodel import Field

from field_api.core.columns import choice, shape
from field_api.core.records import Record
from mission_plans.values.plan import AircraftSpec, Fence

__all__ = ["Airspace", "Pilot", "Point", "Team", "Terminal", "TerminalKind", "Vehicle"]


class Vehicle(Record, table=True):
    """An aircraft; its id is its name on the field link."""

    name: str
    name_en: str
    kind: str
    base: str
    """Point id of its launch site."""
    sysid: int
    spec: AircraftSpec = shape(AircraftSpec)
    product_code: str | None = None
    """Unique product identification code (唯一产品识别码), 20 characters."""
    registration: str | None = None
    """Real-name registration mark (实名登记标志)."""
    weight_class: str | None = None
    """By the interim regulation on unmanned flight, Art. 62: one of `WEIGHT_CLASSES`."""
    camera: str | None = None
    """Make and model of what it films with."""
    battery_model: str | None = None
    battery_cycles: int | None = None
    """Charges of the worst battery flown with it."""
    stream_id: str | None = Field(default=None, index=True)


class Pilot(Record, table=True):
    """A pilot and the licence that says what may be flown."""

    name: str
    licence: str = ""
    licence_class: str = ""
    expires_on: str | None = None
    """YYYY-MM-DD."""
    username: str | None = None
    """The account the pilot signs in with."""


class TerminalKind(StrEnum):
    """What a handheld is used as."""

    ENFORCEMENT = "enforcement"
    COMMAND_HANDHELD = "command_handheld"
    COMMAND_CASE = "command_case"
    REPORTER_PHONE = "reporter_phone"


class Terminal(Record, table=True):
    """A handheld; its id is painted on it."""

    holder: str
    holder_en: str
    kind: TerminalKind = choice(TerminalKind)
    team_id: str | None = None
    phone: str | None = None
    """Whom to ring when its holder calls for help."""


class Team(Record, table=True):
    """A rescue team."""

    name: str
    name_en: str
    people: int
    station: str


class Point(Record, table=True):
    """A named place."""

    name_zh: str
    name_en: str
    lat_deg: float
    lon_deg: float
    rally: bool | None = None
    """Whether an aircraft may come home to it instead of its launch point."""


class Airspace(Record, table=True):
    """An airspace boundary."""

    fence: Fence = shape(Fence)
