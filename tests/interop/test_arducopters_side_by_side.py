"""Several real ArduCopters at once do not meet: own ports, own folders, and no silent stand-in."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import VehicleConfig
from sim.vehicle.arducopter import (
    BINARY_VARIABLE,
    FIRST_TCP_PORT,
    ArduCopterEndedError,
    arducopter_binary,
    real_arducopter,
)
from tests.sim_vehicle.peer import Peer

HOME = (25.0, 102.66)

pytestmark = pytest.mark.slow


@pytest.fixture
def binary() -> Path:
    found = arducopter_binary()
    if found is None:
        pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
    return found


async def test_two_at_once_answer_only_their_own_commands(binary: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        peers: dict[int, Peer] = {}
        for sysid in (3, 4):
            config = VehicleConfig(sysid, *HOME, ground_amsl_m=1890.0 + sysid)
            port = await stack.enter_async_context(real_arducopter(binary, config, speedup=5))
            peers[sysid] = Peer(sysid)
            await peers[sysid].connect(port)
            stack.push_async_callback(peers[sysid].close)
        # Each opens its further ports now that it has a client: where one of them were taken, the
        # program would end here.
        for peer in peers.values():
            await peer.stream("ATTITUDE", "GLOBAL_POSITION_INT")
            await peer.until(lambda peer=peer: "ATTITUDE" in peer.latest)
            await peer.set_parameter("RTL_ALT", 2000 + peer.target)
        for sysid, peer in peers.items():
            heard = {message.get_srcSystem() for message in peer.messages}
            assert heard == {sysid}
            value = peer.latest["PARAM_VALUE"]
            assert (value.param_id, value.param_value) == ("RTL_ALT", 2000 + sysid)
            assert await peer.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == 0


def _hold_a_port(holder: socket.socket) -> int:
    """Listen where some instance would; return its number."""
    for instance in range(200, 250):
        with contextlib.suppress(OSError):
            holder.bind(("127.0.0.1", FIRST_TCP_PORT + 10 * instance))
            holder.listen()
            return instance
    raise AssertionError("nothing is free between 7760 and 8250")


async def test_one_that_cannot_listen_says_so_instead_of_lending_anothers_port(
    binary: Path,
) -> None:
    """A taken port used to hand out the port of whoever listens there."""
    with contextlib.closing(socket.socket()) as taken:
        instance = _hold_a_port(taken)
        with pytest.raises(ArduCopterEndedError, match=r"bind failed on port|Address already"):
            async with (
                asyncio.timeout(30),
                real_arducopter(binary, VehicleConfig(1, *HOME), speedup=1, instance=instance),
            ):
                pass
