"""Orders to aircraft: an order is a record whose event on the tail sends it."""

from typing import TypeVar

from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    CommandBody,
    RallyPoint,
    RetaskSortie,
    StartSortie,
    UploadSortie,
)
from field_api.core.audit.trail import name_of
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.flights.messages import OrderBody
from field_api.features.flights.tables import CommandRecord, CommandState, SortieRecord
from field_api.features.flights.views import AIRBORNE, flying_incident
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.tables import Vehicle
from mission_plans.allocation.return_layers import ReturnLayer
from mission_plans.values.plan import Check, Fence, SearchPlan, Severity

__all__ = [
    "START_WINDOW_MS",
    "fleet_node",
    "is_launching",
    "note_launch",
    "order_sortie",
    "order_start",
    "order_upload",
    "order_vehicle",
    "ordered_before",
    "refuse_busy_vehicles",
    "send_order",
]

B = TypeVar("B", bound=OrderBody)

START_WINDOW_MS = 60_000
"""A take-off this long after its time is given up: people decide anew."""
LONGEST_GAP_MS = 120_000


def fleet_node(ctx: Services, vehicle_id: str) -> str:
    """Return the connected node that flies a vehicle.

    Raises:
        ApiError: 409, no node for it is here.
    """
    node_id = ctx.presence.node_for(vehicle_id)
    if node_id is None:
        raise refuse(409, "fleet_offline", field="vehicle_id", vehicle=vehicle_id)
    return node_id


def refuse_busy_vehicles(session: Session, plan_id: str, vehicle_ids: set[str]) -> None:
    """Refuse while one of the aircraft is in the air for another plan.

    Raises:
        ApiError: 409, naming the aircraft.
    """
    busy = session.exec(
        select(SortieRecord.vehicle_id)
        .where(
            col(SortieRecord.vehicle_id).in_(vehicle_ids),
            SortieRecord.plan_id != plan_id,
            col(SortieRecord.state).in_(AIRBORNE),
        )
        .limit(1)
    ).first()
    if busy is not None:
        raise refuse(409, "vehicle_busy", field="vehicle_ids", vehicle=busy)


def send_order(
    ctx: Services,
    change: Change,
    body: CommandBody,
    *,
    node_id: str,
    author: str,
    area: str = "",
    command_id: str | None = None,
    sortie_id: str | None = None,
    incident_id: str | None = None,
    request_sha256: str = "",
) -> CommandRecord:
    """Keep an order; it is sent once it is committed. The caller records who gave it and why."""
    expires_ms = change.t_ms + int(ctx.settings.command_expiry_s * 1000)
    order = Command(
        id=command_id or new_id(),
        author=author,
        issued_ms=change.t_ms,
        expires_ms=expires_ms,
        body=body,
    )
    return change.create(
        CommandRecord(
            id=order.id,
            area=area,
            node_id=node_id,
            vehicle_id=body.vehicle_id,
            action=body.action,
            sortie_id=sortie_id,
            incident_id=incident_id,
            author=author,
            issued_ms=change.t_ms,
            expires_ms=expires_ms,
            state=CommandState.SENT,
            order=order,
            request_sha256=request_sha256,
        )
    )


def ordered_before(call: Call[B]) -> CommandRecord | None:
    """Return the order that this very request gave its aircraft before, None where it is new.

    Raises:
        ApiError: 404, no such aircraft; 409, another request has the id.
    """
    call.change.get(Vehicle, call.target)
    return call.change.known(CommandRecord, call.body, call.body.id, vehicle_id=call.target)


def order_vehicle(call: Call[B], order: CommandBody) -> CommandRecord:
    """Keep a person's order to one aircraft, which counts for the incident it flies for.

    Ask `ordered_before` first. The caller records what was ordered.

    Raises:
        ApiError: 409, the aircraft's fleet node is not connected.
    """
    change, body = call.change, call.body
    vehicle = change.get(Vehicle, call.target)
    return send_order(
        call.ctx,
        change,
        order,
        node_id=fleet_node(call.ctx, vehicle.id),
        author=call.who.actor.id,
        area=vehicle.area,
        command_id=body.id,
        incident_id=flying_incident(change.session, vehicle.id),
        request_sha256=digest(body),
    )


def _as_overridden(check: Check, reason: str) -> Check:
    """Return a failed blocking check as the commander decided it: known, and no longer blocking.

    The fleet node refuses a failed blocking check; the override travels with the check itself.
    """
    if check.passed or check.severity is not Severity.BLOCK:
        return check
    words = both("words.overridden", reason=reason)
    return check.model_copy(
        update={
            "severity": Severity.CAUTION,
            "text_zh": f"{check.text_zh}{words.zh}",
            "text_en": f"{check.text_en} {words.en}",
        }
    )


