"""Messages that describe the vehicle, built when a link wants one."""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.arming import prearm_problem
from sim.vehicle.autopilot import Autopilot
from sim.vehicle.modes import Mode

__all__ = ["BUILDERS", "landed_state"]

Message = mavlink.MAVLink_message
_NAN = math.nan

_PRESENT = 0x5371FC0F
_GPS_BIT = 0x20
_ENABLED_DISARMED = 0x52419C0F
_ENABLED_ARMED = 0x5341FC0F
_HEALTHY_DISARMED = 0x47519C0F
_HEALTHY_ARMED = 0x4751FC0F
_AHRS_BIT = 0x200000
_FENCE_BIT = 0x100000
_PREARM_BIT = 0x10000000
_BATTERY_BIT = 0x2000000
_RC_BIT = 0x10000
_MAG_BIT = 0x4
_BARO_BIT = 0x8
_PROPULSION_BIT = 0x40000000


def _clamp(value: float, low: int, high: int) -> int:
    return min(high, max(low, round(value)))


def _int16(value: float) -> int:
    return _clamp(value, -32768, 32767)


def _boot_ms(pilot: Autopilot) -> int:
    return round(pilot.uptime_s * 1000.0) & 0xFFFFFFFF


def _estimated_degrees(pilot: Autopilot) -> tuple[float, float]:
    if pilot.estimator.gps_fix == 0 and pilot.origin is None:
        return 0.0, 0.0
    north, east, _ = pilot.position
    return pilot.frame.to_degrees(north, east)


def landed_state(pilot: Autopilot) -> int:
    """MAV_LANDED_STATE as ArduCopter reports it."""
    if pilot.land_complete:
        return mavlink.MAV_LANDED_STATE_ON_GROUND
    controller = pilot.controller
    if controller.is_landing:
        return mavlink.MAV_LANDED_STATE_LANDING
    if controller.taking_off:
        return mavlink.MAV_LANDED_STATE_TAKEOFF
    return mavlink.MAV_LANDED_STATE_IN_AIR


def heartbeat(pilot: Autopilot) -> Message:
    base = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED
    base |= mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
    if pilot.mode.is_autonomous:
        base |= mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    if pilot.armed:
        base |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED
    if pilot.failsafes.any_active:
        status = mavlink.MAV_STATE_CRITICAL
    elif pilot.land_complete:
        status = mavlink.MAV_STATE_STANDBY
    else:
        status = mavlink.MAV_STATE_ACTIVE
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_QUADROTOR,
        mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA,
        base,
        int(pilot.mode),
        status,
        3,
    )


def sys_status(pilot: Autopilot) -> Message:
    enabled = _ENABLED_ARMED if pilot.armed else _ENABLED_DISARMED
    healthy = _HEALTHY_ARMED if pilot.armed else _HEALTHY_DISARMED
    present = _PRESENT
    estimator, failsafes, p = pilot.estimator, pilot.failsafes, pilot.params
    if estimator.gps_fix:
        present, enabled, healthy = present | _GPS_BIT, enabled | _GPS_BIT, healthy | _GPS_BIT
    if estimator.origin_set:
        enabled, healthy = enabled | _AHRS_BIT, healthy | _AHRS_BIT
    if pilot.fence.enabled:
        enabled |= _FENCE_BIT
    if pilot.fence.breaches:
        healthy &= ~_FENCE_BIT
    if prearm_problem(pilot) is None or pilot.armed:
        healthy |= _PREARM_BIT
    if failsafes.battery_low:
        healthy &= ~_BATTERY_BIT
    if failsafes.radio:
        healthy &= ~_RC_BIT
    if failsafes.thrust_loss:
        healthy &= ~_PROPULSION_BIT
    if all(p[f"SIM_MAG{n}_FAIL"] > 0 for n in (1, 2, 3)):
        healthy &= ~_MAG_BIT
    if p["SIM_BARO_DISABLE"] > 0 and p["SIM_BAR2_DISABLE"] > 0:
        healthy &= ~_BARO_BIT
    battery = pilot.battery
    return mavlink.MAVLink_sys_status_message(
        present,
        enabled,
        healthy,
        0,
        _clamp(battery.voltage_v * 1000, 0, 65535),
        _int16(battery.current_a * 100),
        battery.remaining_percent(p["BATT_CAPACITY"]),
        *(0,) * 6,
    )


