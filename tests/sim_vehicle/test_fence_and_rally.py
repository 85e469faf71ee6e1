"""The vehicle's own fence and rally points, without sockets, for what is slow to fly for real."""

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from sim.vehicle.fence import ALT_MAX, CIRCLE, POLYGON, Fence
from tests.sim_vehicle.cockpit import HOME, Cockpit

NAN = float("nan")


def test_a_limit_acts_anew_twenty_metres_farther_out() -> None:
    fence = Fence()
    assert fence.check({CIRCLE: 1.0}, 0.0) == CIRCLE
    assert fence.check({CIRCLE: 20.0}, 1.0) == 0
    assert fence.check({CIRCLE: 21.0}, 2.0) == CIRCLE
    assert fence.check({CIRCLE: 30.0, POLYGON: 0.0}, 3.0) == POLYGON
    assert fence.check({CIRCLE: 30.0, POLYGON: 0.0}, 4.0) == 0
    both = CIRCLE | POLYGON
    assert (fence.breaches, fence.breach_count, fence.breach_time_s) == (both, 3, 0.0)


def test_a_new_mode_leaves_the_breach_alone_for_ten_seconds() -> None:
    fence = Fence()
    assert fence.check({ALT_MAX: 1.0}, 0.0) == ALT_MAX
    fence.recover(0.5)
    assert fence.check({}, 9.0) == 0
    assert fence.breaches == ALT_MAX
    assert fence.check({}, 10.5) == 0
    assert fence.breaches == 0
    assert fence.breach_kind == mavlink.FENCE_BREACH_NONE


@pytest.mark.parametrize(
    ("action", "mode"), [(0, Mode.AUTO), (1, Mode.RTL), (2, Mode.LAND), (4, Mode.BRAKE)]
)
def test_the_action_decides_what_a_breach_does(action: int, mode: Mode) -> None:
    limits = {"FENCE_ENABLE": 1, "FENCE_TYPE": 2, "FENCE_RADIUS": 60, "FENCE_ACTION": action}
    cockpit = Cockpit(parameters=limits)
    cockpit.stream("SYS_STATUS", "FENCE_STATUS")
    cockpit.fly_search(seconds=0.1)
    assert cockpit.until(lambda: cockpit.when("Fence Breached"), 60)
    cockpit.run(0.5)
    assert cockpit.mode == mode
    assert cockpit.of("FENCE_STATUS")[-1].breach_status == 1
    enabled = cockpit.of("SYS_STATUS")[-1].onboard_control_sensors_enabled & 0x100000
    assert bool(enabled) is (action != 0), "a fence that only reports is not enabled"


def test_far_outside_it_lands_where_it_is() -> None:
    cockpit = Cockpit(parameters={"FENCE_TYPE": 2, "FENCE_RADIUS": 30})
    cockpit.fly_search(seconds=0.1)
    assert cockpit.until(lambda: cockpit.metres()[0] > 135.0, 60)
    cockpit.set("FENCE_ENABLE", 1)
    cockpit.run(1.0)
    assert cockpit.mode == Mode.LAND


def test_the_way_home_stays_below_the_fence_and_above_the_rally_point() -> None:
    cockpit = Cockpit(parameters={"RTL_ALT": 6000, "FENCE_ALT_MAX": 40, "FENCE_TYPE": 1})
    cockpit.set("FENCE_ENABLE", 1)
    cockpit.fly_search(seconds=0.1)
    assert cockpit.until(lambda: cockpit.metres()[0] > 60.0, 60)
    assert cockpit.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) == 0
    highest = 0.0

    def watch() -> bool:
        nonlocal highest
        highest = max(highest, cockpit.metres()[2])
        return not cockpit.armed

    assert cockpit.until(watch, 200)
    assert highest == pytest.approx(38.0, abs=0.5)


