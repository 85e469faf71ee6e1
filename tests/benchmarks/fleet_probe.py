"""A fleet node as a program of its own under a fleet's traffic, and a post that times it."""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve

from sim.demo.command_line import python_words
from tests.benchmarks.fleet_load import PER_PORT, WRAP_MS
from tests.fleet.flight_line import free_port

__all__ = ["Probe", "cpu_s", "rss_mib", "run_probe"]

HEIGHT = re.compile(r'"altitude_relative_m":(-?[0-9.]+)')
WARM_S = 3.0


@dataclass
class Probe:
    """What was seen."""

    delays_ms: list[float] = field(default_factory=list[float])
    """From a position's packet to the snapshot at the command post, while warm."""
    vehicles: set[str] = field(default_factory=set[str])
    sent: int = 0
    load_s: float = 0.0
    """How long the load took to send that: less than it should have sent is its own limit."""
    node_cpu_s: float = 0.0
    memory_mib: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Seconds since the start, and memory of the node then."""

    def percentile(self, share: float) -> float:
        """Return the delay that `share` of the snapshots did not exceed."""
        ordered = sorted(self.delays_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 1e9


class _Post:
    """Just enough of a command post: it welcomes, tells the time, and reads heights."""

    def __init__(self, probe: Probe, base_ns: int, warm_ns: int) -> None:
        self._probe = probe
        self._base_ns = base_ns
        self.warm_ns = warm_ns
        self._seen: dict[str, float] = {}

    async def handle(self, socket: ServerConnection) -> None:
        async for text in socket:
            assert isinstance(text, str)
            if text.startswith('{"type":"latest"') and '"vehicle_state"' in text[:80]:
                self._snapshot(text)
                continue
            frame = json.loads(text)
            now_ms = time.time_ns() // 1_000_000
            if frame["type"] == "hello":
                reply = {"type": "welcome", "session": "bench", "server_time_ms": now_ms}
            elif frame["type"] == "time":
                stamps = {"t1_ms": now_ms, "t2_ms": now_ms}
                reply = {"type": "time_reply", "t0_ms": frame["t0_ms"], **stamps}
            elif frame["type"] == "durable":
                reply = {"type": "ack", "seqs": [frame["seq"]]}
            else:
                continue
            await socket.send(json.dumps(reply))

    def _snapshot(self, text: str) -> None:
        now_ns = time.time_ns()
        found = HEIGHT.search(text)
        if found is None:
            return
        sent_ms = float(found[1]) * 1000
        vehicle_id = text[text.index('"vehicle_id":"') + 14 :].partition('"')[0]
        self._probe.vehicles.add(vehicle_id)
        # The round every 200 ms repeats what is known: only the first sight of a height counts.
        if self._seen.get(vehicle_id) == sent_ms or now_ns < self.warm_ns:
            return
        self._seen[vehicle_id] = sent_ms
        now_ms = (now_ns - self._base_ns) / 1e6
        self._probe.delays_ms.append((now_ms - sent_ms) % WRAP_MS)


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    """Return the memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _worker(pid: int) -> int:
    """The process that works for a node's process: its only child, or itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


async def run_probe(vehicles: int, seconds: float, speed: float = 1.0) -> Probe:
    """Run a node under `vehicles` for `seconds`; `speed` sends faster than real vehicles do."""
    probe = Probe()
    base_ns = time.time_ns()
    ports = [free_port() for _ in range(-(-vehicles // PER_PORT))]
    with tempfile.TemporaryDirectory() as folder:
        post = _Post(probe, base_ns, base_ns + 10**15)
        async with serve(post.handle, "127.0.0.1", 0, compression=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            config = {
                "node_id": "bench",
                "server_url": f"http://127.0.0.1:{port}",
                "data_dir": folder,
                "links": [
                    {"id": f"udp{n}", "url": f"udpin:127.0.0.1:{p}"} for n, p in enumerate(ports)
                ],
                "vehicles": [
                    {
                        "vehicle_id": f"V{n}",
                        "link": f"udp{n // PER_PORT}",
                        "sysid": n % PER_PORT + 1,
                    }
                    for n in range(vehicles)
                ],
                "endpoints": False,
            }
            file = Path(folder) / "fleet.json"
            file.write_text(json.dumps(config))
            node = await asyncio.create_subprocess_exec(
                *python_words(["fleet", "--config", str(file)]),
                env={**os.environ, "XUNSHAN_NODE_TOKEN": "bench"},
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(60):
                    while not server.connections:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                load = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.benchmarks.fleet_load"),
                    *(",".join(map(str, ports)), str(vehicles), str(WARM_S + seconds)),
                    *(str(speed), str(base_ns)),
                    stdout=asyncio.subprocess.PIPE,
                )
                post.warm_ns = time.time_ns() + int((WARM_S + 1.5) * 1e9)
                await _watch(probe, _worker(node.pid), load)
            finally:
                if node.returncode is None:
                    node.terminate()
                    await node.wait()
    return probe


async def _watch(probe: Probe, pid: int, load: asyncio.subprocess.Process) -> None:
    began_s = time.monotonic()
    before_s = cpu_s(pid)
    waiting = asyncio.create_task(load.communicate())
    while not waiting.done():
        await asyncio.wait({waiting}, timeout=5.0)
        probe.memory_mib.append((time.monotonic() - began_s, rss_mib(pid)))
    told, _ = await waiting
    probe.sent, probe.load_s = int(told.split()[0]), float(told.split()[1])
    probe.node_cpu_s = cpu_s(pid) - before_s
