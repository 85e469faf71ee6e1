"""A narrow link that loses: a TCP proxy with a rate, lost segments and cut connections.

A proxy cannot drop what TCP has acknowledged, so a lost segment costs what TCP pays for it: the
bytes once more, and a round trip of waiting for each window in which something was lost.
"""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

__all__ = ["Link", "ShapedLink"]

SEGMENT_BYTES = 1448
WINDOW = 16
"""Segments on their way at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is like."""

    bytes_per_s: float
    """Both directions together."""
    loss: float = 0.1
    """Part of segments."""
    round_trip_s: float = 0.08
    cut: float = 0.1
    """Part of connections that break somewhere in between."""


@dataclass
class ShapedLink:
    """Listens on a loopback port; `up` says whether there is a network."""

    to_port: int
    link: Link
    seed: int = 1
    up: bool = False
    port: int = 0
    cuts: int = 0
    """Connections that were broken."""
    carried_bytes: int = 0
    """Those sent again included."""
    _free_s: float = 0.0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    async def __aenter__(self) -> "ShapedLink":
        self._random = random.Random(self.seed)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        await asyncio.sleep(2 * self.link.round_trip_s)  # To connect, and to ask and be answered.
        there, back = await asyncio.open_connection("127.0.0.1", self.to_port)
        self._writers |= {writer, back}
        breaks = self._random.random() < self.link.cut
        left = self._random.randrange(1, 400_000) if breaks else None
        both = [
            asyncio.create_task(self._carry(reader, back, left)),
            asyncio.create_task(self._carry(there, writer, None)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        for one in (writer, back):
            one.transport.abort() if breaks else one.close()
        self._writers -= {writer, back}

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None
    ) -> None:
        with contextlib.suppress(OSError):
            while block := await reader.read(SEGMENT_BYTES * WINDOW):
                await self._on_air(len(block))
                if left is not None:
                    left -= len(block)
                    if left <= 0:
                        self.cuts += 1
                        return
                writer.write(block)
                await writer.drain()

    async def _on_air(self, count: int) -> None:
        segments = -(-count // SEGMENT_BYTES)
        lost = sum(self._random.random() < self.link.loss for _ in range(segments))
        sent = count + lost * SEGMENT_BYTES
        self.carried_bytes += sent
        loop = asyncio.get_running_loop()
        self._free_s = max(self._free_s, loop.time()) + sent / self.link.bytes_per_s
        wait_s = self._free_s - loop.time()
        await asyncio.sleep(wait_s + (self.link.round_trip_s if lost else 0))
