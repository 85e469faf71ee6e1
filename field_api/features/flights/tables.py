"""Sorties, their steps, orders to nodes, what was flown and said: the tables."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.contract.messages import Command, FlownSample, SortieState
from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested
from field_api.core.texts import told
from mission_plans.values.plan import GeoPoint, SortiePlan

__all__ = [
    "Anomaly",
    "CommandRecord",
    "CommandState",
    "FlownPiece",
    "SortieRecord",
    "SortieStep",
    "Station",
    "StationState",
    "VehicleEventRecord",
    "WatchedSpan",
]


class CommandState(StrEnum):
    """What became of an order."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    UNANSWERED = "unanswered"


class Said(SQLModel):
    """What a node said last, in one text; read by language."""

    text: str = ""

    @property
    def text_zh(self) -> str:
        """In Chinese where the node said that."""
        return told(self.text).zh

    @property
    def text_en(self) -> str:
        """In English where the node said that."""
        return told(self.text).en


class SortieRecord(Record, Said, table=True):
    """One authorised flight."""

    plan_id: str = Field(index=True, foreign_key="planrecord.id")
    incident_id: str = Field(index=True, foreign_key="incident.id")
    vehicle_id: str = Field(index=True)
    order_index: int
    state: SortieState = choice(SortieState, index=True)
    state_t_ms: int = integer64()
    """Time of the event that set the state; older events don't change it back."""
    author: str
    sortie: SortiePlan = shape(SortiePlan)
    start_when_uploaded: bool = Field(default=False, index=True)
    start_due_ms: int | None = integer64(default=None)
    """Not to take off before: aircraft of one plan keep apart and relieve each other by it."""


class SortieStep(SQLModel, table=True):
    """One event of a sortie, stored once by the node's id."""

    id: str = Field(primary_key=True)
    sortie_id: str = Field(index=True)
    t_ms: int = integer64()
    state: str
    author: str
    text: str


class CommandRecord(Requested, Said, table=True):
    """An order to a node and what became of it; the tail sends it."""

    __table_args__ = (Index("ix_commandrecord_sortie_action", "sortie_id", "action"),)

    node_id: str = Field(index=True)
    vehicle_id: str = Field(index=True)
    action: str
    sortie_id: str | None = None
    incident_id: str | None = None
    author: str
    issued_ms: int = integer64()
    expires_ms: int = integer64()
    state: CommandState = choice(CommandState, index=True)
    code: str = ""
    abort_id: str | None = Field(default=None, index=True)
    """Given together with the others of this id, to everybody."""
    order: Command | None = shape(Command | None, default=None)
    """As the node gets it; None for orders of an earlier version of this program."""


class StationState(StrEnum):
    """How far a watch with reliefs has come."""

    WATCHING = "watching"
    """An aircraft is on it, or on the way to it."""
    ENDING = "ending"
    """Somebody ended it while a relief was on its way: that is called off within a second."""
    OVER = "over"


class Station(Requested, table=True):
    """A place that aircraft watch one after another (story O11)."""

    incident_id: str = Field(index=True, foreign_key="incident.id")
    place: GeoPoint = shape(GeoPoint)
    bearing_deg: float
    """From the place to where the aircraft on it now hovers; the next one hovers opposite."""
    radius_m: float
    height_agl_m: float
    """Of the aircraft on it, above the ground where it hovers."""
    other_height_agl_m: float
    """Of the next one: apart from the first (O12)."""
    vehicle_id: str = Field(index=True)
    """On it, or on the way to it as the first."""
    order_id: str
    """The order that sent it there; a watch that its node refuses is none."""
    reliefs: list[str] = shape(list[str])
    """Who comes next, in order; the first of them may be on its way."""
    relief_sortie_id: str | None = None
    """What the relief takes off with; None while nobody is on the way."""
    relief_ordered_ms: int | None = integer64(default=None)
    relief_order_id: str | None = None
    """Its flight to the place, once it is in the air."""
    relief_tries: int = 0
    relief_due_ms: int | None = integer64(default=None)
    """When the next one is sent, as it looks now; None when nobody is there to be sent."""
    turn_home_ms: int | None = integer64(default=None)
    """When the one on it must turn home, as it looks now."""
    unwatched_ms: int | None = integer64(default=None)
    """Since when nobody is on it, None while somebody is."""
    warned: bool = False
    """It was told that nobody is left to relieve the one on it."""
    state: StationState = choice(StationState, index=True)
    author: str


class Anomaly(Record, table=True):
    """What went wrong on a flight and must be reported (Art. 40); its id is the sortie's."""

    vehicle_id: str
    incident_id: str = Field(index=True)
    code: str
    text_zh: str
    text_en: str
    t_ms: int = integer64()
    landed_ms: int | None = integer64(default=None)
    """None while it has not landed, as far as anybody knows."""
    due_ms: int = integer64(index=True)
    warned: int = 0
    """How often people were told that it is due: soon, and overdue."""
    text: str | None = None
    """What the report says besides the record."""
    reported_ms: int | None = integer64(default=None, index=True)
    reported_by: str | None = None
    document_sha256: str | None = None


class FlownPiece(Record, table=True):
    """A piece of a sortie as flown, stored once by the node's id."""

    sortie_id: str = Field(index=True)
    incident_id: str | None = Field(default=None, index=True)
    vehicle_id: str
    last_ms: int = integer64()
    samples: list[FlownSample] = shape(list[FlownSample])
    watched: list[bool] = shape(list[bool])
    """For every sample whether the aircraft's video was live and analysed at that moment."""


class WatchedSpan(SQLModel, table=True):
    """A time in which an aircraft's video was live and under analysis."""

    vehicle_id: str = Field(primary_key=True)
    from_ms: int = integer64(primary_key=True)
    to_ms: int = integer64(index=True)


class VehicleEventRecord(Record, table=True):
    """Something a vehicle said or did: failsafe, guard, status text."""

    __table_args__ = (Index("ix_vehicleevent_vehicle_t", "vehicle_id", "t_ms"),)

    t_ms: int = integer64(index=True)
    vehicle_id: str
    incident_id: str | None = Field(default=None, index=True)
    severity: str
    code: str
    text_zh: str
    text_en: str
    source: str = ""
