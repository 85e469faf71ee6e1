"""A stock dronekit script flies a fleet vehicle through the fleet node's endpoint (story P1)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fleet import dronekit_shim
from tests.fleet.flight_line import FCP, FlightLine, flight_line

pytestmark = [pytest.mark.slow, pytest.mark.serial]

TARGET_NORTH_DEG = 0.0004
HEIGHT_M = 12.0


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path, autopilot_only=True) as running:
        await running.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
        yield running


def _until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    # dronekit offers no event for every change: its users poll, and so does this script.
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"dronekit never saw: {what}")
        time.sleep(0.05)


def _script(port: int) -> list[int]:
    dronekit_shim.install()
    import dronekit
    from pymavlink import mavutil

    vehicle: Any = dronekit.connect(f"tcp:127.0.0.1:{port}", wait_ready=False, heartbeat_timeout=30)
    try:
        _until(lambda: vehicle.location.global_frame.lat not in (None, 0), 20, "a position")
        vehicle.mode = dronekit.VehicleMode("GUIDED")
        _until(lambda: vehicle.mode.name == "GUIDED", 20, "GUIDED")
        vehicle.armed = True
        _until(lambda: vehicle.armed, 20, "armed")
        vehicle.simple_takeoff(HEIGHT_M)
        high = lambda: vehicle.location.global_relative_frame.alt > HEIGHT_M * 0.9  # noqa: E731
        _until(high, 40, "take-off height")
        target = dronekit.LocationGlobalRelative(
            FCP.lat_deg + TARGET_NORTH_DEG, FCP.lon_deg, HEIGHT_M
        )
        vehicle.simple_goto(target)
        _until(lambda: abs(vehicle.location.global_frame.lat - target.lat) < 3e-5, 60, "the target")
        command = lambda name, lat, alt: dronekit.Command(  # noqa: E731
            *(0, 0, 0, mavutil.mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, name, 0, 1, 0, 0, 0, 0),
            *(lat, FCP.lon_deg, alt),
        )
        mission = vehicle.commands
        mission.clear()
        # Item 0 is home; without a download before it dronekit leaves that to the script.
        mission.add(command(mavutil.mavlink.MAV_CMD_NAV_WAYPOINT, FCP.lat_deg, 0))
        mission.add(command(mavutil.mavlink.MAV_CMD_NAV_TAKEOFF, FCP.lat_deg, HEIGHT_M))
        mission.add(command(mavutil.mavlink.MAV_CMD_NAV_WAYPOINT, FCP.lat_deg + 0.0002, HEIGHT_M))
        mission.upload()
        vehicle.mode = dronekit.VehicleMode("RTL")
        _until(lambda: vehicle.mode.name == "RTL", 20, "RTL")
        _until(lambda: not vehicle.armed, 90, "landed and disarmed")
        return [item.command for item in mission]
    finally:
        vehicle.close()


async def test_arm_take_off_go_to_upload_and_return(line: FlightLine) -> None:
    async with asyncio.timeout(240):
        commands = await asyncio.to_thread(_script, line.endpoint_port)
    assert commands == [22, 16]
    on_board = await line.node._aircraft["XS-U2"].vehicle.read_items()
    assert [item.command for item in on_board[1:]] == [22, 16]
    highest = max(s.altitude_relative_m or 0 for s in line.states)
    farthest = max((s.lat_deg or 0) for s in line.states)
    assert highest > HEIGHT_M * 0.9
    assert farthest > FCP.lat_deg + TARGET_NORTH_DEG * 0.9
    await line.until(lambda s: not s.armed)
