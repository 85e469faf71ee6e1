"""Take-offs that are given up: too late, of a closed incident, or after another order."""

from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.contract.messages import PauseVehicle, StartSortie
from field_api.core.change import Change
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.flights.orders import START_WINDOW_MS, send_order
from field_api.features.flights.tables import CommandRecord, CommandState, SortieRecord
from field_api.features.incidents.tables import Incident, IncidentState

__all__ = ["give_up", "give_up_late", "keep_on_ground", "why_late"]


def give_up_late(ctx: Services) -> int:
    """Give up take-offs whose upload did not come in time, or whose incident was closed.

    Returns:
        How many.
    """
    now_ms = ctx.clock()
    uploads = (
        col(SortieRecord.start_when_uploaded).is_(True),
        or_(
            col(SortieRecord.start_due_ms) < now_ms - START_WINDOW_MS,
            col(SortieRecord.incident_id).in_(_closed()),
        ),
    )
    starts = (
        CommandRecord.action == "start_sortie",
        col(CommandRecord.state).in_((CommandState.SENT, CommandState.ACCEPTED)),
        col(CommandRecord.incident_id).in_(_closed()),
    )
    with ctx.store.read() as session:
        late = session.exec(select(SortieRecord.id).where(*uploads).limit(1)).first()
        waiting = session.exec(select(CommandRecord.id).where(*starts).limit(1)).first()
        if late is None and waiting is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(SortieRecord).where(*uploads)).all()
        for row in rows:
            give_up(change, row, why_late(change, row) or both("words.other_order"))
        orders = change.session.exec(select(CommandRecord).where(*starts)).all()
        return len(rows) + sum(_hold(ctx, change, order) for order in orders)


def _closed() -> SelectOfScalar[str]:
    return select(Incident.id).where(Incident.state == IncidentState.CLOSED)


def why_late(change: Change, row: SortieRecord) -> Both | None:
    """Return why a sortie must not take off any more, None while it may."""
    incident = change.session.get(Incident, row.incident_id)
    if incident is not None and incident.state is IncidentState.CLOSED:
        return both("errors.incident_closed")
    if row.start_due_ms is not None and change.t_ms > row.start_due_ms + START_WINDOW_MS:
        return both("words.take_off_too_late")
    return None


def _hold(ctx: Services, change: Change, start: CommandRecord) -> bool:
    """Order an aircraft of a closed incident that still waits on the ground to stay there."""
    body = start.order.body if start.order else None
    if not isinstance(body, StartSortie) or (body.not_before_ms or 0) <= change.t_ms:
        return False
    ordered = select(CommandRecord.id).where(
        CommandRecord.vehicle_id == start.vehicle_id,
        CommandRecord.action == "pause_vehicle",
        col(CommandRecord.issued_ms) >= start.issued_ms,
    )
    if change.session.exec(ordered.limit(1)).first() is not None:
        return False
    send_order(
        ctx,
        change,
        PauseVehicle(vehicle_id=start.vehicle_id),
        node_id=start.node_id,
        author=SYSTEM.id,
        area=start.area,
        incident_id=start.incident_id,
    )
    change.record(
        "sortie.start_given_up",
        start.sortie_id or start.id,
        incident_id=start.incident_id,
        refs={"vehicle_id": start.vehicle_id},
        vehicle=start.vehicle_id,
        why=both("errors.incident_closed"),
    )
    return True


def give_up(change: Change, row: SortieRecord, why: Both) -> None:
    """Cancel a waiting take-off and say why."""
    change.put(row)
    row.start_when_uploaded = False
    change.record(
        "sortie.start_given_up",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": row.vehicle_id},
        vehicle=row.vehicle_id,
        why=why,
    )


def keep_on_ground(change: Change, vehicle_id: str) -> None:
    """Cancel an aircraft's waiting take-off: somebody ordered it to stay or come home."""
    waiting = select(SortieRecord).where(
        SortieRecord.vehicle_id == vehicle_id, col(SortieRecord.start_when_uploaded).is_(True)
    )
    for row in change.session.exec(waiting):
        give_up(change, row, both("words.other_order"))
