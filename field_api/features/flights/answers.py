"""What nodes tell of flights: steps of sorties, answers to orders, words of vehicles."""

from sqlmodel import col, select

from field_api.contract.messages import CommandOutcome, CommandResult, SortieEvent, VehicleEvent
from field_api.core.change import Change
from field_api.core.services import Services
from field_api.core.texts import Both, both, told
from field_api.features.flights.anomalies import note_step, note_words
from field_api.features.flights.departures import give_up, why_late
from field_api.features.flights.orders import order_start
from field_api.features.flights.tables import (
    CommandRecord,
    CommandState,
    SortieRecord,
    SortieStep,
    VehicleEventRecord,
)
from field_api.features.flights.views import flying_incident

__all__ = ["take_result", "take_sortie_event", "take_vehicle_event"]

REPEAT_MS = 60_000
"""The same words of the same vehicle come onto the timeline once in this time."""

_ENDED = (CommandState.DONE, CommandState.REFUSED, CommandState.FAILED)


def take_sortie_event(_ctx: Services, change: Change, _node_id: str, message: SortieEvent) -> None:
    """Store a sortie's step; an older step than the known one does not turn the state back."""
    change.session.add(
        SortieStep(
            id=message.id,
            sortie_id=message.sortie_id,
            t_ms=message.t_ms,
            state=message.state,
            author=message.author,
            text=message.text,
        )
    )
    row = change.session.get(SortieRecord, message.sortie_id)
    change.record(
        f"sortie.{message.state.value}",
        message.sortie_id,
        incident_id=row.incident_id if row else None,
        refs={
            "vehicle_id": message.vehicle_id,
            "author": message.author,
            "t_ms": str(message.t_ms),
        },
        text="sortie.step",
        vehicle=message.vehicle_id,
        state=both(f"words.sortie.{message.state.value}"),
        detail=told(message.text),
    )
    if row is None or message.t_ms < row.state_t_ms:
        return
    note_step(change, row, row.state, message)
    change.put(row)
    row.state, row.state_t_ms = message.state, message.t_ms
    row.author, row.text = message.author, message.text


def take_result(ctx: Services, change: Change, node_id: str, message: CommandResult) -> None:
    """Store a node's answer; a sortie that waited for its upload is started by it."""
    row = change.session.get(CommandRecord, message.command_id)
    if row is None or row.node_id != node_id:
        change.record("command.unknown", message.command_id, outcome=message.outcome.value)
        return
    # An order may reach its node twice: that it refuses the second says nothing about the first.
    repeated = message.code == "repeated"
    if not repeated and row.state not in _ENDED:
        change.put(row)
        row.state = CommandState(message.outcome.value)
        row.code, row.text = message.code[:80], message.text[:2000]
    accepted = message.outcome is CommandOutcome.ACCEPTED
    change.record(
        f"command.{message.outcome.value}",
        row.id,
        incident_id=None if accepted or repeated else row.incident_id,
        refs={"code": message.code, "author": row.author, "vehicle_id": row.vehicle_id},
        text="command.answered",
        vehicle=row.vehicle_id,
        action=both(f"words.action.{row.action}"),
        outcome=both(f"words.outcome.{message.outcome.value}"),
        detail=told(message.text),
    )
    if row.action == "upload_sortie" and row.state in _ENDED:
        _after_upload(ctx, change, row)


def _after_upload(ctx: Services, change: Change, upload: CommandRecord) -> None:
    sortie = change.session.get(SortieRecord, upload.sortie_id) if upload.sortie_id else None
    if sortie is None or not sortie.start_when_uploaded:
        return
    if upload.state is not CommandState.DONE:
        change.put(sortie)
        sortie.start_when_uploaded = False
        return
    late = why_late(change, sortie)
    if late is not None:
        give_up(change, sortie, late)
    else:
        order_start(ctx, change, sortie, upload.node_id, upload.author)


def take_vehicle_event(
    _ctx: Services, change: Change, _node_id: str, message: VehicleEvent
) -> None:
    """Store what a vehicle said; what is news comes onto the timeline."""
    flying = flying_incident(change.session, message.vehicle_id)
    # What an autopilot chats about, and what it just said, is kept; the timeline is for news.
    news = message.severity != "info" and not _said_lately(change, message)
    change.create(
        VehicleEventRecord(
            **message.model_dump(exclude={"kind"}),
            incident_id=flying,
        )
    )
    change.record(
        f"vehicle.{message.code}",
        message.vehicle_id,
        incident_id=flying if news else None,
        refs={"severity": message.severity, "t_ms": str(message.t_ms)},
        text="vehicle.said",
        vehicle=message.vehicle_id,
        words=Both(message.text_zh, message.text_en),
    )
    note_words(change, message)


def _said_lately(change: Change, message: VehicleEvent) -> bool:
    said = select(VehicleEventRecord.id).where(
        VehicleEventRecord.vehicle_id == message.vehicle_id,
        col(VehicleEventRecord.t_ms) > message.t_ms - REPEAT_MS,
        VehicleEventRecord.code == message.code,
        VehicleEventRecord.text_en == message.text_en,
    )
    return change.session.exec(said.limit(1)).first() is not None
