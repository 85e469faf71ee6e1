"""Take-offs that wait for their time: aircraft of one plan leave one after another."""

from sqlmodel import col, select

from field_api.core.change import Change
from field_api.core.errors import ApiError
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.flights.orders import fleet_node, order_start
from field_api.features.flights.tables import CommandRecord, CommandState, SortieRecord
from field_api.features.incidents.tables import Incident, IncidentState

__all__ = ["keep_on_ground", "start_due"]

LATEST_MS = 60_000
"""A take-off that could not be ordered this long after its time is given up: people decide anew."""


def start_due(ctx: Services) -> int:
    """Order the take-offs whose time has come; return how many."""
    waiting = (
        col(SortieRecord.start_when_uploaded).is_(True),
        col(SortieRecord.start_due_ms) <= ctx.clock(),
    )
    with ctx.store.read() as session:
        if session.exec(select(SortieRecord.id).where(*waiting).limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(select(SortieRecord).where(*waiting)).all()
        return sum(_start(ctx, change, row) for row in rows)


def _start(ctx: Services, change: Change, row: SortieRecord) -> bool:
    upload = change.session.exec(
        select(CommandRecord)
        .where(CommandRecord.sortie_id == row.id, CommandRecord.action == "upload_sortie")
        .order_by(col(CommandRecord.issued_ms).desc())
        .limit(1)
    ).first()
    incident = change.session.get(Incident, row.incident_id)
    if upload is None or upload.state is not CommandState.DONE:
        return False
    if incident is not None and incident.state is IncidentState.CLOSED:
        _give_up(change, row, both("errors.incident_closed"))
        return False
    try:
        node_id = fleet_node(ctx, row.vehicle_id)
    except ApiError as error:
        if change.t_ms - (row.start_due_ms or 0) > LATEST_MS:
            _give_up(change, row, Both(error.detail.text_zh, error.detail.text_en))
        return False
    order_start(ctx, change, row, node_id, upload.author)
    return True


def _give_up(change: Change, row: SortieRecord, why: Both) -> None:
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
        _give_up(change, row, both("words.other_order"))
