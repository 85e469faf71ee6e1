"""Which ground station's silence counts, and what it leads to (FS_GCS_ENABLE, FS_OPTIONS)."""

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from tests.sim_vehicle.cockpit import Cockpit

SILENCE_S = 6.5


def flying(**parameters: float) -> Cockpit:
    cockpit = Cockpit(parameters=parameters)
    cockpit.fly_search(seconds=15.0)
    return cockpit


def test_heartbeats_of_another_system_id_do_not_count() -> None:
    cockpit = flying(FS_GCS_ENABLE=1)
    cockpit.speak_as(254)
    cockpit.run(SILENCE_S)
    assert cockpit.mode == Mode.RTL
    assert cockpit.when("GCS Failsafe") is not None
    cockpit.speak_as(255)
    cockpit.run(2.0)
    assert cockpit.when("GCS Failsafe Cleared") is not None
    assert cockpit.mode == Mode.RTL


def test_a_station_that_was_never_heard_is_never_missed() -> None:
    """The console may promise a return only where the vehicle has heard us as its station."""
    cockpit = flying(FS_GCS_ENABLE=1, SYSID_MYGCS=77)
    cockpit.heartbeats = False
    cockpit.run(30.0)
    assert cockpit.when("GCS Failsafe") is None
    assert cockpit.mode == Mode.AUTO


def test_an_id_changed_in_flight_makes_the_old_station_a_stranger() -> None:
    """Measured on ArduCopter 4.0.7: the time of the last heartbeat stays, so it runs out."""
    cockpit = flying(FS_GCS_ENABLE=1)
    cockpit.set("SYSID_MYGCS", 77)
    cockpit.run(SILENCE_S)
    assert cockpit.mode == Mode.RTL


@pytest.mark.parametrize(
    ("enable", "mode"),
    [
        (0, Mode.AUTO),
        (1, Mode.RTL),
        (2, Mode.RTL),
        (3, Mode.SMART_RTL),
        (4, Mode.SMART_RTL),
        (5, Mode.LAND),
        (7, Mode.BRAKE),
    ],
)
def test_the_parameter_decides_the_way_out(enable: int, mode: Mode) -> None:
    cockpit = flying(FS_GCS_ENABLE=enable)
    cockpit.heartbeats = False
    cockpit.run(SILENCE_S)
    assert cockpit.mode == mode


@pytest.mark.parametrize(
    ("options", "mode", "words"),
    [
        (0, Mode.AUTO, None),
        (2, Mode.AUTO, "GCS Failsafe - Continuing Auto Mode"),
        (1, Mode.AUTO, None),
        (16, Mode.LOITER, "GCS Failsafe - Continuing Pilot Control"),
        (16, Mode.AUTO, None),
        (0, Mode.LOITER, None),
        (8, Mode.LAND, "GCS Failsafe - Continuing Landing"),
    ],
)
def test_options_let_it_go_on(options: int, mode: Mode, words: str | None) -> None:
    cockpit = flying(FS_GCS_ENABLE=1, FS_OPTIONS=options)
    assert cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, mode) == 0
    cockpit.heartbeats = False
    cockpit.run(SILENCE_S)
    assert (words or "GCS Failsafe") in cockpit.texts()
    assert cockpit.mode == (Mode.RTL if words is None else mode)


@pytest.mark.parametrize(
    ("options", "words"),
    [(0, "Radio Failsafe"), (1, "Radio Failsafe - Continuing Auto"), (2, "Radio Failsafe")],
)
def test_options_for_the_radio(options: int, words: str) -> None:
    cockpit = flying(FS_OPTIONS=options)
    cockpit.set("SIM_RC_FAIL", 1)
    cockpit.run(2.0)
    assert words in cockpit.texts()
    assert cockpit.mode == (Mode.AUTO if "Continuing" in words else Mode.RTL)


def test_on_the_ground_a_silent_station_disarms_and_keeps_it_from_arming() -> None:
    cockpit = Cockpit(parameters={"FS_GCS_ENABLE": 1, "DISARM_DELAY": 0})
    cockpit.ready()
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    cockpit.heartbeats = False
    cockpit.run(SILENCE_S)
    assert not cockpit.armed
    assert "GCS Failsafe - Disarming" in cockpit.texts()
    assert cockpit.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_FAILED
    assert cockpit.texts()[-1] == "Arm: GCS failsafe on"


def test_sticks_of_a_stranger_are_ignored() -> None:
    cockpit = Cockpit()
    cockpit.speak_as(254)
    sticks = mavlink.MAVLink_rc_channels_override_message(7, 1, *[1700] * 8)
    cockpit.send(sticks)
    assert cockpit.vehicle.pilot.rc_channels[0] == 1500
    cockpit.speak_as(255)
    cockpit.send(sticks)
    assert cockpit.vehicle.pilot.rc_channels[0] == 1700


def test_sysid_enforce_makes_it_deaf_to_strangers() -> None:
    cockpit = Cockpit(parameters={"SYSID_ENFORCE": 1})
    cockpit.speak_as(254)
    with pytest.raises(AssertionError, match="not acknowledged"):
        cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148)
    cockpit.speak_as(255)
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == 0
