"""The relay: one publisher per stream, any number of viewers, the newest pictures kept."""

import asyncio
from dataclasses import dataclass, field

from pydantic import Field

from field_api.contract.messages import StreamId
from field_api.contract.packet_queue import PacketQueue
from field_api.contract.video_packet import VideoPacket
from field_api.core.wire import Body

__all__ = ["StreamInfo", "VideoHub", "VideoSource", "Viewer"]

GOP_PACKETS = 300
GOP_BYTES = 16_000_000
"""A camera that sends no key frame for this long is relayed, but late joiners wait for one."""


class StreamInfo(Body):
    """First message of `publish` and of `play`."""

    stream_id: StreamId
    codec: str = Field(pattern=r"^avc1\.[0-9A-Fa-f]{6}$")
    width: int = Field(ge=16, le=8192)
    height: int = Field(ge=16, le=8192)


@dataclass(eq=False)
class Viewer:
    """One player."""

    queue: PacketQueue
    info: StreamInfo | None = None
    """To be sent before the next packet."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class VideoSource:
    """One publisher's connection."""

    stream_id: str
    replaced: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class _Stream:
    info: StreamInfo | None = None
    source: VideoSource | None = None
    gop: list[VideoPacket] = field(default_factory=list[VideoPacket])
    gop_bytes: int = 0
    viewers: set[Viewer] = field(default_factory=set[Viewer])


class VideoHub:
    """All streams. Lives on the event loop."""

    def __init__(self, *, backlog_packets: int) -> None:
        self._backlog = backlog_packets
        self._streams: dict[str, _Stream] = {}

    def published(self, stream_id: str) -> bool:
        """Whether a publisher is connected."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.source is not None

    def viewer_count(self, stream_id: str) -> int:
        """How many players watch a stream."""
        stream = self._streams.get(stream_id)
        return len(stream.viewers) if stream else 0

    def publish(self, info: StreamInfo) -> VideoSource:
        """Begin a stream; an older publisher of it is ended and viewers start anew."""
        stream = self._streams.setdefault(info.stream_id, _Stream())
        if stream.source is not None:
            stream.source.replaced.set()
        source = VideoSource(info.stream_id)
        stream.source, stream.info = source, info
        stream.gop, stream.gop_bytes = [], 0
        for viewer in stream.viewers:
            viewer.queue.clear()
            viewer.info = info
            viewer.wake.set()
        return source

    def put(self, source: VideoSource, packet: VideoPacket) -> None:
        """Relay one packet of a publisher to every viewer."""
        stream = self._streams[source.stream_id]
        if stream.source is not source:
            return
        if packet.keyframe:
            stream.gop, stream.gop_bytes = [packet], len(packet.data)
        elif stream.gop:
            stream.gop.append(packet)
            stream.gop_bytes += len(packet.data)
            if len(stream.gop) > GOP_PACKETS or stream.gop_bytes > GOP_BYTES:
                stream.gop, stream.gop_bytes = [], 0
        for viewer in stream.viewers:
            viewer.queue.put(packet)
            viewer.wake.set()

    def end(self, source: VideoSource) -> None:
        """A publisher's connection ended; its viewers wait for the next one."""
        stream = self._streams[source.stream_id]
        if stream.source is source:
            stream.source, stream.gop, stream.gop_bytes = None, [], 0

    def join(self, stream_id: str) -> Viewer:
        """Add a player; it starts with the group of pictures so far."""
        stream = self._streams.setdefault(stream_id, _Stream())
        viewer = Viewer(PacketQueue(self._backlog, stream.gop))
        viewer.info = stream.info if stream.source else None
        viewer.wake.set()
        stream.viewers.add(viewer)
        return viewer

    def leave(self, stream_id: str, viewer: Viewer) -> None:
        """Remove a player."""
        self._streams[stream_id].viewers.discard(viewer)
