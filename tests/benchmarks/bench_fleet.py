"""The fleet node: first retry of a command, and how many vehicles one core can listen to."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from fleet.config import FleetConfig
from fleet.mavlink import Codec, dialect
from fleet.node import FleetNode
from fleet.protocol.command import CommandProtocol, Order

VEHICLES = 50
SECONDS = 4
MESSAGES_PER_S = 40


def _frames(system: int, second: int) -> list[bytes]:
    """One second of a vehicle at its default rates, about 40 messages."""
    codec = Codec(system, 1)
    boot = second * 1000 + 1
    messages = [dialect.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3)]
    for part in range(10):
        t = boot + part * 100
        messages.append(dialect.MAVLink_attitude_message(t, 0.1, 0.1, 1.0, 0, 0, 0))
        messages.append(
            dialect.MAVLink_global_position_int_message(
                t, 249_478_000 + part, 1_026_108_000, 2_300_000, 84_000, 800, 0, 0, 9_000
            )
        )
        messages.append(dialect.MAVLink_vfr_hud_message(8.0, 8.0, 90, 40, 2_300.0, 0.0))
    for _ in range(9):
        messages.append(dialect.MAVLink_mission_current_message(3))
    return [codec.pack(message) for message in messages]


def _first_retry_s() -> float:
    protocol = CommandProtocol(1, 1)
    protocol.request(Order(dialect.MAV_CMD_DO_SET_MODE))
    protocol.poll(0.0)
    now_s = 0.0
    while not protocol.poll(now_s)[0]:
        now_s += 0.01
    return now_s


async def _vehicles_per_core() -> float:
    with tempfile.TemporaryDirectory() as folder:
        config = FleetConfig.model_validate(
            {
                "node_id": "bench",
                "server_url": "http://127.0.0.1:9",
                "data_dir": str(Path(folder)),
                "links": [{"id": "udp", "url": "udpin:127.0.0.1:14550"}],
                "vehicles": [
                    {"vehicle_id": f"V{n}", "link": "udp", "sysid": n}
                    for n in range(1, VEHICLES + 1)
                ],
                "endpoints": False,
            }
        )
        node = FleetNode(config, "token")
        wire = [
            (n, frame)
            for second in range(SECONDS)
            for n in range(1, VEHICLES + 1)
            for frame in _frames(n, second)
        ]
        parsers = {n: Codec() for n in range(1, VEHICLES + 1)}
        began = time.process_time()
        for n, frame in wire:
            for message in parsers[n].parse(frame):
                node._receive("udp", ("127.0.0.1", 40_000 + n), message)
        for _ in range(5 * SECONDS):
            for n in range(1, VEHICLES + 1):
                state = node.state(f"V{n}")
                if state is not None:
                    node.client.send_latest(state)
        used_s = time.process_time() - began
        node.client.close()
    return VEHICLES * SECONDS / used_s


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measure."""
    yield "command: first retry (protocol clock)", _first_retry_s(), "s", "3 tries within 3 s"
    yield (
        "vehicles at 40 msg/s on one core: parse, log, follow, 5 snapshots/s each",
        asyncio.run(_vehicles_per_core()),
        "vehicles",
        "500",
    )
