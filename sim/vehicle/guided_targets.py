"""Targets streamed to a vehicle in GUIDED; in another mode, or without sense, they are ignored."""

import math
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.autopilot import Autopilot
from sim.vehicle.guidance import Target
from sim.vehicle.mission import MissionItem
from sim.vehicle.modes import Mode
from sim.vehicle.pilot import FlightMode

__all__ = ["take_global", "take_local"]

Message = Any
"""A decoded pymavlink message; its attributes are made at run time."""

_LOCAL_FRAMES = {
    mavlink.MAV_FRAME_LOCAL_NED,
    mavlink.MAV_FRAME_LOCAL_OFFSET_NED,
    mavlink.MAV_FRAME_BODY_NED,
    mavlink.MAV_FRAME_BODY_OFFSET_NED,
}
_BODY_FRAMES = {mavlink.MAV_FRAME_BODY_NED, mavlink.MAV_FRAME_BODY_OFFSET_NED}
_IGNORE_POSITION = 0x7
_IGNORE_VELOCITY = 0x38
_IGNORE_YAW = 0x400
_IGNORE_YAW_RATE = 0x800


def _guided(pilot: Autopilot) -> FlightMode | None:
    return pilot.controller if pilot.mode is Mode.GUIDED and pilot.armed else None


def _aim_yaw(controller: FlightMode, message: Message) -> None:
    if not message.type_mask & _IGNORE_YAW and math.isfinite(message.yaw):
        controller.set_yaw(message.yaw % math.tau)
    elif not message.type_mask & _IGNORE_YAW_RATE and math.isfinite(message.yaw_rate):
        controller.set_yaw_rate(message.yaw_rate)


def take_global(pilot: Autopilot, message: Message) -> None:
    """SET_POSITION_TARGET_GLOBAL_INT: fly to a place, or with a velocity."""
    controller = _guided(pilot)
    if controller is None:
        return
    wants_position = message.type_mask & _IGNORE_POSITION != _IGNORE_POSITION
    wants_velocity = message.type_mask & _IGNORE_VELOCITY != _IGNORE_VELOCITY
    if wants_position:
        place_ok = abs(message.lat_int) <= 900_000_000 and abs(message.lon_int) <= 1_800_000_000
        if not place_ok or not math.isfinite(message.alt):
            return
        item = MissionItem(
            mavlink.MAV_CMD_NAV_WAYPOINT,
            message.coordinate_frame,
            x=message.lat_int,
            y=message.lon_int,
            z=message.alt,
        )
        controller.go_to(pilot, pilot.target_of(item))
    elif wants_velocity:
        velocity = (message.vx, message.vy, message.vz)
        if not all(math.isfinite(v) for v in velocity):
            return
        controller.fly_velocity(pilot, velocity[0], velocity[1], -velocity[2])
    _aim_yaw(controller, message)


def take_local(pilot: Autopilot, message: Message) -> None:
    """SET_POSITION_TARGET_LOCAL_NED: the same in metres, about the origin or about itself."""
    controller = _guided(pilot)
    if controller is None or message.coordinate_frame not in _LOCAL_FRAMES:
        return
    body = message.coordinate_frame in _BODY_FRAMES
    cos_yaw = math.cos(pilot.airframe.yaw_rad) if body else 1.0
    sin_yaw = math.sin(pilot.airframe.yaw_rad) if body else 0.0
    numbers = (message.x, message.y, message.z, message.vx, message.vy, message.vz)
    if not all(math.isfinite(n) for n in numbers):
        return
    if message.type_mask & _IGNORE_POSITION != _IGNORE_POSITION:
        north = message.x * cos_yaw - message.y * sin_yaw
        east = message.x * sin_yaw + message.y * cos_yaw
        up = -message.z
        if message.coordinate_frame == mavlink.MAV_FRAME_LOCAL_NED:
            base_m = pilot.origin[2] if pilot.origin else pilot.ground_amsl_m
        else:
            here = pilot.here()
            north, east, base_m = north + here.north_m, east + here.east_m, here.height_m
        if math.hypot(north, east) > 1e6 or abs(up) > 1e5:
            return
        controller.go_to(pilot, Target(north, east, base_m + up))
    elif message.type_mask & _IGNORE_VELOCITY != _IGNORE_VELOCITY:
        north = message.vx * cos_yaw - message.vy * sin_yaw
        east = message.vx * sin_yaw + message.vy * cos_yaw
        controller.fly_velocity(pilot, north, east, -message.vz)
    _aim_yaw(controller, message)
