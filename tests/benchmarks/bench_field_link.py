"""The field link over a real socket on loopback."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from field_api.contract.link import LatestBody, LinkClient
from field_api.contract.messages import Command
from tests.contract.command_post import TOKEN, CommandPost
from tests.contract.messages import vehicle_event, vehicle_state

RECORDS = 500
ROUNDS = 120


async def _no_orders(order: Command) -> None:
    raise RuntimeError(f"unexpected order {order.id}")


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the link's figures."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> list[tuple[str, float, str, str]]:
    post = CommandPost(folder / "store.db")
    port = await post.start()
    client = LinkClient(
        f"ws://127.0.0.1:{port}/", "n", "fleet", TOKEN, folder / "outbox.db", "", _no_orders
    )
    began_s = time.perf_counter()
    for _ in range(RECORDS):
        client.send_durable(vehicle_event())
    stored_s = time.perf_counter() - began_s
    task = asyncio.create_task(client.run())
    try:
        await client.wait_connected()
        began_s = time.perf_counter()
        await client.wait_acknowledged()
        delivered_s = time.perf_counter() - began_s
        latencies_ms = await _telemetry(client, post)
    finally:
        task.cancel()
        await asyncio.wait({task})
        client.close()
        await post.stop()
    latencies_ms.sort()
    return [
        ("durable record on disk (fsync)", stored_s / RECORDS * 1000, "ms", "-"),
        (
            f"{RECORDS} waiting records stored and acknowledged",
            RECORDS / delivered_s,
            "records/s",
            "-",
        ),
        (
            "telemetry of 20 vehicles at 40/s: value to command post, p99",
            latencies_ms[int(len(latencies_ms) * 0.99)],
            "ms",
            "part of 100 ms",
        ),
    ]


async def _telemetry(client: LinkClient, post: CommandPost) -> list[float]:
    """Return the delays of 20 vehicles' values from `send_latest` to the command post's event."""
    latencies_ms: list[float] = []
    sent_s: dict[tuple[str, int], float] = {}

    def arrived(message: LatestBody) -> None:
        key = (message.key, message.t_ms)
        latencies_ms.append((time.perf_counter() - sent_s[key]) * 1000)

    post.on_latest = arrived
    for round_number in range(ROUNDS):
        for n in range(20):
            state = vehicle_state(round_number, f"V{n}")
            sent_s[state.key, state.t_ms] = time.perf_counter()
            client.send_latest(state)
        await asyncio.sleep(0.025)
    return latencies_ms
