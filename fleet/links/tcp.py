"""TCP: connecting to a vehicle, or listening for vehicles that connect."""

import asyncio
import fcntl
import struct
import termios
import time
from collections.abc import Awaitable, Callable
from socket import SO_LINGER, SOL_SOCKET

import structlog

from field_api.contract.link import Backoff, Reconnecting
from fleet.links.base import (
    FIRST_RETRY_S,
    LONGEST_RETRY_S,
    MAX_PEERS,
    Link,
    LinkWatch,
    Parser,
    Receiver,
)
from fleet.links.stall import Stall
from fleet.links.url import LinkUrl
from fleet.roster import Address

__all__ = ["TcpLink", "TcpListener"]

log = structlog.get_logger(__name__)

STALL_LOOK_S = 0.25


class _Pipe:
    """One connection."""

    def __init__(self, link: Link, address: Address, writer: asyncio.StreamWriter) -> None:
        self._link = link
        self._address = address
        self._writer = writer
        self._written = 0

    async def receive(self, reader: asyncio.StreamReader) -> None:
        """Parse what comes until it ends.

        Raises:
            OSError: the connection broke.
        """
        parser = Parser(self._link, self._address)
        watch = asyncio.create_task(self._watch())
        try:
            while data := await reader.read(65_536):
                parser.feed(data)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            self._writer.close()

    def send(self, frame: bytes) -> None:
        """Send, or drop: nothing is queued behind a full socket, it would be old when it goes."""
        writer = self._writer
        if not writer.is_closing() and writer.transport.get_write_buffer_size() == 0:
            writer.write(frame)
            self._written += len(frame)

    async def _watch(self) -> None:
        """Give up a connection on which nothing gets through, with everything queued on it.

        An order that is carried out after it was reported as failed is worse than a lost one.
        """
        stall = Stall(self._link.patience_s)
        while True:
            await asyncio.sleep(STALL_LOOK_S)
            if stall.look(self._written, _unsent_bytes(self._writer), time.monotonic()):
                self.reset()
                return

    def reset(self) -> None:
        """End the connection at once, with everything on it, here and on its way."""
        if self._writer.is_closing():
            return
        log.warning("connection given up with what was queued on it", link=self._link.name)
        socket = self._writer.get_extra_info("socket")
        # Closing with a linger of nothing resets the connection and empties its queue.
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class TcpLink(Link):
    """Connects to a vehicle, for ever."""

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch, url: LinkUrl) -> None:
        super().__init__(name, receiver, watch)
        self._url = url
        self._pipe: _Pipe | None = None
        self._reconnecting = Reconnecting(
            Backoff(FIRST_RETRY_S, LONGEST_RETRY_S), lambda reason, _wait_s: self.unusable(reason)
        )

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._reconnecting.run(self._one_connection)

    async def _one_connection(self) -> str:
        try:
            reader, writer = await asyncio.open_connection(self._url.host, self._url.port)
            self._pipe = _Pipe(self, None, writer)
            self._reconnecting.succeeded()
            self.usable()
            log.info("connected", link=self.name)
            await self._pipe.receive(reader)
        except OSError as error:
            return str(error)
        finally:
            self._pipe = None
        return "closed by the vehicle"

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send to the vehicle."""
        if self._pipe is not None:
            self._pipe.send(frame)

    def give_up(self, address: Address) -> None:
        """Reset the connection: whoever relays it drops what he holds too."""
        if self._pipe is not None:
            self._pipe.reset()


class TcpListener(Link):
    """Listens for vehicles that connect; each client is a peer of its own."""

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch, url: LinkUrl) -> None:
        super().__init__(name, receiver, watch)
        self._url = url
        self._pipes: dict[tuple[str, int], _Pipe] = {}

    async def run(self) -> None:
        """Serve until cancelled."""
        await serve_for_ever(self, self._url, self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer: tuple[str, int] = writer.get_extra_info("peername")[:2]
        if len(self._pipes) >= MAX_PEERS:
            writer.close()
            return
        pipe = self._pipes[peer] = _Pipe(self, peer, writer)
        log.info("peer connected", link=self.name, peer=peer)
        self.watch.joined(self.name, peer)
        try:
            await pipe.receive(reader)
        except OSError as error:
            log.info("peer gone", link=self.name, peer=peer, reason=str(error))
        finally:
            del self._pipes[peer]
            self.watch.gone(self.name, peer)

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send to a client."""
        pipe = self._pipes.get(address) if address is not None else None
        if pipe is not None:
            pipe.send(frame)

    def give_up(self, address: Address) -> None:
        """Reset a client's connection."""
        pipe = self._pipes.get(address) if address is not None else None
        if pipe is not None:
            pipe.reset()


async def serve_for_ever(
    link: Link,
    url: LinkUrl,
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    """Serve until cancelled; a port that somebody else has is tried again and again."""
    while True:
        try:
            server = await asyncio.start_server(serve, url.host, url.port)
        except OSError as error:
            link.unusable(str(error))
            await asyncio.sleep(LONGEST_RETRY_S)
            continue
        link.usable()
        async with server:
            await server.serve_forever()


def _unsent_bytes(writer: asyncio.StreamWriter) -> int:
    """Return how many bytes the other side has not acknowledged."""
    waiting = writer.transport.get_write_buffer_size()
    socket = writer.get_extra_info("socket")
    try:
        raw = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError):
        return waiting  # It is being closed.
    return waiting + int(struct.unpack("i", raw)[0])
