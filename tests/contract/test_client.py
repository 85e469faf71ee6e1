"""`LinkClient` over real sockets."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from field_api.contract.link import Backoff, LinkClient
from field_api.contract.messages import Command, CommandOutcome
from tests.contract.command_post import TOKEN, CommandPost
from tests.contract.messages import command, result, vehicle_event, vehicle_state


async def no_orders(order: Command) -> None:
    raise AssertionError(f"unexpected order {order.id}")


def make_client(
    port: int,
    folder: Path,
    on_command: Callable[[Command], Awaitable[None]] = no_orders,
    token: str = TOKEN,
) -> LinkClient:
    return LinkClient(
        f"ws://127.0.0.1:{port}/api/v1/link",
        "fleet-1",
        "fleet",
        token,
        folder / "outbox.db",
        "0.1.0",
        on_command,
        backoff=Backoff(0.01, 0.05),
    )


@asynccontextmanager
async def running(client: LinkClient) -> AsyncGenerator[LinkClient]:
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.wait({task})
        client.close()
        assert task.cancelled()


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[CommandPost]:
    post = CommandPost(tmp_path / "store.db")
    yield post
    await post.stop()


async def test_values_and_records_arrive(post: CommandPost, tmp_path: Path) -> None:
    port = await post.start()
    client = make_client(port, tmp_path)
    event = vehicle_event()
    client.send_durable(event)
    async with asyncio.timeout(20), running(client):
        await client.wait_connected()
        assert client.connected
        state = vehicle_state(time.time_ns() // 1_000_000)
        client.send_latest(state)
        await client.wait_acknowledged()
        await post.wait_for(lambda: state in post.latest)
        assert post.records == [event.id]
        assert abs(client.clock_offset_ms) < 5_000
    assert not client.connected


async def test_nothing_is_lost_or_doubled_when_every_connection_is_cut(
    post: CommandPost, tmp_path: Path
) -> None:
    post.cut_after = 12
    port = await post.start()
    client = make_client(port, tmp_path)
    events = [vehicle_event(str(n)) for n in range(150)]
    async with asyncio.timeout(30), running(client):
        for n, event in enumerate(events):
            client.send_durable(event)
            client.send_latest(vehicle_state(n))
            if n % 10 == 0:
                await asyncio.sleep(0)
        await client.wait_acknowledged()
    assert sorted(post.records) == sorted(event.id for event in events)
    assert post.sign_ins > 10


async def test_records_wait_while_the_command_post_is_down(
    post: CommandPost, tmp_path: Path
) -> None:
    port = await post.start()
    client = make_client(port, tmp_path)
    async with asyncio.timeout(20), running(client):
        await client.wait_connected()
        await post.stop()
        events = [vehicle_event(str(n)) for n in range(5)]
        for event in events:
            client.send_durable(event)
        assert client.pending_count == 5
        await post.start(port)
        await client.wait_acknowledged()
    assert post.records == [event.id for event in events]


async def test_a_refused_node_keeps_its_records_and_gets_in_once_enrolled(
    post: CommandPost, tmp_path: Path
) -> None:
    port = await post.start()
    event = vehicle_event()
    stranger = make_client(port, tmp_path, token="wrong")
    stranger.send_durable(event)
    async with asyncio.timeout(20), running(stranger):
        connections = 0

        def refused_twice() -> bool:
            nonlocal connections
            connections += 1
            return connections >= 2

        await post.wait_for(refused_twice)
        assert not stranger.connected
    assert post.records == []
    enrolled = make_client(port, tmp_path)
    async with asyncio.timeout(20), running(enrolled):
        await enrolled.wait_acknowledged()
    assert post.records == [event.id]


async def test_orders_are_carried_out_side_by_side_and_answered(
    post: CommandPost, tmp_path: Path
) -> None:
    port = await post.start()
    slow_order, quick_order = (command(time.time_ns() // 1_000_000 + 60_000) for _ in range(2))
    release = asyncio.Event()

    async def carry_out(order: Command) -> None:
        if order == slow_order:
            await release.wait()
        client.send_durable(result(order.id))

    client = make_client(port, tmp_path, carry_out)
    async with asyncio.timeout(20), running(client):
        await client.wait_connected()
        await post.command(slow_order)
        await post.command(quick_order)
        await post.wait_for(lambda: len(post.results) == 1)
        release.set()
        await post.wait_for(lambda: len(post.results) == 2)
    assert [answer.command_id for answer in post.results] == [quick_order.id, slow_order.id]


async def test_an_order_that_fails_unexpectedly_is_answered_as_failed(
    post: CommandPost, tmp_path: Path
) -> None:
    port = await post.start()

    async def carry_out(order: Command) -> None:
        raise RuntimeError("no such vehicle")

    async with (
        asyncio.timeout(20),
        running(make_client(port, tmp_path, carry_out)) as client,
    ):
        await client.wait_connected()
        order = command(time.time_ns() // 1_000_000 + 60_000)
        await post.command(order)
        await post.wait_for(lambda: len(post.results) == 1)
    (answer,) = post.results
    assert answer.command_id == order.id
    assert answer.outcome is CommandOutcome.FAILED
    assert "no such vehicle" in answer.text


async def test_kill_9_right_after_send_durable_loses_nothing(
    post: CommandPost, tmp_path: Path
) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.contract.messages import vehicle_event
        from tests.contract.test_client import make_client
        client = make_client(1, Path(sys.argv[1]))
        for _ in range(10):
            event = vehicle_event()
            client.send_durable(event)
            print(event.id, flush=True)
        sys.stdin.read()
        """
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(  # noqa: ASYNC220 - no event loop work waits meanwhile
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout is not None
        promised = [process.stdout.readline().strip() for _ in range(10)]
        process.send_signal(signal.SIGKILL)
    port = await post.start()
    client = make_client(port, tmp_path)
    async with asyncio.timeout(20), running(client):
        await client.wait_acknowledged()
    assert post.records == promised
