"""Missions, guided flight, return and landing, seen from a ground station."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from tests.sim_vehicle.cockpit import GROUND_M, HOME, Cockpit


def test_a_mission_is_flown_point_by_point_and_ends_disarmed_at_home() -> None:
    cockpit = Cockpit()
    cockpit.fly_search(seconds=0.1)
    assert cockpit.until(lambda: not cockpit.armed, 300)
    reached = [m.seq for m in cockpit.of("MISSION_ITEM_REACHED")]
    assert reached == [1, 2, 3]
    north, east, height = cockpit.metres()
    assert math.hypot(north, east) < 1.0
    assert height == pytest.approx(0.0, abs=0.01)
    wanted = [
        "Arming motors",
        "Mission: 1 Takeoff",
        "Mission: 2 WP",
        "Reached command #2",
        "Mission: 3 WP",
        "Reached command #3",
        "Mission: 4 RTL",
        "Disarming motors",
    ]
    told = [text for text in cockpit.texts() if text in wanted]
    assert told == wanted


def test_speed_climb_and_acceleration_stay_within_the_parameters() -> None:
    cockpit = Cockpit(parameters={"WPNAV_SPEED": 800})
    cockpit.fly_search(seconds=0.1)
    fastest = climb = sink = tilt = 0.0

    def watch() -> bool:
        nonlocal fastest, climb, sink, tilt
        state = cockpit.vehicle.state
        fastest = max(fastest, math.hypot(state.north_ms, state.east_ms))
        climb, sink = max(climb, state.up_ms), min(sink, state.up_ms)
        tilt = max(tilt, abs(state.pitch_deg), abs(state.roll_deg))
        return not state.armed

    assert cockpit.until(watch, 300)
    assert 7.7 < fastest < 8.4
    assert 2.4 < climb < 2.65
    assert -1.65 < sink < -1.4
    assert tilt <= 30.5


def test_a_corner_is_cut_by_no_more_than_the_waypoint_radius() -> None:
    cockpit = Cockpit()
    cockpit.fly_search(seconds=0.1)
    frame = cockpit.vehicle.pilot.frame
    corner = frame.to_metres(HOME[0] + 0.0018, HOME[1])
    nearest = math.inf

    def watch() -> bool:
        nonlocal nearest
        north, east, _ = cockpit.metres()
        nearest = min(nearest, math.hypot(north - corner[0], east - corner[1]))
        return cockpit.vehicle.pilot.mission_current == 4

    assert cockpit.until(watch, 120)
    assert nearest < 3.0


@pytest.mark.parametrize(
    ("frame", "altitude", "expected_amsl"),
    [
        (mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, 40.0, GROUND_M + 40.0),
        (mavlink.MAV_FRAME_GLOBAL, GROUND_M + 60.0, GROUND_M + 60.0),
        (mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT, 30.0, GROUND_M + 20.0 + 30.0),
    ],
)
def test_each_altitude_frame_means_its_own_reference(
    frame: int, altitude: float, expected_amsl: float
) -> None:
    def hill(lat: float, lon: float) -> float:
        return GROUND_M + min(20.0, max(0.0, (lat - HOME[0]) * 15_000.0))

    cockpit = Cockpit(terrain=hill)
    cockpit.ready()
    target = (HOME[0] + 0.002, HOME[1])
    items = [
        cockpit.item(0, 16),
        cockpit.item(1, 22, alt=60.0),
        cockpit.item(2, 16, *target, altitude, frame=frame, params=(90, 0, 0, 0)),
        cockpit.item(3, 20),
    ]
    assert cockpit.upload(items) == 0
    cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
    cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    cockpit.command(mavlink.MAV_CMD_MISSION_START)
    pilot = cockpit.vehicle.pilot
    assert cockpit.until(lambda: pilot.mission_current == 2, 120)
    cockpit.run(100.0)
    assert cockpit.vehicle.state.amsl_m == pytest.approx(expected_amsl, abs=2.5)


def test_terrain_following_keeps_its_height_over_a_slope() -> None:
    def slope(lat: float, lon: float) -> float:
        return GROUND_M + max(0.0, (lat - HOME[0]) * 20_000.0)

    cockpit = Cockpit(terrain=slope)
    cockpit.ready()
    frame = mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT
    items = [
        cockpit.item(0, 16),
        cockpit.item(1, 22, alt=60.0),
        cockpit.item(2, 16, HOME[0] + 0.001, HOME[1], 60.0, frame=frame),
        cockpit.item(3, 16, HOME[0] + 0.006, HOME[1], 60.0, frame=frame),
        cockpit.item(4, 20),
    ]
    assert cockpit.upload(items) == 0
    cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
    cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    cockpit.command(mavlink.MAV_CMD_MISSION_START)
    pilot = cockpit.vehicle.pilot
    assert cockpit.until(lambda: pilot.mission_current == 3, 200)
    heights: list[float] = []

    def watch() -> bool:
        heights.append(cockpit.vehicle.state.agl_m)
        return pilot.mission_current == 4

    assert cockpit.until(watch, 200)
    assert min(heights) > 55.0
    assert max(heights) < 65.0


def test_do_commands_set_speed_gimbal_and_jump() -> None:
    cockpit = Cockpit()
    cockpit.ready()
    lat, lon = HOME
    items = [
        cockpit.item(0, 16),
        cockpit.item(1, 22, alt=15.0),
        cockpit.item(2, mavlink.MAV_CMD_DO_CHANGE_SPEED, params=(1, 4, -1, 0)),
        cockpit.item(3, mavlink.MAV_CMD_DO_MOUNT_CONTROL, alt=2, params=(-40, 0, 0, 0)),
        cockpit.item(4, 16, lat + 0.0006, lon, 15.0),
        cockpit.item(5, 16, lat, lon + 0.0003, 15.0),
        cockpit.item(6, mavlink.MAV_CMD_DO_JUMP, params=(4, 2, 0, 0)),
        cockpit.item(7, mavlink.MAV_CMD_NAV_LAND),
    ]
    assert cockpit.upload(items) == 0
    cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
    cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    cockpit.command(mavlink.MAV_CMD_MISSION_START)
    fastest = 0.0

    def watch() -> bool:
        nonlocal fastest
        state = cockpit.vehicle.state
        fastest = max(fastest, math.hypot(state.north_ms, state.east_ms))
        return not state.armed

    assert cockpit.until(watch, 500)
    assert [m.seq for m in cockpit.of("MISSION_ITEM_REACHED")] == [1, 4, 5, 4, 5, 4, 5]
    assert 3.8 < fastest < 4.4
    assert cockpit.vehicle.state.gimbal_pitch_deg == pytest.approx(-40.0)


def take_off(cockpit: Cockpit, height_m: float = 20.0) -> None:
    cockpit.ready()
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4) == 0
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    assert cockpit.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, height_m) == 0
    assert cockpit.until(lambda: cockpit.metres()[2] > height_m - 0.5, 60)


def test_guided_flies_to_positions_and_stops_when_velocities_run_out() -> None:
    cockpit = Cockpit()
    take_off(cockpit)
    lat, lon = HOME[0] + 0.0005, HOME[1] - 0.0004
    cockpit.send(
        mavlink.MAVLink_set_position_target_global_int_message(
            0, 7, 1, 6, 0x0DF8, round(lat * 1e7), round(lon * 1e7), 35.0, *[0.0] * 8
        )
    )
    target = cockpit.vehicle.pilot.frame.to_metres(lat, lon)
    assert cockpit.until(lambda: math.dist(cockpit.metres(), (*target, 35.0)) < 1.0, 60)
    cockpit.send(
        mavlink.MAVLink_set_position_target_local_ned_message(
            0, 7, 1, 1, 0x0DC7, 0, 0, 0, 3.0, -1.0, 0.0, *[0.0] * 5
        )
    )
    cockpit.run(2.5)
    state = cockpit.vehicle.state
    assert (state.north_ms, state.east_ms) == pytest.approx((3.0, -1.0), abs=0.3)
    cockpit.run(6.0)
    state = cockpit.vehicle.state
    assert math.hypot(state.north_ms, state.east_ms) < 0.2


def test_reposition_needs_guided_or_its_flag() -> None:
    cockpit = Cockpit()
    take_off(cockpit)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.BRAKE) == 0
    place = (HOME[0] + 0.0003, HOME[1], 1920.0)
    reposition = mavlink.MAV_CMD_DO_REPOSITION
    assert cockpit.command(reposition, -1, 0, 0, 0, *place) == mavlink.MAV_RESULT_DENIED
    assert cockpit.command(reposition, -1, 1, 0, 0, *place) == mavlink.MAV_RESULT_ACCEPTED
    assert cockpit.mode == Mode.GUIDED
    cockpit.run(30)
    north, _, height = cockpit.metres()
    assert (north, height) == pytest.approx((33.2, 30.0), abs=1.0)


def test_guided_waypoint_of_older_programs() -> None:
    cockpit = Cockpit()
    take_off(cockpit)
    cockpit.send(
        mavlink.MAVLink_mission_item_message(
            7, 1, 0, 3, 16, 2, 0, 0, 0, 0, 0, HOME[0] + 0.0004, HOME[1], 25.0
        )
    )
    assert cockpit.of("MISSION_ACK")[-1].type == 0
    cockpit.run(30)
    north, _, height = cockpit.metres()
    assert (north, height) == pytest.approx((44.3, 25.0), abs=1.0)


def test_brake_stops_within_the_limits_and_holds() -> None:
    cockpit = Cockpit()
    cockpit.fly_search(seconds=26.0)
    north = cockpit.metres()[0]
    cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.BRAKE)
    cockpit.run(12.0)
    state = cockpit.vehicle.state
    assert math.hypot(state.north_ms, state.east_ms) < 0.1
    stopped = cockpit.metres()
    assert 15.0 < stopped[0] - north < 45.0
    cockpit.run(10.0)
    assert math.dist(cockpit.metres(), stopped) < 0.3


def test_auto_pauses_continues_and_resumes_where_it_left() -> None:
    cockpit = Cockpit()
    cockpit.fly_search(seconds=26.0)
    pause = mavlink.MAV_CMD_DO_PAUSE_CONTINUE
    assert cockpit.command(pause, 0) == 0
    cockpit.run(12.0)
    held = cockpit.metres()
    cockpit.run(5.0)
    assert math.dist(cockpit.metres(), held) < 0.3
    assert cockpit.command(pause, 1) == 0
    cockpit.run(4.0)
    assert cockpit.metres()[0] > held[0] + 3.0
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.GUIDED) == 0
    cockpit.run(5.0)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.AUTO) == 0
    assert cockpit.until(lambda: not cockpit.armed, 300)
    assert [m.seq for m in cockpit.of("MISSION_ITEM_REACHED")] == [1, 2, 3]


def test_return_climbs_first_and_smart_return_goes_back_the_way_it_came() -> None:
    cockpit = Cockpit(parameters={"RTL_ALT": 3000})
    cockpit.fly_search(seconds=60.0)
    assert cockpit.vehicle.pilot.mission_current == 3
    cockpit.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
    assert cockpit.until(lambda: cockpit.metres()[2] > 29.0, 40)
    assert cockpit.until(lambda: not cockpit.armed, 200)
    assert math.hypot(*cockpit.metres()[:2]) < 1.0

    cockpit = Cockpit()
    cockpit.fly_search(seconds=60.0)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.SMART_RTL) == 0
    farthest_off = 0.0

    def watch() -> bool:
        nonlocal farthest_off
        north, east, _ = cockpit.metres()
        farthest_off = max(farthest_off, min(abs(north - 199.4), abs(east)))
        return not cockpit.armed

    assert cockpit.until(watch, 300)
    assert farthest_off < 8.0
    assert math.hypot(*cockpit.metres()[:2]) < 2.0


def test_loiter_descends_with_the_throttle_stick_down_as_the_real_one_does() -> None:
    cockpit = Cockpit()
    take_off(cockpit)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.LOITER) == 0
    cockpit.run(3.0)
    assert cockpit.vehicle.state.up_ms < -1.0
    cockpit.send(mavlink.MAVLink_rc_channels_override_message(7, 1, *[1500] * 4, *[0] * 4))
    cockpit.run(2.5)
    assert abs(cockpit.vehicle.state.up_ms) < 0.2


def test_flights_are_the_same_for_the_same_seed_and_differ_in_gusts_for_another() -> None:
    def end(seed: int) -> tuple[float, float, float]:
        cockpit = Cockpit(seed=seed, parameters={"SIM_WIND_SPD": 6, "SIM_WIND_TURB": 2})
        cockpit.fly_search(seconds=40.0)
        return cockpit.metres()

    assert end(3) == end(3)
    assert end(3) != end(4)


def test_wind_tilts_the_vehicle_but_not_its_track() -> None:
    cockpit = Cockpit(parameters={"SIM_WIND_SPD": 7, "SIM_WIND_DIR": 90})
    cockpit.fly_search(seconds=30.0)
    _, east, _ = cockpit.metres()
    assert abs(east) < 1.5
    assert cockpit.vehicle.state.roll_deg > 8.0


def test_the_battery_empties_in_its_endurance_and_sags() -> None:
    parameters = {"SIM_BATT_CAP_AH": 3.3}
    cockpit = Cockpit(endurance_s=600.0, parameters=parameters)
    take_off(cockpit)
    cockpit.stream("BATTERY_STATUS", hz=1)
    cockpit.run(300.0)
    status = cockpit.of("BATTERY_STATUS")[-1]
    assert 40 <= status.battery_remaining <= 56
    assert 11.0 < status.voltages[0] / 1000 < 11.7


@settings(max_examples=4)
@given(
    st.lists(
        st.tuples(st.floats(-0.002, 0.002), st.floats(-0.002, 0.002), st.floats(8.0, 90.0)),
        min_size=1,
        max_size=5,
    )
)
def test_any_reachable_mission_is_flown_to_its_end(
    places: list[tuple[float, float, float]],
) -> None:
    cockpit = Cockpit()
    cockpit.ready()
    items = [cockpit.item(0, 16), cockpit.item(1, 22, alt=10.0)]
    for north, east, height in places:
        seq = len(items)
        items.append(cockpit.item(seq, 16, HOME[0] + north, HOME[1] + east, height))
    items.append(cockpit.item(len(items), 20))
    assert cockpit.upload(items) == 0
    cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
    cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    cockpit.command(mavlink.MAV_CMD_MISSION_START)
    assert cockpit.until(lambda: not cockpit.armed, 1500)
    assert math.hypot(*cockpit.metres()[:2]) < 1.0
    assert len(cockpit.of("MISSION_ITEM_REACHED")) == len(places) + 1
