"""Sending an aircraft in flight somewhere else: to a place, or to look again."""

from field_api.contract.messages import FlyTo, LookAgain
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.flights.leaving_watch import leave_watch
from field_api.features.flights.messages import FlyToPlace, LookAgainAt, VehicleRequest
from field_api.features.flights.orders import fleet_node, send_order
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.tables import CommandRecord
from field_api.features.flights.views import flying_incident
from field_api.features.roster.tables import Vehicle

__all__ = ["FLY_TO", "LOOK_AGAIN"]


def _fly_to(call: Call[FlyToPlace]) -> CommandRecord:
    """Send an aircraft that flies to a place, where it hovers; its node checks the way first."""
    body = call.body
    order = FlyTo(vehicle_id=call.target, place=body.place, height_agl_m=body.height_agl_m)
    return _order(call, order)


def _look_again(call: Call[LookAgainAt]) -> CommandRecord:
    """Send an aircraft that flies to look at a place for some minutes; then it goes on."""
    body = call.body
    order = LookAgain(
        vehicle_id=call.target,
        place=body.place,
        height_agl_m=body.height_agl_m,
        radius_m=body.radius_m,
        circles=body.circles,
        duration_s=body.duration_s,
    )
    return _order(call, order)


def _order(call: Call[FlyToPlace] | Call[LookAgainAt], order: FlyTo | LookAgain) -> CommandRecord:
    change, body, vehicle_id = call.change, call.body, call.target
    vehicle = change.get(Vehicle, vehicle_id)
    known = change.known(CommandRecord, body, body.id, vehicle_id=vehicle_id)
    if known is not None:
        return known
    leave_watch(change, vehicle_id)
    incident_id = flying_incident(change.session, vehicle_id)
    row = send_order(
        call.ctx,
        change,
        order,
        node_id=fleet_node(call.ctx, vehicle_id),
        author=call.who.actor.id,
        area=vehicle.area,
        command_id=body.id,
        incident_id=incident_id,
        request_sha256=digest(body),
    )
    change.record(
        f"vehicle.{order.action}",
        row.id,
        incident_id=incident_id,
        refs=_refs(body, vehicle_id),
        vehicle=vehicle_id,
        action=both(f"words.order.{order.action}"),
        place=f"{body.place.lat_deg:.5f}, {body.place.lon_deg:.5f}",
        height=round(body.height_agl_m),
    )
    return row


def _refs(body: VehicleRequest, vehicle_id: str) -> dict[str, str]:
    about = {"detection_id": body.detection_id} if body.detection_id is not None else {}
    return {"vehicle_id": vehicle_id, **about}


FLY_TO = Operation(
    "vehicle.fly_to", FLIGHT_COMMAND, FlyToPlace, _fly_to, targeted=True, batch=False
)
LOOK_AGAIN = Operation(
    "vehicle.look_again", FLIGHT_COMMAND, LookAgainAt, _look_again, targeted=True, batch=False
)