def battery_status(pilot: Autopilot) -> Message:
    battery = pilot.battery
    state = mavlink.MAV_BATTERY_CHARGE_STATE_OK
    if pilot.failsafes.battery_critical:
        state = mavlink.MAV_BATTERY_CHARGE_STATE_CRITICAL
    elif pilot.failsafes.battery_low:
        state = mavlink.MAV_BATTERY_CHARGE_STATE_LOW
    return mavlink.MAVLink_battery_status_message(
        0,
        0,
        0,
        32767,
        [_clamp(battery.voltage_v * 1000, 0, 65534)] + [65535] * 9,
        _int16(battery.current_a * 100),
        _clamp(battery.used_mah, 0, 2**31 - 1),
        _clamp(battery.used_mah * battery.voltage_v * 0.036, 0, 2**31 - 1),
        battery.remaining_percent(pilot.params["BATT_CAPACITY"]),
        0,
        state,
        [0, 0, 0, 0],
        0,
        0,
    )


def gps_raw_int(pilot: Autopilot) -> Message:
    estimator = pilot.estimator
    if estimator.gps_fix == 0:
        return mavlink.MAVLink_gps_raw_int_message(0, 0, 0, 0, 0, 65535, 65535, 0, 0, 0)
    p, body = pilot.params, pilot.airframe
    lat, lon = pilot.frame.to_degrees(body.north_m, body.east_m)
    lat, lon = lat + p["SIM_GPS_GLITCH_X"], lon + p["SIM_GPS_GLITCH_Y"]
    speed = math.hypot(body.north_ms, body.east_ms)
    course = math.degrees(math.atan2(body.east_ms, body.north_ms)) % 360.0 if speed > 0.2 else 0.0
    return mavlink.MAVLink_gps_raw_int_message(
        round(pilot.uptime_s * 1e6),
        estimator.gps_fix,
        _clamp(lat * 1e7, -900_000_000, 900_000_000),
        _clamp(lon * 1e7, -1_800_000_000, 1_800_000_000),
        round((body.amsl_m + p["SIM_GPS_ALT_OFS"]) * 1000),
        121,
        200,
        _clamp(speed * 100, 0, 65535),
        _clamp(course * 100, 0, 35999),
        estimator.satellites,
        round(body.amsl_m * 1000),
        300,
        300,
        200,
        0,
        0,
    )


def global_position_int(pilot: Autopilot) -> Message:
    lat, lon = _estimated_degrees(pilot)
    body = pilot.airframe
    amsl_m = body.amsl_m if pilot.estimator.gps_fix or pilot.origin else pilot.relative_m
    return mavlink.MAVLink_global_position_int_message(
        _boot_ms(pilot),
        round(lat * 1e7),
        round(lon * 1e7),
        round(amsl_m * 1000),
        round(pilot.relative_m * 1000),
        _int16(body.north_ms * 100),
        _int16(body.east_ms * 100),
        _int16(-body.up_ms * 100),
        _heading_cdeg(pilot),
    )


def _heading_cdeg(pilot: Autopilot) -> int:
    return round(math.degrees(pilot.airframe.yaw_rad) * 100) % 36000


def attitude(pilot: Autopilot) -> Message:
    body = pilot.airframe
    yaw = (body.yaw_rad + math.pi) % math.tau - math.pi
    return mavlink.MAVLink_attitude_message(
        _boot_ms(pilot),
        body.roll_rad,
        body.pitch_rad,
        yaw,
        body.roll_rate_rads,
        body.pitch_rate_rads,
        body.yaw_rate_rads,
    )


def vfr_hud(pilot: Autopilot) -> Message:
    body = pilot.airframe
    wind_n, wind_e = pilot.wind_ms
    throttle = body.throttle * 12.6 / max(3.0, pilot.battery.voltage_v)
    amsl_m = body.amsl_m if pilot.estimator.gps_fix or pilot.origin else pilot.relative_m
    return mavlink.MAVLink_vfr_hud_message(
        math.hypot(body.north_ms - wind_n, body.east_ms - wind_e),
        math.hypot(body.north_ms, body.east_ms),
        _heading_cdeg(pilot) // 100,
        _clamp(throttle * 100, 0, 100),
        amsl_m,
        body.up_ms,
    )


