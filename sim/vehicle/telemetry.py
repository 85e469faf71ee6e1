"""Messages that describe the vehicle, built when a link wants one."""

import hashlib
import math
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import telemetry_gimbal as gimbal
from sim.vehicle import telemetry_motion as motion
from sim.vehicle.arming import prearm_problem
from sim.vehicle.autopilot import Autopilot
from sim.vehicle.config import VehicleConfig
from sim.vehicle.modes import Mode
from sim.vehicle.telemetry_numbers import boot_ms, clamp, int16

__all__ = ["BUILDERS", "landed_state"]

Message = mavlink.MAVLink_message
_NAN = math.nan

_CAPABILITIES, _FTP = 0xFBEF, 0x20
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
    if pilot.fence.enabled and p["FENCE_ACTION"] != 0:
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
        clamp(battery.voltage_v * 1000, 0, 65535),
        int16(battery.current_a * 100),
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
        [clamp(battery.voltage_v * 1000, 0, 65534)] + [65535] * 9,
        int16(battery.current_a * 100),
        clamp(battery.used_mah, 0, 2**31 - 1),
        clamp(battery.used_mah * battery.voltage_v * 0.036, 0, 2**31 - 1),
        battery.remaining_percent(pilot.params["BATT_CAPACITY"]),
        0,
        state,
        [0, 0, 0, 0],
        0,
        0,
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


def rc_channels(pilot: Autopilot) -> Message:
    values = (boot_ms(pilot), 16, *pilot.rc_channels, *(0,) * 8, 65535, 65535, 255)
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


def hardware_number(config: VehicleConfig) -> bytes:
    """`uid2`: 17 hexadecimal digits and a zero, as SITL makes them of the machine's number."""
    name = config.hardware_id or f"sysid {config.sysid}"
    return hashlib.sha256(name.encode()).hexdigest()[:17].encode() + b"\0"


def autopilot_version(pilot: Autopilot) -> Message:
    return mavlink.MAVLink_autopilot_version_message(
        _CAPABILITIES if pilot.config.ftp else _CAPABILITIES & ~_FTP,
        (4 << 24) | (5 << 16) | (7 << 8) | 255,
        0,
        0,
        0,
        list(b"xunshan\0"),
        [0] * 8,
        [0] * 8,
        0,
        0,
        0,
        list(hardware_number(pilot.config)),
    )


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


BUILDERS: dict[int, Callable[[Autopilot], Message | None]] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: heartbeat,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: sys_status,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: battery_status,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: motion.gps_raw_int,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: motion.global_position_int,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: motion.attitude,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: motion.vfr_hud,
    mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT: ekf_status_report,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: extended_sys_state,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: mission_current,
    mavlink.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT: motion.nav_controller_output,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: motion.position_target_global_int,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: motion.local_position_ned,
    mavlink.MAVLINK_MSG_ID_RC_CHANNELS: rc_channels,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: servo_output_raw,
    mavlink.MAVLINK_MSG_ID_FENCE_STATUS: fence_status,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: gimbal.gimbal_device_attitude_status,
    mavlink.MAVLINK_MSG_ID_MOUNT_STATUS: gimbal.mount_status,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: motion.home_position,
    mavlink.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: motion.gps_global_origin,
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: autopilot_version,
    mavlink.MAVLINK_MSG_ID_TERRAIN_REPORT: motion.terrain_report,
    mavlink.MAVLINK_MSG_ID_WIND: motion.wind,
    mavlink.MAVLINK_MSG_ID_VIBRATION: vibration,
    mavlink.MAVLINK_MSG_ID_POWER_STATUS: power_status,
    mavlink.MAVLINK_MSG_ID_MEMINFO: meminfo,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_INFORMATION: gimbal.gimbal_manager_information,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: gimbal.gimbal_manager_status,
}
"""How to build each message by its id; None where there is nothing to say yet."""
