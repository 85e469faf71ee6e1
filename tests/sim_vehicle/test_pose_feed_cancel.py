"""A pose feed ends whenever it is cancelled: a test run once hung on one that did not."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sim.vehicle import PoseFeed, pose_feed

STEPS = 40
"""Turns of the event loop until a feed has connected, read and waited several times over."""


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while not reader.at_eof():
            writer.write(b"\x00")
            await asyncio.sleep(0)
    writer.close()


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)
    writer.close()


@pytest_asyncio.fixture(params=[_talk, _hang_up, _keep_silent, None])
async def url(request: pytest.FixtureRequest) -> AsyncGenerator[str]:
    """A vehicle that talks, hangs up, is silent, or isn't there."""
    if request.param is None:
        with contextlib.closing(socket.socket()) as nobody:
            nobody.bind(("127.0.0.1", 0))
            yield f"tcp:127.0.0.1:{nobody.getsockname()[1]}"
        return
    server = await asyncio.start_server(request.param, "127.0.0.1", 0)
    async with server:
        yield f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture(params=[0.0, 1e-4, 0.2])
def poll_s(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits run out all the time, so that a cancel meets one that just does."""
    monkeypatch.setattr(pose_feed, "_POLL_S", request.param)


@pytest.mark.usefixtures("poll_s")
async def test_a_cancel_at_any_moment_ends_a_tcp_feed(url: str) -> None:
    for steps in range(STEPS):
        await _ends(PoseFeed(url, 7), steps)


@pytest.mark.usefixtures("poll_s")
async def test_a_cancel_at_any_moment_ends_a_udp_feed() -> None:
    for steps in range(20):
        await _ends(PoseFeed(f"udpin:127.0.0.1:{_free_udp_port()}", 7), steps)


def _free_udp_port() -> int:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _ends(feed: PoseFeed, steps: int) -> None:
    task = asyncio.create_task(feed.run())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    swallowed = not task.done()
    task.cancel()
    assert not swallowed, f"a cancel after {steps} turns of the loop was swallowed"
    assert task.cancelled()


async def test_a_cancel_together_with_data_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.12 `asyncio.wait_for` may hand out the data and forget the cancel."""
    for steps_later in range(6):
        reader = asyncio.StreamReader()

        class Writer:
            def write(self, data: bytes) -> None: ...

            def close(self) -> None: ...

        async def open_connection(
            host: str, port: int, reader: asyncio.StreamReader = reader
        ) -> tuple[asyncio.StreamReader, Writer]:
            return reader, Writer()

        monkeypatch.setattr(asyncio, "open_connection", open_connection)
        task = asyncio.create_task(PoseFeed("tcp:127.0.0.1:5762", 7).run())
        for _ in range(10):
            await asyncio.sleep(0)
        reader.feed_data(b"\x00")
        for _ in range(steps_later):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2)
        task.cancel()
        assert done