def ekf_status_report(pilot: Autopilot) -> Message:
    estimator = pilot.estimator
    return mavlink.MAVLink_ekf_status_report_message(
        estimator.flags, 0.01, estimator.position_variance, 0.003, 0.005, 0.0, 0.0
    )


def extended_sys_state(pilot: Autopilot) -> Message:
    # ArduCopter 4.5.7 says MC (3) here although it is no VTOL.
    return mavlink.MAVLink_extended_sys_state_message(
        mavlink.MAV_VTOL_STATE_MC, landed_state(pilot)
    )


def mission_current(pilot: Autopilot) -> Message:
    total = max(0, len(pilot.mission) - 1)
    state = pilot.mission_state if total else mavlink.MISSION_STATE_NO_MISSION
    mode = 1 if pilot.mode is Mode.AUTO else 2
    return mavlink.MAVLink_mission_current_message(pilot.mission_current, total, state, mode)


def nav_controller_output(pilot: Autopilot) -> Message:
    follow, body = pilot.controller.follower, pilot.airframe
    bearing, distance, height_error, cross = 0.0, 0.0, 0.0, 0.0
    if follow is not None:
        bearing = math.degrees(follow.bearing_rad or 0.0)
        distance = max(0.0, follow.distance_m)
        height_error, cross = follow.height_error_m, follow.cross_track_m
    return mavlink.MAVLink_nav_controller_output_message(
        math.degrees(body.roll_rad),
        math.degrees(body.pitch_rad),
        _int16((bearing + 180) % 360 - 180),
        _int16((bearing + 180) % 360 - 180),
        _clamp(distance, 0, 65535),
        height_error,
        0.0,
        cross,
    )


def position_target_global_int(pilot: Autopilot) -> Message | None:
    follow = pilot.controller.follower
    if follow is None:
        return None
    end = follow.leg.end
    lat, lon = pilot.frame.to_degrees(end.north_m, end.east_m)
    height = end.height_m + (pilot.ground_amsl_m if end.above_terrain else 0.0)
    return mavlink.MAVLink_position_target_global_int_message(
        _boot_ms(pilot),
        mavlink.MAV_FRAME_GLOBAL,
        0x0DF8,
        round(lat * 1e7),
        round(lon * 1e7),
        height,
        *(0.0,) * 8,
    )