def _checks_as_overridden(record: PlanRecord, plan: SearchPlan) -> list[Check]:
    """Return a plan's checks as they count for its aircraft: as the commander decided them."""
    reason = record.override_reason
    return [_as_overridden(check, reason) for check in plan.checks] if reason else plan.checks


def note_launch(change: Change, record: PlanRecord, author: Actor) -> None:
    """Mark a plan as launched; who did so first, and when, stays."""
    change.put(record)
    record.state = PlanState.LAUNCHED
    if record.launched_ms is None:
        record.launched_ms, record.launched_by = change.t_ms, author.name


def order_sortie(
    ctx: Services,
    change: Change,
    kind: type[UploadSortie] | type[RetaskSortie],
    row: SortieRecord,
    record: PlanRecord,
    plan: SearchPlan,
    fences: list[Fence],
    rally: list[RallyPoint],
    layer: ReturnLayer | None,
    author: Actor,
) -> None:
    """Give an aircraft a sortie of its plan, with all that it needs on board. Not recorded yet.

    Raises:
        ApiError: 409, the aircraft's fleet node is not connected.
    """
    send_order(
        ctx,
        change,
        kind(
            vehicle_id=row.vehicle_id,
            sortie=row.sortie,
            checks=_checks_as_overridden(record, plan),
            fences=fences,
            rally=rally,
            max_agl_m=plan.request.max_agl_m,
            return_amsl_m=layer and layer.amsl_m,
        ),
        node_id=fleet_node(ctx, row.vehicle_id),
        author=author.id,
        area=row.area,
        sortie_id=row.id,
        incident_id=row.incident_id,
    )


def order_upload(
    ctx: Services,
    change: Change,
    row: SortieRecord,
    record: PlanRecord,
    plan: SearchPlan,
    fences: list[Fence],
    rally: list[RallyPoint],
    layer: ReturnLayer | None,
    author: Actor,
) -> None:
    """Order a sortie's upload; its start follows when the node reports it read back.

    Raises:
        ApiError: 409, the aircraft's fleet node is not connected.
    """
    change.put(row)
    row.start_when_uploaded = True
    order_sortie(ctx, change, UploadSortie, row, record, plan, fences, rally, layer, author)
    change.record(
        "sortie.launch_ordered",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": row.vehicle_id},
        vehicle=row.vehicle_id,
        number=row.order_index + 1,
    )
    if layer is not None and not layer.apart:
        change.record(
            "sortie.return_shared",
            row.id,
            incident_id=row.incident_id,
            refs={"vehicle_id": row.vehicle_id},
            vehicle=row.vehicle_id,
        )


def order_start(
    ctx: Services, change: Change, sortie: SortieRecord, node_id: str, author: str
) -> None:
    """Order the take-off of an uploaded sortie, in the name of who launched the plan.

    The node keeps its window: it waits for the time, and does nothing once that has passed.
    """
    change.put(sortie)
    sortie.start_when_uploaded = False
    due_ms = sortie.start_due_ms or change.t_ms
    send_order(
        ctx,
        change,
        StartSortie(
            vehicle_id=sortie.vehicle_id,
            sortie_id=sortie.id,
            not_before_ms=due_ms,
            not_after_ms=due_ms + START_WINDOW_MS,
            gap_s=_gap_s(change.session, sortie),
        ),
        node_id=node_id,
        author=author,
        area=sortie.area,
        sortie_id=sortie.id,
        incident_id=sortie.incident_id,
    )
    change.record(
        "sortie.start_ordered",
        sortie.id,
        incident_id=sortie.incident_id,
        refs={"vehicle_id": sortie.vehicle_id},
        actor=Actor(author, name_of(change.session, author), "command post"),
        vehicle=sortie.vehicle_id,
    )


def _gap_s(session: Session, sortie: SortieRecord) -> float:
    """Return how far apart the plan lets its aircraft take off, 0 where all may at once."""
    dues = session.exec(
        select(SortieRecord.start_due_ms).where(
            SortieRecord.plan_id == sortie.plan_id,
            SortieRecord.id != sortie.id,
            col(SortieRecord.start_due_ms).is_not(None),
        )
    )
    own_ms = sortie.start_due_ms or 0
    gaps_ms = [abs(due_ms - own_ms) for due_ms in dues if due_ms is not None]
    return min([*gaps_ms, LONGEST_GAP_MS]) / 1000 if gaps_ms else 0.0


def is_launching(session: Session, sortie: SortieRecord) -> bool:
    """Whether a sortie's upload or take-off is ordered and not yet answered."""
    if sortie.start_when_uploaded:
        return True
    waiting = select(CommandRecord.id).where(
        CommandRecord.sortie_id == sortie.id,
        col(CommandRecord.action).in_(("upload_sortie", "start_sortie")),
        col(CommandRecord.state).in_((CommandState.SENT, CommandState.ACCEPTED)),
    )
    return session.exec(waiting.limit(1)).first() is not None
