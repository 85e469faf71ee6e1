"""A fleet node under load: vehicles per core, what a message costs, memory over an hour.

The node, its load and MAVSDK are processes of their own. `FLEET_HOUR=1` feeds the whole hour of 50
vehicles, 7 million messages; otherwise two minutes of it.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from fleet.config import FleetConfig
from fleet.links.udp import UdpLink
from fleet.mavlink import Codec, dialect
from fleet.node import FleetNode
from tests.benchmarks.fleet_load import PARTS, frames_of
from tests.benchmarks.fleet_probe import cpu_s, rss_mib, run_probe
from tests.fleet.flight_line import free_port

Row = tuple[str, float, str, str] | tuple[str, float, str, str, bool]

SMALL = bool(os.environ.get("BENCH_SMALL"))
HOUR = bool(os.environ.get("FLEET_HOUR"))
STEPS = (25, 50, 75, 100, 150, 200, 250, 350, 500)
LATE_MS = 50.0
PROBE_S = 6.0 if SMALL else 12.0
MEMORY_VEHICLES = 50
MEMORY_S = 3600 if HOUR else 120
MAVSDK_S, MAVSDK_SPEED = 8.0, 25.0


def _vehicles_per_core() -> Iterator[Row]:
    """Raise the number of vehicles until snapshots come late."""
    reached, p99_ms = 0, 0.0
    for vehicles in STEPS:
        probe = asyncio.run(run_probe(vehicles, PROBE_S))
        late_ms = probe.percentile(0.99)
        rate = probe.sent / probe.load_s / vehicles
        print(
            f"  {vehicles} vehicles, {len(probe.vehicles)} seen, {rate:.1f} messages/s each: p50 "
            f"{probe.percentile(0.5):.0f} ms, p99 {late_ms:.0f} ms, "
            f"{probe.node_cpu_s / probe.load_s:.0%} of a core"
        )
        if late_ms > LATE_MS or len(probe.vehicles) < vehicles:
            break
        reached, p99_ms = vehicles, late_ms
    name = "one node process: vehicles at 38 messages/s, packet to snapshot p99 within 50 ms"
    yield name, float(reached), "vehicles", "500", reached < 500
    yield "the same: p99 there", p99_ms, "ms", "50"


class _Fed:
    """A node without sockets, fed frames as its link would get them."""

    def __init__(self, folder: str, vehicles: int) -> None:
        config = FleetConfig.model_validate(
            {
                "node_id": "bench",
                "server_url": "http://127.0.0.1:9",
                "data_dir": folder,
                "links": [{"id": "udp", "url": "udpin:127.0.0.1:14550"}],
                "vehicles": [
                    {"vehicle_id": f"V{n}", "link": "udp", "sysid": n}
                    for n in range(1, vehicles + 1)
                ],
                "endpoints": False,
            }
        )
        self.node = FleetNode(config, "token")
        link = self.node._links["udp"]  # pyright: ignore[reportPrivateUsage]
        assert isinstance(link, UdpLink)
        self._link = link
        for system in range(1, vehicles + 1):
            beat = dialect.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3)
            self.feed(system, [Codec(system, 1).pack(beat)])

    def feed(self, system: int, frames: Sequence[bytes]) -> None:
        """Hand a vehicle's datagrams to the link."""
        for frame in frames:
            self._link.datagram_received(frame, ("127.0.0.1", 40_000 + system))

    def publish(self) -> None:
        """Offer every aircraft's state, as a round does."""
        for vehicle_id in self.node._aircraft:  # pyright: ignore[reportPrivateUsage]
            state = self.node.state(vehicle_id)
            if state is not None:
                self.node.client.send_latest(state)


async def _cost_per_message() -> Iterator[Row]:
    seconds = 4 if SMALL else 12
    wire = {system: frames_of(system, seconds) for system in range(1, 11)}
    count = sum(len(part) for parts in wire.values() for part in parts)
    codec = dialect.MAVLink(None)
    began_s = time.process_time()
    for parts in wire.values():
        for part in parts:
            for frame in part:
                codec.parse_buffer(frame)
    plain_s = time.process_time() - began_s
    with tempfile.TemporaryDirectory() as folder:
        fed = _Fed(folder, len(wire))
        began_s = time.process_time()
        for turn in range(seconds * PARTS):
            for system, parts in wire.items():
                fed.feed(system, parts[turn])
        ours_s = time.process_time() - began_s
        fed.node.client.close()
    mavsdk_s, received = await _mavsdk_cost()
    return iter(
        [
            ("a message: plain pymavlink, parse_buffer", plain_s / count * 1e6, "us", ""),
            (
                "a message: our path (parse, statistics, identity, log, follow)",
                ours_s / count * 1e6,
                "us",
                "",
            ),
            (
                f"a message: MAVSDK 4.1 on a UDP port, {received:,.0f} messages",
                mavsdk_s / received * 1e6,
                "us",
                "",
            ),
        ]
    )


async def _mavsdk_cost() -> tuple[float, float]:
    """Return the CPU time of a MAVSDK process and how many messages it was sent meanwhile."""
    port = free_port()
    listener = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.mavsdk_listener", str(port)),
        stdout=asyncio.subprocess.PIPE,
    )
    load = None
    try:
        load = await _load(port, 60.0, 1.0)
        assert listener.stdout is not None
        async with asyncio.timeout(60):
            while b"found" not in await listener.stdout.readline():
                pass
        load.kill()
        await load.wait()
        before_s = cpu_s(listener.pid)
        load = await _load(port, MAVSDK_S, MAVSDK_SPEED)
        told, _ = await load.communicate()
        return cpu_s(listener.pid) - before_s, float(told.split()[0])
    finally:
        for process in (load, listener):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()


async def _load(port: int, seconds: float, speed: float) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.fleet_load"),
        *(str(port), "1", str(seconds), str(speed), str(time.time_ns())),
        stdout=asyncio.subprocess.PIPE,
    )


async def _memory() -> Iterator[Row]:
    """Feed a node as fast as it takes it, and look at its memory after every tenth."""
    with tempfile.TemporaryDirectory() as folder:
        fed = _Fed(folder, MEMORY_VEHICLES)
        seen = [rss_mib(os.getpid())]
        wire = [frames_of(system, 60) for system in range(1, MEMORY_VEHICLES + 1)]
        turns, fed_count = MEMORY_S * PARTS, 0
        for turn in range(turns):
            for system, parts in enumerate(wire, start=1):
                # The minute over and over: its clock since boot seems to restart every time.
                part = parts[turn % len(parts)]
                fed.feed(system, part)
                fed_count += len(part)
            if turn % 2 == 0:
                fed.publish()
            if (turn + 1) % (turns // 10) == 0:
                seen.append(rss_mib(os.getpid()))
            await asyncio.sleep(0)
        print("  MiB at the start and after every tenth: " + ", ".join(f"{m:.0f}" for m in seen))
        fed.node.client.close()
    name = f"memory, {MEMORY_VEHICLES} vehicles, {fed_count:,} messages"
    growth = seen[-1] - seen[1]
    return iter(
        [
            (f"{name}: at the end", seen[-1], "MiB", ""),
            (f"{name}: growth after the first tenth", growth, "MiB", ""),
        ]
    )


def rows() -> Iterator[Row]:
    """Measure."""
    yield from asyncio.run(_cost_per_message())
    yield from asyncio.run(_memory())
    yield from _vehicles_per_core()
