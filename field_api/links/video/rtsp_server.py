"""RTSP in and out: cameras and programs push streams here, other systems fetch them."""

import asyncio
import socket
import ssl
from collections.abc import Callable

import structlog

from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import RtspAccess
from field_api.links.video.rtsp_connection import RtspConnection
from field_api.links.video.rtsp_play import PayloadCache

__all__ = ["RtspServer"]

log = structlog.get_logger(__name__)

MOST_CONNECTIONS = 256
BUFFERED_BYTES = 32_768
"""What the kernel is asked to hold for a slow viewer; it takes twice that, a quarter of a second of
2 Mbit/s. Nothing waits here: behind it the hub's queue skips to the newest key frame."""
RECEIVE_BYTES = 262_144


class RtspServer:
    """Listens on one address."""

    def __init__(
        self,
        renditions: Renditions,
        access: RtspAccess,
        clock_ms: Callable[[], int],
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`port` 0 takes any free one; with `tls` it speaks `rtsps://` only."""
        self._renditions = renditions
        self._access = access
        self._clock_ms = clock_ms
        self._host = host
        self._port = port
        self._tls = tls
        self._cache = PayloadCache()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None, "it is not started"
        port = self._server.sockets[0].getsockname()[1]
        assert isinstance(port, int)
        return port

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address can't be had.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Accepted connections have it from here.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFERED_BYTES)
            listener.bind((self._host, self._port))
            self._server = await asyncio.start_server(
                self._connected, sock=listener, limit=RECEIVE_BYTES, ssl=self._tls
            )
        except OSError:
            listener.close()
            raise
        log.info("rtsp_listening", host=self._host, port=self.port, tls=self._tls is not None)

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def serve(self) -> None:
        """Listen until cancelled."""
        await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            log.warning("rtsp_full", connections=len(self._connections))
            writer.close()
            return
        # A task of our own: asyncio's would complain of being cancelled (3.11).
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("rtsp_failed", exc_info=error)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = writer.get_extra_info("socket")
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            writer.transport.set_write_buffer_limits(high=0)
            await RtspConnection(
                self._renditions, self._access, self._cache, self._clock_ms, reader, writer
            ).run()
        finally:
            writer.close()