def local_position_ned(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    body = pilot.airframe
    north, east, amsl = pilot.position
    return mavlink.MAVLink_local_position_ned_message(
        _boot_ms(pilot),
        north,
        east,
        pilot.origin[2] - amsl,
        body.north_ms,
        body.east_ms,
        -body.up_ms,
    )


def rc_channels(pilot: Autopilot) -> Message:
    values = (_boot_ms(pilot), 16, *pilot.rc_channels, *(0,) * 8, 65535, 65535, 255)
    return mavlink.MAVLink_rc_channels_message(*values)


def servo_output_raw(pilot: Autopilot) -> Message:
    pwm = 1000 + round(1000 * pilot.airframe.throttle) if pilot.armed else 1000
    outputs = [pwm] * 4 + [0] * 4
    return mavlink.MAVLink_servo_output_raw_message(
        round(pilot.uptime_s * 1e6) & 0xFFFFFFFF, 0, *outputs
    )


def fence_status(pilot: Autopilot) -> Message | None:
    fence = pilot.fence
    if not fence.enabled and not fence.breaches:
        return None
    return mavlink.MAVLink_fence_status_message(
        1 if fence.breaches else 0,
        fence.breach_count,
        fence.breach_kind,
        round(fence.breach_time_s * 1000) & 0xFFFFFFFF,
        0,
    )


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
        0, 0, _boot_ms(pilot), flags, q, _NAN, _NAN, _NAN, 0, 0.0, 0.0, 1
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


def home_position(pilot: Autopilot) -> Message | None:
    if pilot.home is None:
        return None
    home = pilot.home
    lat, lon = pilot.frame.to_degrees(home.north_m, home.east_m)
    origin_m = pilot.origin[2] if pilot.origin else home.amsl_m
    return mavlink.MAVLink_home_position_message(
        round(lat * 1e7),
        round(lon * 1e7),
        round(home.amsl_m * 1000),
        home.north_m,
        home.east_m,
        origin_m - home.amsl_m,
        [_NAN] * 4,
        0.0,
        0.0,
        0.0,
        round(pilot.uptime_s * 1e6),
    )


def gps_global_origin(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    lat, lon, amsl = pilot.origin
    return mavlink.MAVLink_gps_global_origin_message(
        round(lat * 1e7), round(lon * 1e7), round(amsl * 1000), round(pilot.uptime_s * 1e6)
    )


def autopilot_version(pilot: Autopilot) -> Message:
    return mavlink.MAVLink_autopilot_version_message(
        0xFBEF,
        (4 << 24) | (5 << 16) | (7 << 8) | 255,
        0,
        0,
        0,
        list(b"xunshan\0"),
        [0] * 8,
        [0] * 8,
        0,
        0,
        pilot.config.sysid,
    )


def terrain_report(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    lat, lon = _estimated_degrees(pilot)
    return mavlink.MAVLink_terrain_report_message(
        round(lat * 1e7),
        round(lon * 1e7),
        int(pilot.params["TERRAIN_SPACING"]),
        pilot.ground_amsl_m,
        pilot.airframe.amsl_m - pilot.ground_amsl_m,
        0,
        1,
    )


def wind(pilot: Autopilot) -> Message:
    north, east = pilot.wind_ms
    direction = math.degrees(math.atan2(-east, -north)) % 360.0
    return mavlink.MAVLink_wind_message(direction, math.hypot(north, east), 0.0)


def vibration(pilot: Autopilot) -> Message:
    level = 0.002 if not pilot.airframe.throttle else 0.02
    return mavlink.MAVLink_vibration_message(
        round(pilot.uptime_s * 1e6), level, level, level, 0, 0, 0
    )


def power_status(pilot: Autopilot) -> Message:
    del pilot
    return mavlink.MAVLink_power_status_message(5000, 0, 0)


def meminfo(pilot: Autopilot) -> Message:
    del pilot
    return mavlink.MAVLink_meminfo_message(0, 65535, 131072)


def gimbal_manager_information(pilot: Autopilot) -> Message | None:
    p = pilot.params
    if p["MNT1_TYPE"] == 0 or "MNT1_PITCH_MIN" not in p:
        return None
    limits = [math.radians(p[f"MNT1_{n}"]) for n in
              ("ROLL_MIN", "ROLL_MAX", "PITCH_MIN", "PITCH_MAX", "YAW_MIN", "YAW_MAX")]  # fmt: skip
    return mavlink.MAVLink_gimbal_manager_information_message(_boot_ms(pilot), 0x3F, 1, *limits)


def gimbal_manager_status(pilot: Autopilot) -> Message | None:
    if pilot.params["MNT1_TYPE"] == 0:
        return None
    return mavlink.MAVLink_gimbal_manager_status_message(_boot_ms(pilot), 12, 1, 0, 0, 0, 0)


BUILDERS: dict[int, Callable[[Autopilot], Message | None]] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: heartbeat,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: sys_status,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: battery_status,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: gps_raw_int,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: global_position_int,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: attitude,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: vfr_hud,
    mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT: ekf_status_report,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: extended_sys_state,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: mission_current,
    mavlink.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT: nav_controller_output,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: position_target_global_int,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: local_position_ned,
    mavlink.MAVLINK_MSG_ID_RC_CHANNELS: rc_channels,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: servo_output_raw,
    mavlink.MAVLINK_MSG_ID_FENCE_STATUS: fence_status,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: gimbal_device_attitude_status,
    mavlink.MAVLINK_MSG_ID_MOUNT_STATUS: mount_status,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: home_position,
    mavlink.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: gps_global_origin,
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: autopilot_version,
    mavlink.MAVLINK_MSG_ID_TERRAIN_REPORT: terrain_report,
    mavlink.MAVLINK_MSG_ID_WIND: wind,
    mavlink.MAVLINK_MSG_ID_VIBRATION: vibration,
    mavlink.MAVLINK_MSG_ID_POWER_STATUS: power_status,
    mavlink.MAVLINK_MSG_ID_MEMINFO: meminfo,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_INFORMATION: gimbal_manager_information,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: gimbal_manager_status,
}
"""How to build each message by its id; None where there is nothing to say yet."""
