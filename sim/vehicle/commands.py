"""COMMAND_LONG and COMMAND_INT: what each does and which MAV_RESULT it is answered with."""

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.actions import run_action
from sim.vehicle.autopilot import Autopilot
from sim.vehicle.guidance import Target
from sim.vehicle.mission import MissionItem
from sim.vehicle.modes import Mode

__all__ = [
    "FORCE_MAGIC",
    "FORCE_REBOOT",
    "guided_height",
    "guided_target",
    "run_command",
    "set_mode_number",
]

FORCE_MAGIC = 21196
FORCE_REBOOT = 20190226
_ACCEPTED = mavlink.MAV_RESULT_ACCEPTED
_DENIED = mavlink.MAV_RESULT_DENIED
_UNSUPPORTED = mavlink.MAV_RESULT_UNSUPPORTED
_FAILED = mavlink.MAV_RESULT_FAILED


def run_command(pilot: Autopilot, item: MissionItem) -> int:
    """Carry out a command given in the form of an item; returns MAV_RESULT."""
    handler = _HANDLERS.get(item.command)
    if handler is not None:
        return handler(pilot, item)
    result = run_action(pilot, item)
    return _UNSUPPORTED if result is None else result


def set_mode_number(pilot: Autopilot, number: float) -> int:
    """Change to a custom mode by its number."""
    try:
        mode = Mode(int(number))
    except (ValueError, OverflowError):
        shown = int(number) if math.isfinite(number) else number
        pilot.say(4, f"No such mode {shown}")
        return _FAILED
    return _ACCEPTED if pilot.set_mode(mode) else _FAILED


def _do_set_mode(pilot: Autopilot, item: MissionItem) -> int:
    if not math.isfinite(item.param1):
        return _DENIED
    if not int(item.param1) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        return _DENIED
    return set_mode_number(pilot, item.param2)


def _arm(pilot: Autopilot, item: MissionItem) -> int:
    force = item.param2 == FORCE_MAGIC
    if item.param1 == 1:
        return _ACCEPTED if pilot.arm(force=force) else _FAILED
    if item.param1 == 0:
        return _ACCEPTED if pilot.disarm(force=force) else _FAILED
    return _UNSUPPORTED


def _take_off(pilot: Autopilot, item: MissionItem) -> int:
    if not pilot.armed or not pilot.land_complete:
        return _FAILED
    if not pilot.estimator.position_ok or pilot.home is None:
        return _FAILED
    if not math.isfinite(item.z) or item.z <= 0:
        return _FAILED
    amsl = item.z if item.is_amsl and item.has_place else pilot.home.amsl_m + item.z
    return _ACCEPTED if pilot.controller.take_off(pilot, amsl) else _FAILED


def _mission_start(pilot: Autopilot, item: MissionItem) -> int:
    del item
    if not pilot.set_mode(Mode.AUTO):
        return _FAILED
    pilot.controller.begin(pilot)
    return _ACCEPTED


def _mode_command(mode: Mode) -> Callable[[Autopilot, MissionItem], int]:
    def handler(pilot: Autopilot, item: MissionItem) -> int:
        del item
        return _ACCEPTED if pilot.set_mode(mode) else _FAILED

    return handler


def _reposition(pilot: Autopilot, item: MissionItem) -> int:
    change_mode = math.isfinite(item.param2) and int(item.param2) & 1
    if pilot.mode is not Mode.GUIDED and not change_mode:
        return _DENIED
    if not item.has_place or abs(item.x) > 900_000_000 or abs(item.y) > 1_800_000_000:
        return _DENIED
    if not math.isfinite(item.z):
        return _DENIED
    if not pilot.set_mode(Mode.GUIDED):
        return _FAILED
    if math.isfinite(item.param1) and item.param1 > 0:
        pilot.controller.set_speed(item.param1)
    return _ACCEPTED if pilot.controller.go_to(pilot, pilot.target_of(item)) else _FAILED


def _pause(pilot: Autopilot, item: MissionItem) -> int:
    if item.param1 not in (0.0, 1.0):
        return _DENIED
    return _ACCEPTED if pilot.controller.pause(pilot, go_on=item.param1 == 1) else _FAILED


def _terminate(pilot: Autopilot, item: MissionItem) -> int:
    if item.param1 <= 0.5:
        return _FAILED
    pilot.disarm(force=True)
    return _ACCEPTED


