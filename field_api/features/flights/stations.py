"""Keep watching a place: one aircraft on it, others that relieve it in turn (story O11)."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.contract.ids import new_id
from field_api.contract.messages import FlyTo, SortieState
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.flights.heard import newest_state
from field_api.features.flights.leaving_watch import leave_watch, watch_of
from field_api.features.flights.messages import KeepWatch
from field_api.features.flights.orders import fleet_node, send_order
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.station_rules import other_height_m
from field_api.features.flights.tables import SortieRecord, Station, StationState
from field_api.features.flights.views import AIRBORNE, flying_incident
from field_api.features.incidents.records import open_incident
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.tables import Vehicle
from mission_plans.ground.geodesy import bearing_deg, destination, distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["KEEP_WATCH", "spot", "unflown_sortie"]

_UNFLOWN = (SortieState.AUTHORISED, SortieState.UPLOADED)


def spot(row: Station, *, other: bool = False) -> GeoPoint:
    """Return where the aircraft on a place hovers, or the one that comes next.

    They hover on opposite sides, square to the way home: on its way home, which may begin with a
    climb, the first never comes near the second.
    """
    bearing = (row.bearing_deg + (180 if other else 0)) % 360
    return destination(row.place, bearing, row.radius_m)


def unflown_sortie(
    session: Session, incident_id: str, vehicle_id: str
) -> tuple[SortieRecord, PlanRecord] | None:
    """Return the sortie that an aircraft may take off with: a named person authorised it, with
    checklist and licence, and it was not flown."""
    rows = session.exec(
        select(SortieRecord, PlanRecord)
        .join(PlanRecord, col(PlanRecord.id) == col(SortieRecord.plan_id))
        .where(
            SortieRecord.incident_id == incident_id,
            SortieRecord.vehicle_id == vehicle_id,
            col(SortieRecord.state).in_(_UNFLOWN),
            col(SortieRecord.start_when_uploaded).is_(False),
            PlanRecord.state != PlanState.DRAFT,
        )
        .order_by(col(PlanRecord.authorised_ms).desc(), col(SortieRecord.order_index))
        .limit(1)
    )
    return rows.first()


def _keep_watch(call: Call[KeepWatch]) -> Station:
    """Send an aircraft that flies to watch a place; others take off in time to relieve it."""
    ctx, change, body, vehicle_id = call.ctx, call.change, call.body, call.target
    vehicle = change.get(Vehicle, vehicle_id)
    known = change.known(Station, body, body.id)
    if known is not None:
        return known
    incident_id = flying_incident(change.session, vehicle_id)
    if incident_id is None:
        raise refuse(409, "not_on_sortie", field="vehicle_id", vehicle=vehicle_id)
    open_incident(change, incident_id)
    node_id = fleet_node(ctx, vehicle_id)
    state = newest_state(ctx, vehicle_id)
    if state is None or state.minutes_left is None:
        raise refuse(409, "battery_unknown", field="vehicle_id", vehicle=vehicle_id)
    highest_m = _require_reliefs(change, incident_id, vehicle_id, body.reliefs)
    other_m = other_height_m(body.height_agl_m, highest_m)
    if other_m is None:
        raise refuse(409, "no_layer", field="height_agl_m", limit=round(highest_m))
    home = state.home or vehicle.spec.launch
    homeward = bearing_deg(body.place, home) if distance_m(body.place, home) > 1.0 else 0.0
    leave_watch(change, vehicle_id)
    row = Station(
        id=body.id,
        area=vehicle.area,
        request_sha256=digest(body),
        incident_id=incident_id,
        place=body.place,
        bearing_deg=(homeward + 270.0) % 360,
        radius_m=body.radius_m,
        height_agl_m=body.height_agl_m,
        other_height_agl_m=other_m,
        vehicle_id=vehicle_id,
        order_id=new_id(),
        reliefs=list(body.reliefs),
        state=StationState.WATCHING,
        author=call.who.actor.id,
    )
    change.create(row)
    at = spot(row)
    order = FlyTo(vehicle_id=vehicle_id, place=at, height_agl_m=body.height_agl_m, watch=body.place)
    send_order(
        ctx,
        change,
        order,
        node_id=node_id,
        author=call.who.actor.id,
        area=vehicle.area,
        command_id=row.order_id,
        incident_id=incident_id,
    )
    about = {"detection_id": body.detection_id} if body.detection_id is not None else {}
    change.record(
        "station.begun",
        row.id,
        incident_id=incident_id,
        refs={"vehicle_id": vehicle_id, **about},
        vehicle=vehicle_id,
        place=f"{body.place.lat_deg:.5f}, {body.place.lon_deg:.5f}",
        height=round(body.height_agl_m),
        reliefs=", ".join(body.reliefs),
    )
    return row


def _require_reliefs(
    change: Change, incident_id: str, vehicle_id: str, reliefs: Sequence[str]
) -> float:
    """Return the lowest height limit of the reliefs' plans.

    Raises:
        ApiError: 404, 409: one of them is unknown, busy, or has nothing to take off with.
    """
    if vehicle_id in reliefs or len(set(reliefs)) != len(reliefs):
        raise refuse(409, "relief_twice", field="reliefs")
    limits_m: list[float] = []
    for relief in reliefs:
        change.get(Vehicle, relief, field="reliefs")
        in_air = select(SortieRecord.id).where(
            SortieRecord.vehicle_id == relief, col(SortieRecord.state).in_(AIRBORNE)
        )
        if change.session.exec(in_air.limit(1)).first() is not None or watch_of(change, relief):
            raise refuse(409, "relief_busy", field="reliefs", vehicle=relief)
        found = unflown_sortie(change.session, incident_id, relief)
        if found is None:
            raise refuse(409, "no_relief_sortie", field="reliefs", vehicle=relief)
        limits_m.append(found[1].plan.request.max_agl_m)
    return min(limits_m)


KEEP_WATCH = Operation(
    "vehicle.keep_watch", FLIGHT_COMMAND, KeepWatch, _keep_watch, targeted=True, batch=False
)
