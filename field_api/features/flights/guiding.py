"""Sending an aircraft in flight somewhere else: to a place, or to look again."""

from typing import TypeVar

from field_api.contract.messages import FlyTo, FollowPlace, LookAgain, TerminalPosition
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import both
from field_api.features.flights.following import FRESH_MS, Following
from field_api.features.flights.leaving_watch import leave_watch
from field_api.features.flights.messages import (
    FlyToPlace,
    FollowHandheld,
    LookAgainAt,
    VehicleRequest,
)
from field_api.features.flights.orders import order_vehicle, ordered_before
from field_api.features.flights.permissions import FLIGHT_COMMAND
from field_api.features.flights.tables import CommandRecord
from field_api.features.roster.tables import Terminal
from mission_plans.values.plan import GeoPoint

__all__ = ["FLY_TO", "FOLLOW", "LOOK_AGAIN"]

R = TypeVar("R", bound=VehicleRequest)


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


def _follow(call: Call[FollowHandheld]) -> CommandRecord:
    """Let an aircraft that flies stay with a handheld; its node checks every step of it."""
    change, ctx, body, vehicle_id = call.change, call.ctx, call.body, call.target
    change.get(Terminal, body.terminal_id, field="terminal_id")
    known = ordered_before(call)
    if known is not None:
        return known
    newest = ctx.bus.newest(f"terminal_position/{body.terminal_id}")
    position = newest.data if newest is not None else None
    if not isinstance(position, TerminalPosition) or change.t_ms - position.t_ms >= FRESH_MS:
        raise refuse(409, "position_old", field="terminal_id", terminal=body.terminal_id)
    order = FollowPlace(
        vehicle_id=vehicle_id,
        terminal_id=body.terminal_id,
        place=GeoPoint(lat_deg=position.lat_deg, lon_deg=position.lon_deg),
        seen_ms=position.t_ms,
        height_agl_m=body.height_agl_m,
        offset_m=body.offset_m,
        bearing_deg=body.bearing_deg,
    )
    leave_watch(change, vehicle_id)
    row = order_vehicle(call, order)
    change.record(
        "vehicle.follow_place",
        row.id,
        incident_id=row.incident_id,
        refs={"vehicle_id": vehicle_id, "terminal_id": body.terminal_id},
        vehicle=vehicle_id,
        terminal=body.terminal_id,
        height=round(body.height_agl_m),
    )
    change.after_commit(lambda: ctx.part(Following).begin(vehicle_id, body.terminal_id))
    return row


def _order(call: Call[R], order: FlyTo | LookAgain) -> CommandRecord:
    change, body, vehicle_id = call.change, call.body, call.target
    known = ordered_before(call)
    if known is not None:
        return known
    leave_watch(change, vehicle_id)
    row = order_vehicle(call, order)
    change.record(
        f"vehicle.{order.action}",
        row.id,
        incident_id=row.incident_id,
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
FOLLOW = Operation(
    "vehicle.follow", FLIGHT_COMMAND, FollowHandheld, _follow, targeted=True, batch=False
)
LOOK_AGAIN = Operation(
    "vehicle.look_again", FLIGHT_COMMAND, LookAgainAt, _look_again, targeted=True, batch=False
)
