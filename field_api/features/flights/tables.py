"""Sorties, their steps, orders to nodes, what was flown and said: the tables."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from field_api.contract.messages import Command, FlownSample, SortieState
from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Record, Requested
from field_api.core.texts import told
from mission_plans.plan import SortiePlan

__all__ = [
    "Anomaly",
    "CommandRecord",
    "CommandState",
    "FlownPiece",
    "SortieRecord",
    "SortieStep",
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
