"""Messages about the gimbal: the old mount protocol and gimbal v2."""

import math

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.autopilot import Autopilot
from sim.vehicle.telemetry_numbers import boot_ms

Message = mavlink.MAVLink_message
_NAN = math.nan


def _quaternion(roll: float, pitch: float, yaw: float) -> list[float]:
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return [
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    ]


def gimbal_device_attitude_status(pilot: Autopilot) -> Message | None:
    if pilot.params["MNT1_TYPE"] == 0:
        return None
    gimbal = pilot.gimbal
    flags = (
        mavlink.GIMBAL_DEVICE_FLAGS_ROLL_LOCK
        | mavlink.GIMBAL_DEVICE_FLAGS_PITCH_LOCK
        | mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_VEHICLE_FRAME
    )
    q = _quaternion(0.0, math.radians(gimbal.pitch_deg), math.radians(gimbal.yaw_deg))
    return mavlink.MAVLink_gimbal_device_attitude_status_message(
        0, 0, boot_ms(pilot), flags, q, _NAN, _NAN, _NAN, 0, 0.0, 0.0, 1
    )


def mount_status(pilot: Autopilot) -> Message | None:
    if pilot.params["MNT1_TYPE"] == 0:
        return None
    gimbal = pilot.gimbal
    return mavlink.MAVLink_mount_status_message(
        0,
        0,
        round(gimbal.pitch_deg * 100),
        0,
        round(gimbal.yaw_deg * 100),
        mavlink.MAV_MOUNT_MODE_MAVLINK_TARGETING,
    )


def gimbal_manager_information(pilot: Autopilot) -> Message | None:
    p = pilot.params
    if p["MNT1_TYPE"] == 0 or "MNT1_PITCH_MIN" not in p:
        return None
    limits = [math.radians(p[f"MNT1_{n}"]) for n in
              ("ROLL_MIN", "ROLL_MAX", "PITCH_MIN", "PITCH_MAX", "YAW_MIN", "YAW_MAX")]  # fmt: skip
    return mavlink.MAVLink_gimbal_manager_information_message(boot_ms(pilot), 0x3F, 1, *limits)


def gimbal_manager_status(pilot: Autopilot) -> Message | None:
    if pilot.params["MNT1_TYPE"] == 0:
        return None
    return mavlink.MAVLink_gimbal_manager_status_message(
        boot_ms(pilot), 12, 1, *pilot.gimbal.held_by, 0, 0
    )