@pytest.mark.parametrize(
    ("limit_km", "include_home", "north_m"), [(0.3, 1, 44.3), (0.01, 1, 0.0), (0.0, 0, 44.3)]
)
def test_which_rally_point_is_taken(limit_km: float, include_home: int, north_m: float) -> None:
    cockpit = Cockpit(parameters={"RALLY_LIMIT_KM": limit_km, "RALLY_INCL_HOME": include_home})
    lat, lon = HOME
    rally = cockpit.item(0, 5100, lat + 0.0004, lon, 25.0, mission_type=2)
    assert cockpit.upload([rally], mission_type=2) == 0
    cockpit.fly_search(seconds=0.1)
    assert cockpit.until(lambda: cockpit.metres()[0] > 60.0, 60)
    assert cockpit.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) == 0
    assert cockpit.until(lambda: not cockpit.armed, 200)
    assert cockpit.metres()[0] == pytest.approx(north_m, abs=1.0)


def test_guided_targets_beyond_the_fence_are_refused() -> None:
    cockpit = Cockpit(parameters={"FENCE_ENABLE": 1, "FENCE_TYPE": 3, "FENCE_RADIUS": 100})
    cockpit.fly_search(seconds=12.0)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.GUIDED) == 0

    def go(north_deg: float, height_m: float) -> int:
        place = (round((HOME[0] + north_deg) * 1e7), round(HOME[1] * 1e7), height_m)
        frame = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
        message = mavlink.MAVLink_command_int_message(
            7, 1, frame, mavlink.MAV_CMD_DO_REPOSITION, 0, 0, -1, 1, 0, NAN, *place
        )
        cockpit.send(message)
        return cockpit.of("COMMAND_ACK")[-1].result

    assert go(0.002, 20) == mavlink.MAV_RESULT_FAILED
    assert go(0.0005, 120) == mavlink.MAV_RESULT_FAILED
    assert go(0.0005, 20) == mavlink.MAV_RESULT_ACCEPTED


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"FENCE_RADIUS": -1}, "Invalid FENCE_RADIUS value"),
        ({"FENCE_RADIUS": 1}, "FENCE_MARGIN is less than FENCE_RADIUS"),
        ({"FENCE_ALT_MAX": -5}, "Invalid FENCE_ALT_MAX value"),
        ({"FENCE_ALT_MAX": 5, "FENCE_ALT_MIN": 8}, "FENCE_ALT_MAX < FENCE_ALT_MIN"),
        ({"FENCE_ALT_MAX": 5, "FENCE_ALT_MIN": 2}, "FENCE_MARGIN too big"),
    ],
)
def test_a_fence_without_sense_keeps_it_on_the_ground(
    parameters: dict[str, float], words: str
) -> None:
    cockpit = Cockpit(parameters={"FENCE_ENABLE": 1, **parameters})
    cockpit.ready()
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_FAILED
    assert cockpit.texts()[-1] == f"Arm: {words}"


def test_outside_the_fence_or_without_a_position_it_does_not_arm() -> None:
    cockpit = Cockpit(parameters={"FENCE_ENABLE": 1})
    cockpit.run(3.5)
    cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    assert cockpit.texts()[-1] == "Arm: Fence enabled, need position estimate"
    lat, lon = HOME
    far = cockpit.item(0, 5003, lat + 0.01, lon, params=(40, 0, 0, 0), mission_type=1)
    assert cockpit.upload([far], mission_type=1) == 0
    cockpit.ready()
    cockpit.run(1.0)
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_FAILED
    assert cockpit.texts()[-1] == "Arm: vehicle outside fence"


def test_a_broken_upload_leaves_the_old_fence() -> None:
    cockpit = Cockpit()
    lat, lon = HOME
    circle = cockpit.item(0, 5003, lat, lon, params=(100, 0, 0, 0), mission_type=1)
    assert cockpit.upload([circle], mission_type=1) == 0
    cockpit.send(mavlink.MAVLink_mission_count_message(7, 1, 2, 1))
    cockpit.send(mavlink.MAVLink_mission_request_int_message(7, 1, 0, 1))
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_DENIED
    cockpit.send(mavlink.MAVLink_mission_clear_all_message(7, 1, 1))
    assert cockpit.of("MISSION_ACK")[-1].type == mavlink.MAV_MISSION_ERROR
    cockpit.run(9.0)
    assert "Fence upload timeout" in cockpit.texts()
    assert len(cockpit.vehicle.pilot.fence_items) == 1
    assert len(cockpit.vehicle.pilot.fence.areas) == 1
