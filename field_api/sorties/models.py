"""Sorties, their events and the orders sent to nodes: tables and wire shapes."""

from typing import Literal

from sqlmodel import Field, SQLModel

from field_api.contract.ids import RecordId
from field_api.contract.messages import CommandOutcome, SortieState
from field_api.wire import Body, View
from mission_plans.plan import SortiePlan

__all__ = [
    "CommandRecord",
    "CommandState",
    "CommandView",
    "SortieRecord",
    "SortieStep",
    "SortieView",
    "VehicleAction",
    "VehicleOrder",
]

VehicleAction = Literal["pause", "resume", "return", "land"]
CommandState = Literal["sent", "accepted", "done", "refused", "failed", "unanswered"]


class SortieRecord(SQLModel, table=True):
    """One authorised flight."""

    id: str = Field(primary_key=True)
    plan_id: str = Field(index=True, foreign_key="planrecord.id")
    incident_id: str = Field(index=True, foreign_key="incident.id")
    vehicle_id: str = Field(index=True)
    order_index: int
    state: str
    state_t_ms: int
    """Time of the event that set the state; older events don't change it back."""
    author: str
    text: str = ""
    sortie_json: str
    start_when_uploaded: bool = False
    start_due_ms: int | None = None
    """Not to take off before: aircraft of one plan keep apart and relieve each other by it."""


class SortieStep(SQLModel, table=True):
    """One event of a sortie, stored once by the node's id."""

    id: str = Field(primary_key=True)
    sortie_id: str = Field(index=True)
    t_ms: int
    state: str
    author: str
    text: str


class CommandRecord(SQLModel, table=True):
    """An order to a node and what became of it."""

    id: str = Field(primary_key=True)
    node_id: str
    vehicle_id: str = Field(index=True)
    action: str
    sortie_id: str | None = None
    incident_id: str | None = None
    author: str
    issued_ms: int
    expires_ms: int
    state: str = Field(index=True)
    code: str = ""
    text: str = ""
    request_sha256: str = ""


class VehicleOrder(Body):
    """An order to one vehicle; the caller makes the id."""

    id: RecordId
    action: VehicleAction


class SortieView(View):
    """A sortie."""

    id: str
    plan_id: str
    incident_id: str
    vehicle_id: str
    order: int
    state: SortieState
    state_t_ms: int
    author: str
    text: str
    start_due_ms: int | None
    """When the aircraft takes off by the plan; None before launch."""
    sortie: SortiePlan


class CommandView(View):
    """An order and its outcome."""

    id: str
    node_id: str
    vehicle_id: str
    action: str
    sortie_id: str | None
    incident_id: str | None
    author: str
    issued_ms: int
    expires_ms: int
    state: CommandState
    code: str
    text: str


def command_state(outcome: CommandOutcome) -> CommandState:
    """Return the state that a node's answer puts an order in."""
    match outcome:
        case CommandOutcome.ACCEPTED:
            return "accepted"
        case CommandOutcome.DONE:
            return "done"
        case CommandOutcome.REFUSED:
            return "refused"
        case CommandOutcome.FAILED:
            return "failed"
