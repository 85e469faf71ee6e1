"""Gimbal v2: who holds the gimbal, and pointing it by message, as AP_Mount of 4.5 does."""

import math
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.guidance import Target
from sim.vehicle.mission import MissionItem
from sim.vehicle.pilot import Pilot

__all__ = ["configure", "look_at", "set_pitch_yaw"]

_UNCHANGED, _SENDER, _RELEASE = -1, -2, -3

Message = Any
"""A decoded pymavlink message; its attributes are made at run time."""


def configure(pilot: Pilot, item: MissionItem, sender: tuple[int, int]) -> int:
    """DO_GIMBAL_MANAGER_CONFIGURE: hand primary control to somebody, take it or give it up.

    The holder is only shown to others: like the real one, the vehicle obeys whoever points.
    """
    wanted = (item.param1, item.param2)
    if pilot.params["MNT1_TYPE"] == 0 or not all(-3 <= number <= 255 for number in wanted):
        return mavlink.MAV_RESULT_FAILED
    gimbal = pilot.gimbal
    if wanted[0] == _SENDER:
        gimbal.held_by = sender
    elif wanted[0] == _RELEASE:
        if gimbal.held_by == sender:
            gimbal.held_by = (0, 0)
    elif wanted[0] != _UNCHANGED:
        gimbal.held_by = (int(wanted[0]), max(0, int(wanted[1])))
    return mavlink.MAV_RESULT_ACCEPTED


def set_pitch_yaw(pilot: Pilot, message: Message) -> None:
    """GIMBAL_MANAGER_SET_PITCHYAW: angles in radians; what is not a number stays."""
    p = pilot.params
    if p["MNT1_TYPE"] == 0 or "MNT1_PITCH_MIN" not in p:
        return
    limits = (p["MNT1_PITCH_MIN"], p["MNT1_PITCH_MAX"])
    away = mavlink.GIMBAL_MANAGER_FLAGS_RETRACT | mavlink.GIMBAL_MANAGER_FLAGS_NEUTRAL
    if message.flags & away:
        pilot.gimbal.point(0.0, 0.0, limits)
    else:
        pilot.gimbal.point(math.degrees(message.pitch), math.degrees(message.yaw), limits)


def look_at(pilot: Pilot, roi: Target) -> None:
    """Keep a place in the picture: tilt by the gimbal, while the nose turns to it (AP_Mount)."""
    p = pilot.params
    if p["MNT1_TYPE"] == 0 or "MNT1_PITCH_MIN" not in p or not pilot.gimbal.follows:
        return
    north, east, amsl_m = pilot.position
    north_m, east_m = roi.north_m - north, roi.east_m - east
    below_m = pilot.ground_amsl_m if roi.above_terrain else 0.0
    down_m = amsl_m - (below_m + roi.height_m)
    pitch_deg = -math.degrees(math.atan2(down_m, math.hypot(north_m, east_m)))
    pilot.gimbal.aim(pitch_deg, 0.0, (p["MNT1_PITCH_MIN"], p["MNT1_PITCH_MAX"]))
