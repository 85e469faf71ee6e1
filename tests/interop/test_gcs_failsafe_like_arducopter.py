"""Whose silence the ground station failsafe counts: the same on both vehicles."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from tests.sim_vehicle.both import KINDS, connected
from tests.sim_vehicle.peer import Peer

OURS, STRANGER = 255, 254

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="function")]


@pytest.fixture(params=[OURS, 77], ids=["our station", "a station never heard"])
def station(request: pytest.FixtureRequest) -> int:
    """SYSID_MYGCS from the start."""
    return request.param


@pytest_asyncio.fixture(params=KINDS)
async def peer(request: pytest.FixtureRequest, station: int) -> AsyncGenerator[Peer]:
    parameters = {"FS_GCS_ENABLE": 1.0, "FS_OPTIONS": 0.0, "SYSID_MYGCS": float(station)}
    async with connected(request.param, **parameters) as (peer, _):
        yield peer


async def test_only_the_silence_of_its_own_station_counts(peer: Peer, station: int) -> None:
    await peer.ready()
    assert await peer.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.GUIDED) == 0
    assert await peer.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 0
    assert await peer.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 10) == 0
    await peer.until(lambda: peer.height_m > 9, sim_s=40)
    peer.speak_as(STRANGER)
    silent_s = peer.boot_s
    if station == OURS:
        await peer.until(lambda: peer.mode == Mode.RTL, sim_s=10)
        assert 3.0 < peer.boot_s - silent_s < 8.0
        assert peer.said("GCS Failsafe") is not None
        peer.speak_as(OURS)
        await peer.until(lambda: peer.said("GCS Failsafe Cleared"))
        assert peer.mode == Mode.RTL
    else:
        await peer.until(lambda: peer.boot_s > silent_s + 12.0, sim_s=20)
        assert peer.mode == Mode.GUIDED
        assert peer.said("GCS Failsafe") is None
