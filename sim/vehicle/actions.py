"""Things done at once, by a mission item or a command alike: speed, heading, camera, home."""

import math

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.mission import MissionItem
from sim.vehicle.pilot import Pilot

__all__ = ["run_action"]

_ACCEPTED = mavlink.MAV_RESULT_ACCEPTED
_FAILED = mavlink.MAV_RESULT_FAILED
_DENIED = mavlink.MAV_RESULT_DENIED

_CAMERA = {
    mavlink.MAV_CMD_DO_DIGICAM_CONTROL,
    mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
    mavlink.MAV_CMD_IMAGE_START_CAPTURE,
    mavlink.MAV_CMD_IMAGE_STOP_CAPTURE,
    mavlink.MAV_CMD_VIDEO_START_CAPTURE,
    mavlink.MAV_CMD_VIDEO_STOP_CAPTURE,
}
_OUTPUTS = {
    mavlink.MAV_CMD_DO_SET_SERVO,
    mavlink.MAV_CMD_DO_SET_RELAY,
    mavlink.MAV_CMD_DO_LAND_START,
}


def run_action(pilot: Pilot, item: MissionItem) -> int | None:
    """Do it; MAV_RESULT, or None where the command is not one of these."""
    command = item.command
    if command == mavlink.MAV_CMD_DO_CHANGE_SPEED:
        return _change_speed(pilot, item)
    if command == mavlink.MAV_CMD_CONDITION_YAW:
        return _turn_to(pilot, item)
    if command in (mavlink.MAV_CMD_DO_SET_ROI, mavlink.MAV_CMD_DO_SET_ROI_LOCATION):
        if not item.has_place:
            pilot.roi = None
        elif abs(item.x) > 900_000_000 or abs(item.y) > 1_800_000_000:
            return _DENIED
        else:
            pilot.roi = pilot.target_of(item)
            pilot.gimbal.follows = True
        return _ACCEPTED
    if command == mavlink.MAV_CMD_DO_SET_ROI_NONE:
        pilot.roi = None
        return _ACCEPTED
    if command in (
        mavlink.MAV_CMD_DO_MOUNT_CONTROL,
        mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
    ):
        return _point_gimbal(pilot, item)
    if command == mavlink.MAV_CMD_DO_SET_HOME:
        return _set_home(pilot, item)
    if command == mavlink.MAV_CMD_DO_FENCE_ENABLE:
        pilot.fence.enabled = item.param1 == 1
        return _ACCEPTED
    if command in _CAMERA or command in _OUTPUTS:
        return _ACCEPTED
    return None


def _change_speed(pilot: Pilot, item: MissionItem) -> int:
    speed_ms = item.param2
    if not (math.isfinite(speed_ms) and speed_ms > 0):
        return _DENIED
    if item.param1 == 2:
        pilot.params.set("WPNAV_SPEED_UP", speed_ms * 100.0)
    elif item.param1 == 3:
        pilot.params.set("WPNAV_SPEED_DN", speed_ms * 100.0)
    else:
        pilot.controller.set_speed(min(speed_ms, 35.0))
    return _ACCEPTED


def _turn_to(pilot: Pilot, item: MissionItem) -> int:
    if not 0.0 <= item.param1 <= 360.0:
        return _DENIED
    yaw_rad = math.radians(item.param1)
    if item.param4 == 1:  # relative, turning towards param3
        yaw_rad = pilot.airframe.yaw_rad + yaw_rad * (-1.0 if item.param3 < 0 else 1.0)
    return _ACCEPTED if pilot.controller.set_yaw(yaw_rad % math.tau) else _FAILED


def _point_gimbal(pilot: Pilot, item: MissionItem) -> int:
    if pilot.params["MNT1_TYPE"] == 0 or "MNT1_PITCH_MIN" not in pilot.params:
        return _FAILED
    limits = (pilot.params["MNT1_PITCH_MIN"], pilot.params["MNT1_PITCH_MAX"])
    if item.command == mavlink.MAV_CMD_DO_MOUNT_CONTROL:
        # DO_MOUNT_CONTROL: pitch, roll, yaw degrees; the mode is in the seventh parameter.
        mode = int(item.z) if math.isfinite(item.z) else -1
        if mode == mavlink.MAV_MOUNT_MODE_MAVLINK_TARGETING or mode == 0:
            yaw = item.param3
            pilot.gimbal.point(item.param1, yaw, limits)
        elif mode in (mavlink.MAV_MOUNT_MODE_RETRACT, mavlink.MAV_MOUNT_MODE_NEUTRAL):
            pilot.gimbal.point(0.0, 0.0, limits)
    else:
        yaw = item.param2 if math.isfinite(item.param2) else 0.0
        pilot.gimbal.point(item.param1, yaw, limits)
    return _ACCEPTED


def _set_home(pilot: Pilot, item: MissionItem) -> int:
    if not pilot.estimator.origin_set:
        return _FAILED
    if item.param1 == 1 or not item.has_place:
        if item.param1 != 1:
            return _FAILED
        pilot.set_home(*pilot.position)
        return _ACCEPTED
    if abs(item.x) > 900_000_000 or abs(item.y) > 1_800_000_000 or not math.isfinite(item.z):
        return _DENIED
    north, east = pilot.frame.to_metres(item.lat_deg, item.lon_deg)
    pilot.set_home(north, east, item.z)
    return _ACCEPTED
