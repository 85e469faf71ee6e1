"""From a packet at the drone's socket to the message in a browser, everything real in between.

Twenty vehicles send MAVLink over UDP at their default 40 messages a second to a fleet node in its
own process; a command post in another passes their states to a browser's socket. Each position
carries its number in its last digits, by which it is known again.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from websockets.asyncio.client import connect

from fleet.mavlink import Codec, dialect
from tests.benchmarks.bench_api import Row, percentile, running

VEHICLES = 20
SECONDS = 15
WARM_UP_S = 4
LAT_E7 = 249_000_000

NODE = """
import asyncio, json, sys
from fleet.config import FleetConfig
from fleet.node import FleetNode
asyncio.run(FleetNode(FleetConfig.model_validate(json.loads(sys.argv[1])), sys.argv[2]).run())
"""


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _fly(port: int, sent: dict[int, float]) -> None:
    """Send every vehicle's 40 messages a second, spread over it; positions at 10 Hz."""
    codecs = {n: Codec(n, 1) for n in range(1, VEHICLES + 1)}
    sockets = {n: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for n in codecs}
    number = 0
    began = time.monotonic()
    for tick in range((SECONDS + WARM_UP_S) * 40):
        for n, codec in codecs.items():
            boot = tick * 25
            match (tick + n) % 4:
                case 0:
                    number += 1
                    message = dialect.MAVLink_global_position_int_message(
                        boot, LAT_E7 + number, 1_026_108_000, 2_300_000, 84_000, 800, 0, 0, 9_000
                    )
                    sent[number] = time.time()
                case 1:
                    message = dialect.MAVLink_attitude_message(boot, 0.1, 0.1, 1.0, 0, 0, 0)
                case 2:
                    message = dialect.MAVLink_vfr_hud_message(8.0, 8.0, 90, 40, 2_300.0, 0.0)
                case _ if tick % 40 == 3:
                    message = dialect.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3)
                case _:
                    message = dialect.MAVLink_mission_current_message(3)
            sockets[n].sendto(codec.pack(message), ("127.0.0.1", port))
            # Vehicles are no choir: their packets don't come all at once.
            if n % 5 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(max(0.0, began + (tick + 1) / 40 - time.monotonic()))
    for one in sockets.values():
        one.close()


def _numbers(frame: str) -> Iterator[int]:
    """Return the numbers of the positions in a frame of the live socket."""
    for line in frame.split("\n"):
        message = json.loads(line)
        if message["type"] == "vehicle_state" and message["data"]["lat_deg"]:
            yield round(message["data"]["lat_deg"] * 1e7) - LAT_E7


async def measure() -> list[Row]:
    ages_ms: list[float] = []
    sent: dict[int, float] = {}
    async with running() as post:
        port = _free_port()
        with tempfile.TemporaryDirectory() as folder:
            config = {
                "node_id": "fleet-drone",
                "server_url": f"http://127.0.0.1:{post.port}",
                "data_dir": folder,
                "links": [{"id": "udp", "url": f"udpin:127.0.0.1:{port}"}],
                "vehicles": [
                    {"vehicle_id": f"V{n}", "link": "udp", "sysid": n}
                    for n in range(1, VEHICLES + 1)
                ],
                "endpoints": False,
            }
            token = post.enrol("fleet-drone", "fleet")
            node = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                NODE,
                json.dumps(config),
                token,
                cwd=Path(__file__).parents[2],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                commander = await post.sign_in("commander")
                headers = {"Authorization": commander.headers["Authorization"]}
                flying = asyncio.create_task(_fly(port, sent))
                ready_s = time.time() + WARM_UP_S
                async with connect(post.url("live"), additional_headers=headers) as browser:
                    await browser.recv()
                    seen: set[int] = set()
                    while not flying.done():
                        try:
                            async with asyncio.timeout(1):
                                text = str(await browser.recv())
                        except TimeoutError:
                            continue
                        now_s = time.time()
                        if now_s < ready_s:
                            continue
                        for number in _numbers(text):
                            if number in sent and number not in seen:
                                seen.add(number)
                                ages_ms.append((now_s - sent[number]) * 1000)
                await flying
            finally:
                node.terminate()
                await node.wait()
    name = f"drone's socket to browser, {VEHICLES} vehicles at 40 messages/s"
    p99 = percentile(ages_ms, 0.99)
    return [
        (f"{name}: median", percentile(ages_ms, 0.5), "ms", ""),
        (f"{name}: p99", p99, "ms", "100", p99 > 100),
        (f"{name}: positions shown", len(ages_ms) / SECONDS / VEHICLES, "Hz", "live_hz 25"),
    ]


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    yield from asyncio.run(measure())
