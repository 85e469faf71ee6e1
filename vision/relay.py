"""Sends a camera's access units, unchanged, to the command post.

The packet format is the contract of `/api/v1/video/{stream_id}/publish`: 20 bytes of header, then
one H.264 access unit. A slow line never holds the camera back: when the short queue is full the
relay skips to the newest key frame.
"""

import asyncio
import json
import struct
from collections import deque
from dataclasses import dataclass

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from vision.source import AccessUnit

__all__ = ["HEADER", "PacketQueue", "StreamFormat", "VideoRelay", "packet_of"]

log = structlog.get_logger(__name__)

HEADER = struct.Struct(">BBHqQ")
"""Version, flags, header length, presentation time (90 kHz), capture time (UTC ms)."""

VERSION = 1
KEYFRAME = 1
QUEUE_PACKETS = 30
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 8.0


@dataclass(frozen=True)
class StreamFormat:
    """What a viewer must know before the first packet."""

    codec: str
    width: int
    height: int


def packet_of(unit: AccessUnit, t_ms: int) -> bytes:
    """One binary message of the publish socket."""
    flags = KEYFRAME if unit.keyframe else 0
    return HEADER.pack(VERSION, flags, HEADER.size, unit.pts_90k, t_ms) + unit.data


class PacketQueue:
    """A short queue that drops to the newest key frame when it is full."""

    def __init__(self, capacity: int = QUEUE_PACKETS) -> None:
        self._capacity = capacity
        self._packets: deque[tuple[bool, bytes]] = deque()
        self._waiting_for_key = True
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, keyframe: bool, packet: bytes) -> None:
        """Add a packet; pictures that cannot be decoded any more are dropped."""
        if keyframe:
            if len(self._packets) >= self._capacity // 2:
                # A new group of pictures has begun and the line is behind: start there.
                self.dropped += len(self._packets)
                self._packets.clear()
            self._waiting_for_key = False
        elif self._waiting_for_key:
            self.dropped += 1
            return
        elif len(self._packets) >= self._capacity:
            self.dropped += len(self._packets) + 1
            self._packets.clear()
            self._waiting_for_key = True
            return
        self._packets.append((keyframe, packet))

    def take(self) -> bytes | None:
        """The oldest packet that may still be sent."""
        return self._packets.popleft()[1] if self._packets else None

    def restart(self) -> None:
        """A new connection begins with a key frame."""
        keep: list[tuple[bool, bytes]] = []
        for keyframe, packet in self._packets:
            if keyframe:
                keep = []
            if keyframe or keep:
                keep.append((keyframe, packet))
        self._packets = deque(keep)
        self._waiting_for_key = not keep


class VideoRelay:
    """Publishes one stream for ever; `publish` may be called from any place in the event loop."""

    def __init__(self, url: str, stream_id: str, node_id: str, token: str) -> None:
        self.url = url
        self.stream_id = stream_id
        self.connected = False
        self._headers = {"Authorization": f"Bearer {token}", "X-Xunshan-Node": node_id}
        self._queue = PacketQueue()
        self._format: StreamFormat | None = None
        self._changed = asyncio.Event()

    @property
    def dropped(self) -> int:
        """Pictures not sent because the line was slow or down."""
        return self._queue.dropped

    def publish(self, unit: AccessUnit, t_ms: int, stream_format: StreamFormat) -> None:
        """Queue one access unit; never waits."""
        if stream_format != self._format:
            self._format = stream_format
            self._queue = PacketQueue()
        self._queue.put(unit.keyframe, packet_of(unit, t_ms))
        self._changed.set()

    async def run(self) -> None:
        """Connect, send, and connect again, until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                async with connect(
                    self.url,
                    additional_headers=self._headers,
                    compression=None,
                    max_queue=4,
                    open_timeout=5,
                    close_timeout=1,
                ) as socket:
                    self.connected, retry_s = True, FIRST_RETRY_S
                    await self._send_all(socket)
            except (OSError, TimeoutError, WebSocketException) as error:
                log.warning("video_relay_lost", stream_id=self.stream_id, reason=str(error))
            finally:
                self.connected = False
            await asyncio.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    async def _send_all(self, socket: ClientConnection) -> None:
        """Send until the socket closes or the pictures change their format."""
        self._queue.restart()
        announced: StreamFormat | None = None
        closed = asyncio.create_task(socket.wait_closed())
        try:
            while not closed.done():
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
                elif announced != self._format:
                    return
                await socket.send(packet)
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
