"""The durable inbox: every message stored exactly once by its id, together with what it means."""

from dataclasses import dataclass

from sqlmodel import col, select

from field_api.audit.models import AuditEntry
from field_api.contract.link import Durable, DurableBody
from field_api.contract.messages import (
    CommandResult,
    Detection,
    FlownTrack,
    SortieEvent,
    VehicleEvent,
)
from field_api.detections.records import EvidenceError, store_detection, strip_evidence
from field_api.flown.records import store_flown
from field_api.media.models import Media
from field_api.nodes.models import ReceivedMessage
from field_api.services import Services
from field_api.sorties.records import apply_result, apply_sortie_event, flying_incident
from field_api.store import Actor, Change

__all__ = ["Rejection", "store_batch"]


REPEAT_MS = 60_000
"""The same words of the same vehicle come onto the timeline once in this time."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A message that can never be stored, and why."""

    seq: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    seq: int
    message: DurableBody
    media: list[Media]


def store_batch(
    ctx: Services, node_id: str, source: str, batch: list[Durable]
) -> tuple[list[int], list[Rejection]]:
    """Store messages in one transaction; call from a worker thread.

    Returns:
        The sequence numbers that are on disk now, repeated ones included, and the rejected.
        Where this raises, nothing of the batch is stored.
    """
    prepared: list[_Prepared] = []
    rejected: list[Rejection] = []
    for item in batch:
        try:
            prepared.append(_prepare(ctx, item))
        except EvidenceError as error:
            rejected.append(Rejection(item.seq, "bad_evidence", str(error)))
    if prepared:
        actor = Actor(f"node:{node_id}", node_id, source)
        with ctx.store.change(actor) as change:
            for item in prepared:
                if change.session.get(ReceivedMessage, item.message.id) is None:
                    _store(ctx, change, node_id, item)
    return [item.seq for item in prepared], rejected


def _prepare(ctx: Services, item: Durable) -> _Prepared:
    """Put pictures on disk before the transaction, which then is short."""
    if isinstance(item.message, Detection):
        message, media = strip_evidence(item.message, ctx.media)
        return _Prepared(item.seq, message, media)
    return _Prepared(item.seq, item.message, [])


def _store(ctx: Services, change: Change, node_id: str, item: _Prepared) -> None:
    message = item.message
    change.session.add(
        ReceivedMessage(
            id=message.id,
            kind=message.kind,
            node_id=node_id,
            t_ms=message.t_ms,
            received_ms=change.t_ms,
            body_json=message.model_dump_json(),
        )
    )
    match message:
        case Detection():
            store_detection(ctx, change, node_id, message, item.media)
        case SortieEvent():
            apply_sortie_event(ctx, change, message)
        case FlownTrack():
            store_flown(ctx, change, message)
        case VehicleEvent():
            _store_vehicle_event(ctx, change, message)
        case CommandResult():
            apply_result(ctx, change, node_id, message)
    change.session.flush()


def _said_lately(change: Change, action: str, text_en: str) -> bool:
    entries = select(AuditEntry.seq).where(
        col(AuditEntry.t_ms) > change.t_ms - REPEAT_MS,
        AuditEntry.action == action,
        AuditEntry.text_en == text_en,
        col(AuditEntry.incident_id).is_not(None),
    )
    return change.session.exec(entries.limit(1)).first() is not None


def _store_vehicle_event(ctx: Services, change: Change, message: VehicleEvent) -> None:
    action, text_en = f"vehicle.{message.code}", f"{message.vehicle_id}: {message.text_en}"
    # What an autopilot chats about, and what it just said, is kept; the timeline is for news.
    serious = message.severity != "info" and not _said_lately(change, action, text_en)
    change.record(
        action,
        message.vehicle_id,
        f"{message.vehicle_id}:{message.text_zh}",
        text_en,
        incident_id=flying_incident(change.session, message.vehicle_id) if serious else None,
        refs={"severity": message.severity, "t_ms": str(message.t_ms)},
    )
    change.after_commit(lambda: ctx.live.publish("vehicle_event", message))