def _set_current(pilot: Autopilot, item: MissionItem) -> int:
    if not math.isfinite(item.param1):
        return _DENIED
    index = int(item.param1)
    if not 0 <= index < len(pilot.mission):
        return _DENIED
    pilot.controller.jump_to(pilot, index)
    return _ACCEPTED


def _reboot(pilot: Autopilot, item: MissionItem) -> int:
    if item.param1 not in (1.0, 3.0):
        return _DENIED if item.param1 else _UNSUPPORTED
    if pilot.armed and item.z != FORCE_REBOOT:
        return _FAILED
    pilot.reboot()
    return _ACCEPTED


def _prearm(pilot: Autopilot, item: MissionItem) -> int:
    del item
    if pilot.armed:
        return mavlink.MAV_RESULT_TEMPORARILY_REJECTED
    pilot.tell_prearm()
    return _ACCEPTED


def _inject_failure(pilot: Autopilot, item: MissionItem) -> int:
    """MAV_CMD_INJECT_FAILURE mapped to the SIM_ parameters of the same fault."""
    failed = item.param2 == mavlink.FAILURE_TYPE_OFF
    if item.param2 not in (mavlink.FAILURE_TYPE_OK, mavlink.FAILURE_TYPE_OFF):
        return _UNSUPPORTED
    faults = {
        mavlink.FAILURE_UNIT_SENSOR_GPS: {"SIM_GPS_DISABLE": float(failed)},
        mavlink.FAILURE_UNIT_SENSOR_BARO: {
            "SIM_BARO_DISABLE": float(failed),
            "SIM_BAR2_DISABLE": float(failed),
        },
        mavlink.FAILURE_UNIT_SENSOR_MAG: {f"SIM_MAG{n}_FAIL": float(failed) for n in (1, 2, 3)},
        mavlink.FAILURE_UNIT_SYSTEM_MOTOR: {"SIM_ENGINE_MUL": 0.0 if failed else 1.0},
        mavlink.FAILURE_UNIT_SYSTEM_RC_SIGNAL: {"SIM_RC_FAIL": float(failed)},
        mavlink.FAILURE_UNIT_SYSTEM_BATTERY: {"SIM_BATT_VOLTAGE": 10.0 if failed else 12.6},
    }.get(int(item.param1) if math.isfinite(item.param1) else -1)
    if faults is None:
        return _UNSUPPORTED
    for name, value in faults.items():
        pilot.params.set(name, value)
    return _ACCEPTED


def guided_target(pilot: Autopilot, item: MissionItem) -> bool:
    """The old guided waypoint (MISSION_ITEM with current=2, as dronekit sends it)."""
    if abs(item.x) > 900_000_000 or abs(item.y) > 1_800_000_000 or not math.isfinite(item.z):
        return False
    return pilot.controller.go_to(pilot, pilot.target_of(item))


def guided_height(pilot: Autopilot, item: MissionItem) -> bool:
    """Change of height in GUIDED (MISSION_ITEM with current=3)."""
    if not math.isfinite(item.z):
        return False
    here = pilot.here()
    height = pilot.target_of(item).height_m
    target = Target(here.north_m, here.east_m, height, item.is_above_terrain)
    return pilot.controller.go_to(pilot, target)


_HANDLERS: dict[int, Callable[[Autopilot, MissionItem], int]] = {
    mavlink.MAV_CMD_DO_SET_MODE: _do_set_mode,
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_MISSION_START: _mission_start,
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: _mode_command(Mode.RTL),
    mavlink.MAV_CMD_NAV_LAND: _mode_command(Mode.LAND),
    mavlink.MAV_CMD_NAV_LOITER_UNLIM: _mode_command(Mode.LOITER),
    mavlink.MAV_CMD_DO_REPOSITION: _reposition,
    mavlink.MAV_CMD_DO_PAUSE_CONTINUE: _pause,
    mavlink.MAV_CMD_DO_FLIGHTTERMINATION: _terminate,
    mavlink.MAV_CMD_DO_SET_MISSION_CURRENT: _set_current,
    mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: _reboot,
    mavlink.MAV_CMD_RUN_PREARM_CHECKS: _prearm,
    mavlink.MAV_CMD_INJECT_FAILURE: _inject_failure,
}
