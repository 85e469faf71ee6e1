"""A bad radio between a vehicle's TCP port and whoever connects to it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator

from sim.vehicle.link_faults import FaultyLink, LinkFaults

__all__ = ["LinkFaultProxy", "link_fault_proxy"]


class _End(asyncio.Protocol):
    """One end of a line: hands what comes in to the other end, through a faulty link."""

    def __init__(self, link: FaultyLink) -> None:
        self.link = link
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.hand_on(self.link.receive(data))

    def hand_on(self, data: bytes) -> None:
        """Give the other end what got through."""
        if data and self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class LinkFaultProxy:
    """Connect to `port` instead of the vehicle's, and make it bad: `faults.loss = 0.3`."""

    def __init__(self, to_port: int, seed: int) -> None:
        self.vehicle_port = to_port
        """The way round the faults."""
        self._seeds = itertools.count(seed)
        self._ends: set[_End] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.faults = LinkFaults()

    @property
    def port(self) -> int:
        """Where to connect."""
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    @property
    def lost(self) -> int:
        """Frames of the living connections that never arrived, both ways together."""
        return sum(end.link.lost for end in self._ends)

    def stall(self) -> None:
        """Hold everything both ways from now on."""
        self.faults.stalled = True

    def resume(self) -> None:
        """End a stall: everything that was held arrives, in order."""
        self.faults.stalled = False
        for end in self._ends:
            end.hand_on(end.link.release())

    def cut(self) -> None:
        """Drop every connection; what was held is lost."""
        for end in self._ends:
            if end.transport is not None:
                end.transport.abort()
        self._ends.clear()

    async def open(self) -> None:
        """Listen on a port that the system chooses."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._client, "127.0.0.1", 0)

    async def close(self) -> None:
        """Stop and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()

    def _client(self) -> _End:
        near = _Near(self, FaultyLink(self.faults, next(self._seeds)))
        self._ends.add(near)
        return near

    def begin(self, near: _End) -> None:
        """A client is there: connect it to the vehicle."""
        task = asyncio.get_running_loop().create_task(self._connect(near))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, near: _End) -> None:
        far = _End(FaultyLink(self.faults, next(self._seeds)))
        far.other = near
        assert near.transport is not None
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: far, "127.0.0.1", self.vehicle_port)
        except OSError:
            near.transport.abort()
            return
        self._ends.add(far)
        near.other = far
        near.transport.resume_reading()


class _Near(_End):
    """The client's end, which is read once the vehicle's end is there."""

    def __init__(self, proxy: LinkFaultProxy, link: FaultyLink) -> None:
        super().__init__(link)
        self._proxy = proxy

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self.transport is not None
        self.transport.pause_reading()
        self._proxy.begin(self)


@contextlib.asynccontextmanager
async def link_fault_proxy(to_port: int, *, seed: int = 1) -> AsyncGenerator[LinkFaultProxy]:
    """Run a proxy for the length of a `with` block; the same seed loses the same frames."""
    proxy = LinkFaultProxy(to_port, seed)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
