"""The gimbal by gimbal v2: who holds it, and where it looks."""

import math

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.sim_vehicle.cockpit import Cockpit

NAN = math.nan
CONFIGURE = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE
STATUS = mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS


def holder(cockpit: Cockpit) -> tuple[int, int]:
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, STATUS) == 0
    status = cockpit.of("GIMBAL_MANAGER_STATUS")[-1]
    return status.primary_control_sysid, status.primary_control_compid


def test_control_is_taken_kept_handed_over_and_given_up() -> None:
    cockpit = Cockpit()
    assert holder(cockpit) == (0, 0)
    assert cockpit.command(CONFIGURE, -2, -2) == 0
    assert holder(cockpit) == (255, 190)
    assert cockpit.command(CONFIGURE, -1, -1) == 0
    assert holder(cockpit) == (255, 190)
    cockpit.speak_as(254)
    assert cockpit.command(CONFIGURE, -3, -3) == 0
    assert holder(cockpit) == (255, 190), "only the holder gives it up"
    assert cockpit.command(CONFIGURE, 254, 190) == 0
    assert cockpit.command(CONFIGURE, -3, -3) == 0
    assert holder(cockpit) == (0, 0)
    assert cockpit.command(CONFIGURE, NAN, 0) == mavlink.MAV_RESULT_FAILED
    assert cockpit.command(CONFIGURE, 300, 0) == mavlink.MAV_RESULT_FAILED


def test_it_is_pointed_by_message_within_its_limits() -> None:
    cockpit = Cockpit()

    def point(flags: int, pitch_deg: float, yaw_deg: float) -> tuple[float, float]:
        angles = (math.radians(pitch_deg), math.radians(yaw_deg))
        message = mavlink.MAVLink_gimbal_manager_set_pitchyaw_message(
            7, 1, flags, 0, *angles, NAN, NAN
        )
        cockpit.send(message)
        cockpit.run(4.0)
        return cockpit.vehicle.state.gimbal_pitch_deg, cockpit.vehicle.state.gimbal_yaw_deg

    assert point(0, -40, 30) == pytest.approx((-40, 30), abs=0.01)
    assert point(0, -120, NAN) == pytest.approx((-90, 30), abs=0.01)
    neutral = mavlink.GIMBAL_MANAGER_FLAGS_NEUTRAL
    assert point(neutral, NAN, NAN) == pytest.approx((0, 0), abs=0.01)


def test_a_vehicle_without_a_gimbal_refuses() -> None:
    cockpit = Cockpit(gimbal=False)
    assert cockpit.command(CONFIGURE, -2, -2) == mavlink.MAV_RESULT_FAILED
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, STATUS) == mavlink.MAV_RESULT_FAILED


@pytest.mark.parametrize("mode", [NAN, math.inf, 99.0])
def test_a_mount_mode_without_sense_moves_nothing(mode: float) -> None:
    cockpit = Cockpit()
    command = mavlink.MAV_CMD_DO_MOUNT_CONTROL
    assert cockpit.command(command, -45, 0, 0, 0, 0, 0, mode) == mavlink.MAV_RESULT_ACCEPTED
    cockpit.run(2.0)
    assert cockpit.vehicle.state.gimbal_pitch_deg == 0.0
