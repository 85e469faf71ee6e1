"""Run vehicles against the machine's clock, as fast as asked, all in lockstep."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Sequence

import structlog

from sim.vehicle.clock import SimClock
from sim.vehicle.config import Terrain, VehicleConfig
from sim.vehicle.sockets import TcpPort, UdpTarget
from sim.vehicle.vehicle import STEP_S, SimVehicle

__all__ = ["VehicleGroup", "run_vehicles", "vehicle_group"]

log = structlog.get_logger(__name__)

_SERIAL1_PORT_OFFSET = 2
_SHORTEST_NAP_S = 0.002
_MOST_BEHIND_S = 0.25
_BATCH_S = 0.1
"""Most simulated time between two looks at the sockets."""


def _flat_terrain(lat_deg: float, lon_deg: float) -> float:
    del lat_deg, lon_deg
    return 0.0


class VehicleGroup:
    """Vehicles that share one clock, with their sockets."""

    def __init__(
        self,
        configs: Sequence[VehicleConfig],
        *,
        terrain: Terrain = _flat_terrain,
        speedup: float = 1.0,
        seed: int = 1,
        start_utc_ms: int | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        sysids = [config.sysid for config in configs]
        if len(set(sysids)) != len(sysids):
            raise ValueError(f"every vehicle needs its own sysid, not {sysids}")
        if not speedup > 0:
            raise ValueError(f"speedup must be positive, not {speedup}")
        if start_utc_ms is None:
            start_utc_ms = round(time.time() * 1000)
        self.speedup = speedup
        self.clock = SimClock(start_utc_ms)
        self.vehicles = [SimVehicle(config, self.clock, terrain, seed) for config in configs]
        self._host = host
        self._udp: list[UdpTarget] = []
        self._tcp: list[TcpPort] = []

    async def open(self) -> None:
        """Open the vehicles' sockets; on an error none stays open."""
        try:
            for vehicle in self.vehicles:
                config = vehicle.config
                if config.tcp_port is not None:
                    second = config.tcp_port + _SERIAL1_PORT_OFFSET if config.tcp_port else 0
                    for port in (config.tcp_port, second):
                        self._tcp.append(await TcpPort.open(vehicle, self._host, port))
                if config.udp_target is not None:
                    self._udp.append(await UdpTarget.open(vehicle, config.udp_target))
        except OSError:
            await self.close()
            raise

    @property
    def tcp_ports(self) -> list[int]:
        """Ports the vehicles listen on, in order."""
        return [port.port for port in self._tcp]

    async def close(self) -> None:
        """Close every socket."""
        for target in self._udp:
            target.close()
        for port in self._tcp:
            await port.close()
        self._udp.clear()
        self._tcp.clear()

    async def run(self) -> None:
        """Let time pass until cancelled.

        Where the machine is too slow for the asked speed-up, simulated time falls behind instead
        of jumping: a flight is the same at every speed.
        """
        wall_s = time.monotonic()
        owed_s = 0.0
        while True:
            await asyncio.sleep(max(_SHORTEST_NAP_S, (STEP_S - owed_s) / self.speedup))
            now_s = time.monotonic()
            owed_s = min(owed_s + (now_s - wall_s) * self.speedup, _MOST_BEHIND_S * self.speedup)
            wall_s = now_s
            batch_s = 0.0
            while owed_s >= STEP_S:
                owed_s -= STEP_S
                batch_s += STEP_S
                self.advance(STEP_S)
                if batch_s >= _BATCH_S:
                    batch_s = 0.0
                    await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass at once, without looking at the machine's clock."""
        self.clock.advance(seconds)
        for vehicle in self.vehicles:
            vehicle.update()


@contextlib.asynccontextmanager
async def vehicle_group(group: VehicleGroup) -> AsyncGenerator[VehicleGroup]:
    """Open a group's sockets and run it for the length of a `with` block."""
    await group.open()
    task = asyncio.create_task(group.run())
    try:
        yield group
    finally:
        task.cancel()
        try:
            # Not `await task` with its CancelledError suppressed: that would also suppress ours.
            await asyncio.wait({task})
        finally:
            await group.close()
        if not task.cancelled():
            task.result()


async def run_vehicles(
    configs: Sequence[VehicleConfig],
    speedup: float = 1.0,
    seed: int = 1,
    *,
    terrain: Terrain = _flat_terrain,
    start_utc_ms: int | None = None,
) -> None:
    """Run vehicles until cancelled."""
    group = VehicleGroup(
        configs, terrain=terrain, speedup=speedup, seed=seed, start_utc_ms=start_utc_ms
    )
    await group.open()
    log.info("vehicles running", count=len(group.vehicles), speedup=speedup)
    try:
        await group.run()
    finally:
        await group.close()
