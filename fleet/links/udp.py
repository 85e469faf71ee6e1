"""UDP: listening for vehicles, or sending to one that listens."""

import asyncio
from socket import SO_RCVBUF, SOL_SOCKET

import structlog

from fleet.links.base import LONGEST_RETRY_S, MAX_PEERS, Link, LinkWatch, Parser, Receiver
from fleet.links.url import LinkUrl
from fleet.roster import Address

__all__ = ["UdpClient", "UdpLink"]

log = structlog.get_logger(__name__)

RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024


class UdpLink(Link, asyncio.DatagramProtocol):
    """Listens for vehicles; each peer has its own parser."""

    def __init__(self, name: str, receiver: Receiver, watch: LinkWatch, url: LinkUrl) -> None:
        super().__init__(name, receiver, watch)
        self._url = url
        self._transport: asyncio.DatagramTransport | None = None
        self._parsers: dict[tuple[str, int], Parser] = {}

    async def run(self) -> None:
        """Receive until cancelled; a port that somebody else has is tried again and again."""
        while True:
            lost = asyncio.get_running_loop().create_future()
            try:
                transport = await self._open(lost)
            except OSError as error:
                self.unusable(str(error))
                await asyncio.sleep(LONGEST_RETRY_S)
                continue
            self._transport = transport
            socket = transport.get_extra_info("socket")
            socket.setsockopt(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            self.usable()
            if self.greets:
                self.watch.joined(self.name, None)
            try:
                self.unusable(await lost)
            finally:
                self._transport = None
                transport.close()
            await asyncio.sleep(LONGEST_RETRY_S)

    async def _open(self, lost: "asyncio.Future[str]") -> asyncio.DatagramTransport:
        self._lost = lost
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self._url.host, self._url.port)
        )
        return transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, which no datagram does; it is opened again."""
        if not self._lost.done():
            self._lost.set_result(str(exc))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Parse what a peer sent."""
        parser = self._parsers.get(addr)
        if parser is None:
            if len(self._parsers) >= MAX_PEERS:
                self._parsers.pop(next(iter(self._parsers)))
            parser = self._parsers[addr] = Parser(self, addr)
        parser.feed(data)

    def error_received(self, exc: Exception) -> None:
        """A vehicle's port is closed: it will be noticed by its missing heartbeats."""
        log.debug("udp error", link=self.name, error=str(exc))

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send to a peer."""
        if self._transport is not None and address is not None:
            self._transport.sendto(frame, address)


class UdpClient(UdpLink):
    """Sends to one address and hears only what comes from there; the peer learns ours from it."""

    greets = True

    async def _open(self, lost: "asyncio.Future[str]") -> asyncio.DatagramTransport:
        self._lost = lost
        self._parser = Parser(self, None)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, remote_addr=(self._url.host, self._url.port)
        )
        return transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Parse what the peer sent: the kernel lets nobody else through."""
        self._parser.feed(data)

    def send_frame(self, frame: bytes, address: Address) -> None:
        """Send to the peer."""
        if self._transport is not None:
            self._transport.sendto(frame)
