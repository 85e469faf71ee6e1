"""Stock dronekit reads, writes and clears missions of the vehicle itself, ours and the real one."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio

from fleet import dronekit_shim
from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter

HOME = (24.9478, 102.6108)
GROUND_M = 1890.0
SPEEDUP = 10.0
WITHIN_S = 120

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="function")]


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def port(request: pytest.FixtureRequest) -> AsyncGenerator[int]:
    config = VehicleConfig(2, *HOME, ground_amsl_m=GROUND_M, tcp_port=0)
    if request.param == "simulated":
        async with vehicle_group(VehicleGroup([config], speedup=SPEEDUP)) as group:
            yield group.tcp_ports[0]
        return
    binary = arducopter_binary()
    if binary is None:
        pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
    async with real_arducopter(binary, config, speedup=SPEEDUP) as its_port:
        yield its_port


def _script(port: int) -> dict[str, Any]:
    dronekit_shim.install()
    import dronekit
    from pymavlink import mavutil

    seen: dict[str, Any] = {}
    vehicle: Any = dronekit.connect(f"tcp:127.0.0.1:{port}", wait_ready=False, heartbeat_timeout=30)
    try:
        vehicle.wait_for(lambda: vehicle.ekf_ok, timeout=60)

        def download() -> list[int]:
            vehicle.commands.download()
            vehicle.commands.wait_ready(timeout=20)
            return [item.command for item in vehicle.commands]

        seen["empty"] = download()
        seen["home"] = vehicle.home_location
        item = lambda name, lat, alt: dronekit.Command(  # noqa: E731
            *(0, 0, 0, mavutil.mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, name, 0, 1, 0, 0, 0, 0),
            *(lat, HOME[1], alt),
        )
        vehicle.commands.add(item(mavutil.mavlink.MAV_CMD_NAV_TAKEOFF, HOME[0], 12))
        vehicle.commands.add(item(mavutil.mavlink.MAV_CMD_NAV_WAYPOINT, HOME[0] + 1e-3, 12))
        vehicle.commands.upload(timeout=20)
        seen["uploaded"] = download()
        vehicle.commands.clear()
        vehicle.commands.upload(timeout=20)
        seen["cleared"] = download()
        return seen
    finally:
        vehicle.close()


async def test_download_works_with_and_without_a_mission(port: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        seen = await asyncio.to_thread(_script, port)
    assert seen["empty"] == []
    assert (seen["home"].lat, seen["home"].lon) == pytest.approx(HOME, abs=2e-5)
    assert seen["home"].alt == pytest.approx(GROUND_M, abs=2.0)
    assert seen["uploaded"] == [22, 16]
    assert seen["cleared"] == []
