"""Abort all: everybody of one's areas comes down, by one change: whole, or not at all."""

from typing import Literal

from sqlmodel import Session, col, or_, select

from field_api.contract.messages import (
    CommandBody,
    LandVehicle,
    PauseVehicle,
    ReturnVehicle,
    SortieState,
    VehicleState,
)
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.flights.departures import keep_on_ground
from field_api.features.flights.heard import newest_state
from field_api.features.flights.leaving_watch import leave_watch
from field_api.features.flights.messages import AbortFlights, AbortView
from field_api.features.flights.orders import send_order
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.tables import CommandRecord, CommandState, SortieRecord
from field_api.features.flights.views import AIRBORNE, command_views, flying_incident
from field_api.features.roster.tables import Vehicle

__all__ = ["ABORT", "abort_view"]

FRESH_MS = 10_000
"""A state older than this says no more how an aircraft is now."""

How = Literal["return", "land"]


def _abort(call: Call[AbortFlights]) -> CommandRecord:
    """Order every aircraft of one's areas down: who flies comes home or lands, who waits stays.

    One order for each, all in this one change. An aircraft whose node is not here gets none and is
    shown as unanswered: it keeps nobody else in the air.
    """
    ctx, change, body = call.ctx, call.change, call.body
    known = _orders_of(change.session, body.id)
    if known:
        if known[0].request_sha256 != digest(body):
            raise refuse(409, "id_taken", field="id")
        change.repeated = True
        return known[0]
    rows = [
        _order(call, vehicle, wanted)
        for vehicle in change.session.exec(select(Vehicle).order_by(col(Vehicle.id))).all()
        if (wanted := _wanted(ctx, change.session, vehicle.id, body.how)) is not None
    ]
    if not rows:
        raise refuse(409, "nobody_flies")
    return rows[0]


def _wanted(ctx: Services, session: Session, vehicle_id: str, how: How) -> CommandBody | None:
    """Return what is ordered of an aircraft; None where it stands and waits for nothing."""
    state = newest_state(ctx, vehicle_id)
    if (state is not None and state.armed) or _has_sortie(
        session, vehicle_id, (SortieState.STARTING,) if _is_known(ctx, state) else AIRBORNE
    ):
        if state is not None and state.mode == "LAND" and how == "return":
            # On the way down already: it may have no battery left for the way home.
            return None
        return (ReturnVehicle if how == "return" else LandVehicle)(vehicle_id=vehicle_id)
    return PauseVehicle(vehicle_id=vehicle_id) if _waits(session, vehicle_id) else None


def _is_known(ctx: Services, state: VehicleState | None) -> bool:
    """Whether it is known how an aircraft is now; if not, what its node told last counts."""
    return state is not None and ctx.clock() - state.t_ms < FRESH_MS


def _has_sortie(session: Session, vehicle_id: str, states: tuple[SortieState, ...]) -> bool:
    query = select(SortieRecord.id).where(
        SortieRecord.vehicle_id == vehicle_id, col(SortieRecord.state).in_(states)
    )
    return session.exec(query.limit(1)).first() is not None


def _waits(session: Session, vehicle_id: str) -> bool:
    """Whether an upload or a take-off is ordered and not over."""
    sortie = select(SortieRecord.id).where(
        SortieRecord.vehicle_id == vehicle_id,
        or_(
            col(SortieRecord.start_when_uploaded).is_(True),
            SortieRecord.state == SortieState.UPLOADING,
        ),
    )
    order = select(CommandRecord.id).where(
        CommandRecord.vehicle_id == vehicle_id,
        col(CommandRecord.action).in_(("upload_sortie", "start_sortie")),
        col(CommandRecord.state).in_((CommandState.SENT, CommandState.ACCEPTED)),
    )
    return any(session.exec(query.limit(1)).first() is not None for query in (sortie, order))


def _incident_of(session: Session, vehicle_id: str) -> str | None:
    """Return the incident that an aircraft flies for, or was last ordered something for."""
    newest = (
        select(CommandRecord.incident_id)
        .where(CommandRecord.vehicle_id == vehicle_id, col(CommandRecord.incident_id).is_not(None))
        .order_by(col(CommandRecord.issued_ms).desc())
    )
    return flying_incident(session, vehicle_id) or session.exec(newest.limit(1)).first()


def _order(call: Call[AbortFlights], vehicle: Vehicle, wanted: CommandBody) -> CommandRecord:
    ctx, change, body = call.ctx, call.change, call.body
    incident_id = _incident_of(change.session, vehicle.id)
    leave_watch(change, vehicle.id)
    keep_on_ground(change, vehicle.id)
    node_id = ctx.presence.node_for(vehicle.id)
    row = send_order(
        ctx,
        change,
        wanted,
        node_id=node_id or "",
        author=call.who.actor.id,
        area=vehicle.area,
        incident_id=incident_id,
        request_sha256=digest(body),
    )
    row.abort_id = body.id
    if node_id is None:
        row.state, row.code = CommandState.UNANSWERED, "fleet_offline"
        words = both("errors.fleet_offline", vehicle=vehicle.id)
        row.text = f"{words.zh} / {words.en}"
    _say(change, row, unsent=node_id is None)
    return row


def _say(change: Change, row: CommandRecord, *, unsent: bool) -> None:
    how = row.action.removesuffix("_vehicle")
    change.record(
        "vehicle.abort_unsent" if unsent else "vehicle.abort",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": row.vehicle_id, "abort_id": row.abort_id or ""},
        vehicle=row.vehicle_id,
        action=both(f"words.order.{how}"),
    )


def _orders_of(session: Session, abort_id: str) -> list[CommandRecord]:
    query = select(CommandRecord).where(CommandRecord.abort_id == abort_id)
    return list(session.exec(query.order_by(col(CommandRecord.vehicle_id))).all())


def abort_view(_ctx: Services, session: Session, row: CommandRecord) -> AbortView:
    """Return all orders of the abort that one belongs to."""
    orders = _orders_of(session, row.abort_id or "")
    return AbortView(id=row.abort_id or "", orders=command_views(session, orders))


ABORT = Operation("flights.abort", FLIGHT_COMMAND, AbortFlights, _abort, batch=False)
