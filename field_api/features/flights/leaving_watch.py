"""Any other order of a person to an aircraft ends its part in watching a place."""

from sqlmodel import col, select

from field_api.core.access import unscoped
from field_api.core.change import Change
from field_api.features.flights.tables import Station, StationState

__all__ = ["forget_relief", "leave_watch", "watch_of"]


def watch_of(change: Change, vehicle_id: str) -> Station | None:
    """Return the watched place that an aircraft is on, or comes to relieve at."""
    query = select(Station).where(col(Station.state) != StationState.OVER)
    with unscoped(change.session):
        rows = change.session.exec(query).all()
    for row in rows:
        if row.vehicle_id == vehicle_id or vehicle_id in row.reliefs:
            return row
    return None


def leave_watch(change: Change, vehicle_id: str) -> None:
    """Take an aircraft out of its watch: somebody ordered it something else, and that stands.

    The watch is over where it was the one on it. A relief that is on its way then is called off
    by the next look; one that was itself ordered elsewhere is left to that order.
    """
    row = watch_of(change, vehicle_id)
    if row is None:
        return
    # Whoever may stop the aircraft ends its watch, wherever the place lies.
    change.retell(row)
    if row.vehicle_id == vehicle_id:
        under_way = row.relief_ordered_ms is not None
        row.state = StationState.ENDING if under_way else StationState.OVER
        row.relief_due_ms = row.turn_home_ms = None
    else:
        if row.reliefs[0] == vehicle_id:
            forget_relief(row)
        row.reliefs = [one for one in row.reliefs if one != vehicle_id]
        row.warned = row.warned and not row.reliefs
    change.record(
        "station.ended" if row.vehicle_id == vehicle_id else "station.relief_taken",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": vehicle_id},
        vehicle=vehicle_id,
    )


def forget_relief(row: Station) -> None:
    """Nobody is on the way any more."""
    row.relief_sortie_id = row.relief_order_id = row.relief_ordered_ms = None
    row.relief_tries = 0
