"""A pose track on a socket: connects to a vehicle's TCP port, or listens for its datagrams."""

import asyncio
import re
import time

import structlog

from field_api.contract.link import Backoff, Reconnecting
from sim.vehicle.pose import Pose, PoseTrack

__all__ = ["PoseFeed"]

log = structlog.get_logger(__name__)

_URL = re.compile(r"^(tcp|udpin):([^:]+):(\d{1,5})$")
_FIRST_RETRY_S = 0.3
_LONGEST_RETRY_S = 1.0
_POLL_S = 0.2


class PoseFeed:
    """Keeps a `PoseTrack` fed: `await run()` in a task, read `latest` or `pose_at`.

    `url` is `tcp:HOST:PORT` (a simulated vehicle's or ArduCopter's port, 5762+10N) or
    `udpin:HOST:PORT`. The track can be shared with others who read it.
    """

    def __init__(self, url: str, sysid: int) -> None:
        match = _URL.match(url)
        if match is None or not 0 < int(match[3]) < 65536:
            raise ValueError(f"{url!r} is not tcp:HOST:PORT or udpin:HOST:PORT")
        self._kind, self._host, self._port = match[1], match[2], int(match[3])
        self.track = PoseTrack(sysid)
        self._fresh = asyncio.Event()
        self._reconnecting = Reconnecting(
            Backoff(_FIRST_RETRY_S, _LONGEST_RETRY_S),
            lambda reason, wait_s: log.debug(
                "no vehicle to take poses from", port=self._port, reason=reason
            ),
        )

    @property
    def latest(self) -> Pose | None:
        """The newest pose, or None before there is one."""
        return self.track.latest

    def pose_at(self, t_ms: int) -> Pose | None:
        """The pose at a vehicle UTC; None outside the last seconds."""
        return self.track.pose_at(t_ms)

    async def wait(self) -> Pose:
        """The first pose."""
        while (pose := self.latest) is None:
            await self.updated()
        return pose

    async def updated(self) -> None:
        """Wait until something arrives from the vehicle."""
        self._fresh.clear()
        await self._fresh.wait()

    def _take(self, data: bytes) -> None:
        self.track.receive(data)
        self._fresh.set()

    async def run(self) -> None:
        """Feed the track until cancelled; a lost connection is opened again."""
        if self._kind == "udpin":
            await self._run_udp()
            return
        await self._reconnecting.run(self._run_tcp)

    async def _run_tcp(self) -> str:
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            return await self._exchange(reader, writer)
        except OSError as error:
            return str(error)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        self._reconnecting.succeeded()
        try:
            while True:
                writer.write(self.track.poll(time.monotonic()))
                try:
                    # Not wait_for: before Python 3.12 it can swallow the cancel that ends this.
                    async with asyncio.timeout(_POLL_S):
                        data = await reader.read(65536)
                except TimeoutError:
                    continue
                if not data:
                    return "closed by the vehicle"
                self._take(data)
        finally:
            writer.close()

    async def _run_udp(self) -> None:
        feed = self

        class _Listener(asyncio.DatagramProtocol):
            peer: tuple[str, int] | None = None

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                self.peer = addr
                feed._take(data)

        loop = asyncio.get_running_loop()
        transport, listener = await loop.create_datagram_endpoint(
            _Listener, local_addr=(self._host, self._port)
        )
        try:
            while True:
                if listener.peer is not None:
                    data = self.track.poll(time.monotonic())
                    if data:
                        transport.sendto(data, listener.peer)
                await asyncio.sleep(_POLL_S)
        finally:
            transport.close()
