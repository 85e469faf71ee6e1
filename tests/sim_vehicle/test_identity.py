"""What tells one vehicle from another: hardware number and boot clock, also under one system id."""

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import VehicleConfig
from sim.vehicle.second_device import second_device
from tests.sim_vehicle.cockpit import HOME, Cockpit

VERSION = mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION
CAPABILITIES = mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES


def uid_of(cockpit: Cockpit) -> bytes:
    assert cockpit.command(mavlink.MAV_CMD_REQUEST_MESSAGE, VERSION) == 0
    version = cockpit.of("AUTOPILOT_VERSION")[-1]
    assert version.uid == 0, "ArduPilot fills only uid2"
    return bytes(version.uid2)


def test_each_vehicle_has_a_hardware_number_of_its_own_and_keeps_it() -> None:
    first, again, other = Cockpit(sysid=7), Cockpit(sysid=7), Cockpit(sysid=7, hardware_id="other")
    assert uid_of(first) == uid_of(again)
    assert uid_of(first) != uid_of(other)
    assert any(uid_of(first))


def test_both_requests_for_it_are_answered() -> None:
    cockpit = Cockpit()
    uid = uid_of(cockpit)
    mark = len(cockpit.log)
    assert cockpit.command(CAPABILITIES, 1) == 0
    (answer,) = [m for _, m in cockpit.log[mark:] if m.get_type() == "AUTOPILOT_VERSION"]
    assert bytes(answer.uid2) == uid
    assert answer.capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    assert answer.capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY


def test_a_second_device_shares_only_the_system_id() -> None:
    config = VehicleConfig(7, *HOME, tcp_port=5760)
    double = second_device(config)
    assert double.sysid == config.sysid
    assert double.hardware_id != config.hardware_id
    assert double.tcp_port is None
    first = Cockpit()
    second = Cockpit(
        hardware_id=double.hardware_id,
        uptime_s=double.uptime_s,
        lat_deg=double.lat_deg,
        lon_deg=double.lon_deg,
    )
    north_m, east_m = first.vehicle.pilot.frame.to_metres(double.lat_deg, double.lon_deg)
    assert (north_m, east_m) == pytest.approx((600.0, 0.0), abs=1.0)
    for cockpit in (first, second):
        cockpit.stream("ATTITUDE")
        cockpit.run(1.0)
    boot_s = [cockpit.of("ATTITUDE")[-1].time_boot_ms / 1000 for cockpit in (first, second)]
    assert boot_s[1] - boot_s[0] == pytest.approx(double.uptime_s, abs=0.1)
    assert uid_of(first) != uid_of(second)
