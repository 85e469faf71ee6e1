"""Sockets to vehicles: one task per link, however many vehicles are behind it."""

import asyncio
import fcntl
import re
import struct
import termios
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from socket import SO_LINGER, SO_RCVBUF, SOL_SOCKET

import structlog

from field_api.contract.link import Backoff, Reconnecting
from fleet.mavlink import Codec, Message
from fleet.roster import Address

__all__ = ["Link", "LinkUrl", "Stall", "open_link", "parse_link_url"]

log = structlog.get_logger(__name__)

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 2.0
RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024
MAX_PEERS = 256
STALL_S = 1.5
"""Half of what an order is tried for: what waits longer belongs to one that is given up soon."""
STALL_LOOK_S = 0.25

Receiver = Callable[[str, Address, Message], None]
"""Called with link name, peer and message."""


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """A parsed link address."""

    kind: str
    host: str
    port: int


def parse_link_url(url: str) -> LinkUrl:
    """Parse `udpin:HOST:PORT` (listen) or `tcp:HOST:PORT` (connect).

    Raises:
        ValueError: saying what is allowed.
    """
    match = re.fullmatch(r"(udpin|tcp):([A-Za-z0-9.\-]+):([0-9]{1,5})", url)
    if match is None or not 0 < int(match[3]) < 65_536:
        raise ValueError(f"{url!r} is no link; allowed are udpin:HOST:PORT and tcp:HOST:PORT")
    return LinkUrl(match[1], match[2], int(match[3]))


class Link(ABC):
    """A way to one or more vehicles."""

    def __init__(self, name: str, receiver: Receiver) -> None:
        self.name = name
        self._receiver = receiver
        self._codec = Codec()

    @abstractmethod
    async def run(self) -> None:
        """Receive until cancelled."""

    @abstractmethod
    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send a ready frame; what can't be sent now is dropped, the protocols send again."""

    def send(self, message: Message, address: Address) -> bytes:
        """Pack and send a message; return the frame."""
        frame = self._codec.pack(message)
        self.send_frame(frame, address)
        return frame


class UdpLink(Link, asyncio.DatagramProtocol):
    """Listens for vehicles; each peer has its own parser."""

    def __init__(self, name: str, receiver: Receiver, url: LinkUrl) -> None:
        super().__init__(name, receiver)
        self._url = url
        self._transport: asyncio.DatagramTransport | None = None
        self._parsers: dict[tuple[str, int], Codec] = {}

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self._url.host, self._url.port)
        )
        self._transport = transport
        socket = transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Parse what a peer sent."""
        parser = self._parsers.get(addr)
        if parser is None:
            if len(self._parsers) >= MAX_PEERS:
                self._parsers.pop(next(iter(self._parsers)))
            parser = self._parsers[addr] = Codec()
        for message in parser.parse(data):
            self._receiver(self.name, addr, message)

    def error_received(self, exc: Exception) -> None:
        """A vehicle's port is closed: it will be noticed by its missing heartbeats."""
        log.debug("udp error", link=self.name, error=str(exc))

    def send_frame(self, frame: bytes, address: Address) -> None:
        if self._transport is not None and address is not None:
            self._transport.sendto(frame, address)


class TcpLink(Link):
    """Connects to a vehicle, for ever."""

    def __init__(self, name: str, receiver: Receiver, url: LinkUrl) -> None:
        super().__init__(name, receiver)
        self._url = url
        self._writer: asyncio.StreamWriter | None = None
        self._reconnecting = Reconnecting(
            Backoff(FIRST_RETRY_S, LONGEST_RETRY_S),
            lambda reason, wait_s: log.info("no connection", link=name, reason=reason),
        )

    async def run(self) -> None:
        await self._reconnecting.run(self._one_connection)

    async def _one_connection(self) -> str:
        try:
            reader, writer = await asyncio.open_connection(self._url.host, self._url.port)
            return await self._receive(reader, writer)
        except OSError as error:
            return str(error)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        self._writer = writer
        self._reconnecting.succeeded()
        parser = Codec()
        log.info("connected", link=self.name)
        watch = asyncio.create_task(self._watch(writer))
        try:
            while data := await reader.read(65_536):
                for message in parser.parse(data):
                    self._receiver(self.name, None, message)
            return "closed by the vehicle"
        finally:
            self._writer = None
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            writer.close()

    async def _watch(self, writer: asyncio.StreamWriter) -> None:
        """Give up a connection on which nothing gets through, with everything queued on it.

        An order that is carried out after it was reported as failed is worse than a lost one.
        """
        stall = Stall()
        while True:
            await asyncio.sleep(STALL_LOOK_S)
            if stall.look(_unsent_bytes(writer), time.monotonic()):
                log.warning("link stalled; what was queued is dropped", link=self.name)
                socket = writer.get_extra_info("socket")
                # Closing with a linger of nothing resets the connection and empties its queue.
                socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return

    def send_frame(self, frame: bytes, address: Address) -> None:
        writer = self._writer
        if writer is None or writer.is_closing() or writer.transport.get_write_buffer_size() > 0:
            # Nothing is queued behind a full socket: it would be old when it gets through.
            return
        writer.write(frame)


class Stall:
    """Whether a connection's unsent bytes have stood still for too long. Pure."""

    def __init__(self) -> None:
        self._least = 0
        self._since_s: float | None = None

    def look(self, unsent: int, now_s: float) -> bool:
        """Take how much is unsent now; return whether it stands still."""
        if unsent == 0 or self._since_s is None or unsent < self._least:
            self._least, self._since_s = unsent, now_s
            return False
        return now_s - self._since_s >= STALL_S


def _unsent_bytes(writer: asyncio.StreamWriter) -> int:
    """Return how many bytes the other side has not acknowledged."""
    waiting = writer.transport.get_write_buffer_size()
    socket = writer.get_extra_info("socket")
    try:
        raw = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return waiting  # It is being closed.
    return waiting + int(struct.unpack("i", raw)[0])


def open_link(name: str, url: str, receiver: Receiver) -> Link:
    """Make the link for a URL.

    Raises:
        ValueError: the URL is no link.
    """
    parsed = parse_link_url(url)
    if parsed.kind == "udpin":
        return UdpLink(name, receiver, parsed)
    return TcpLink(name, receiver, parsed)
