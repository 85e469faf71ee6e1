"""Sends a camera's access units, unchanged, to the command post.

The packets are the contract's (`field_api.contract.video_packet`). A slow line never holds the
camera back: the short queue skips to the newest key frame.
"""

import asyncio
import json
from dataclasses import dataclass

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from field_api.contract.link import Backoff, Reconnecting
from field_api.contract.packet_queue import PacketQueue
from field_api.contract.video_packet import PacketError, pack_packet
from vision.source_events import AccessUnit

__all__ = ["StreamFormat", "VideoRelay"]

log = structlog.get_logger(__name__)

QUEUE_PACKETS = 30
BEHIND_PACKETS = 15
"""A new group of pictures begins and this many still wait: start there."""
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 8.0


@dataclass(frozen=True)
class StreamFormat:
    """What a viewer must know before the first packet."""

    codec: str
    width: int
    height: int


class VideoRelay:
    """Publishes one stream for ever; `publish` may be called from any place in the event loop."""

    def __init__(self, url: str, stream_id: str, node_id: str, token: str) -> None:
        self.url = url
        self.stream_id = stream_id
        self.connected = False
        self._headers = {"Authorization": f"Bearer {token}", "X-Xunshan-Node": node_id}
        self._queue = PacketQueue(QUEUE_PACKETS, behind_at=BEHIND_PACKETS)
        self._format: StreamFormat | None = None
        self._changed = asyncio.Event()
        self._reconnecting = Reconnecting(
            Backoff(FIRST_RETRY_S, LONGEST_RETRY_S),
            lambda reason, wait_s: log.warning(
                "video_relay_lost",
                stream_id=stream_id,
                reason=reason,
                retry_s=round(wait_s, 1),
            ),
        )

    def publish(self, unit: AccessUnit, t_ms: int, stream_format: StreamFormat) -> None:
        """Queue one access unit; never waits."""
        if stream_format != self._format:
            self._format = stream_format
            self._queue.clear()
        try:
            packet = pack_packet(unit.data, keyframe=unit.keyframe, pts_90k=unit.pts_90k, t_ms=t_ms)
        except PacketError as error:
            log.warning("picture_not_relayed", stream_id=self.stream_id, reason=str(error))
            # The pictures that follow build on this one.
            self._queue.clear()
            return
        self._queue.put(packet)
        self._changed.set()

    async def run(self) -> None:
        """Connect, send, and connect again, until cancelled."""
        await self._reconnecting.run(self._one_connection)

    async def _one_connection(self) -> str:
        try:
            async with connect(
                self.url,
                additional_headers=self._headers,
                compression=None,
                max_queue=4,
                open_timeout=5,
                close_timeout=1,
            ) as socket:
                self.connected = True
                self._reconnecting.succeeded()
                return await self._send_all(socket)
        except (OSError, TimeoutError, WebSocketException) as error:
            return str(error)
        finally:
            self.connected = False

    async def _send_all(self, socket: ClientConnection) -> str:
        """Send until the socket closes or the pictures change their format; return which."""
        self._queue.keep_newest_group()
        announced: StreamFormat | None = None
        closed = asyncio.create_task(socket.wait_closed())
        try:
            while not closed.done():
                if announced is not None and announced != self._format:
                    return "the pictures have a new format"
                packet = self._queue.take()
                if packet is None:
                    self._changed.clear()
                    changed = asyncio.create_task(self._changed.wait())
                    await asyncio.wait({changed, closed}, return_when=asyncio.FIRST_COMPLETED)
                    changed.cancel()
                    continue
                if announced is None and self._format is not None:
                    announced = self._format
                    await socket.send(self._announcement(announced))
                await socket.send(packet.data)
            return "closed by the command post"
        finally:
            closed.cancel()

    def _announcement(self, stream_format: StreamFormat) -> str:
        return json.dumps(
            {
                "codec": stream_format.codec,
                "width": stream_format.width,
                "height": stream_format.height,
                "stream_id": self.stream_id,
            }
        )
