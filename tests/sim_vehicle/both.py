"""One vehicle for a test that asks the same of ours and of the real ArduCopter."""

import contextlib
from collections.abc import AsyncGenerator

import pytest

from sim.vehicle import VehicleConfig, VehicleGroup, vehicle_group
from sim.vehicle.arducopter import BINARY_VARIABLE, arducopter_binary, real_arducopter
from tests.sim_vehicle.peer import Peer

__all__ = ["GROUND_M", "HOME", "KINDS", "connected"]

KINDS = ("simulated", "arducopter")
HOME = (25.0, 102.66)
GROUND_M = 1890.0
SYSID = 7
SPEEDUP = 20.0


def _ground(lat_deg: float, lon_deg: float) -> float:
    return GROUND_M


@contextlib.asynccontextmanager
async def connected(kind: str, **parameters: float) -> AsyncGenerator[tuple[Peer, int]]:
    """Fly a vehicle of a kind (`KINDS`): a ground station on its first port, and the second port.

    Skips where the real one is asked for and isn't there.
    """
    config = VehicleConfig(SYSID, *HOME, ground_amsl_m=GROUND_M, tcp_port=0, parameters=parameters)
    peer = Peer(SYSID)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(peer.close)
        if kind == "simulated":
            group = VehicleGroup([config], speedup=SPEEDUP, terrain=_ground)
            await stack.enter_async_context(vehicle_group(group))
            first, second = group.tcp_ports
        else:
            binary = arducopter_binary()
            if binary is None:
                pytest.skip(f"{BINARY_VARIABLE} names no ArduCopter binary on this machine")
            first = await stack.enter_async_context(
                real_arducopter(binary, config, speedup=SPEEDUP)
            )
            second = first + 2
        await peer.connect(first)
        yield peer, second
