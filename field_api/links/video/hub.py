"""The relay: one publisher per stream, any number of viewers, the newest pictures kept.

A stream that is published at another worker is fetched from there as long as somebody watches it
here; whoever joins it first waits for its next key frame.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from field_api.contract.packet_queue import PacketQueue
from field_api.contract.video_packet import VideoPacket, parse_packet
from field_api.core.exchange import Exchange, Topic
from field_api.links.video.health import Health, StreamHealth
from field_api.links.video.live_fmp4 import LiveFragments
from field_api.links.video.recent import RecentPackets
from field_api.links.video.stream_info import StreamInfo

__all__ = ["StreamInfo", "VideoHub", "VideoSource", "Viewer"]

BEGUN, ENDED, PACKETS = "video_begun", "video_ended", "video"
"""What workers tell each other; packets by stream."""
GOP_PACKETS = 300
GOP_BYTES = 16_000_000
"""A camera that sends no key frame for this long is relayed, but late joiners wait for one."""


@dataclass(eq=False)
class Viewer:
    """One player."""

    queue: PacketQueue
    info: StreamInfo | None = None
    """To be sent before the next packet."""
    fragments: LiveFragments | None = None
    """Of what is published, for all of its viewers."""
    counted: bool = True
    """Whether somebody watches; the post's own recorder and transcoders don't."""
    ended: bool = False
    """Whether what it was sent last has ended, and nothing has begun since."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def next_packet(self) -> VideoPacket:
        """Return the next packet, waiting for one."""
        while (packet := self.queue.take()) is None:
            self.wake.clear()
            await self.wake.wait()
        return packet


@dataclass(eq=False)
class VideoSource:
    """One publisher's connection."""

    key: str
    """The stream's id, or that of one of its renditions."""
    rendition: bool = False
    """Made here of another stream, and this worker's own."""
    replaced: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class _Stream:
    info: StreamInfo | None = None
    source: VideoSource | None = None
    worker_id: str = ""
    """Where it is published, if at another worker."""
    gop: list[VideoPacket] = field(default_factory=list[VideoPacket])
    gop_bytes: int = 0
    health: StreamHealth = field(default_factory=StreamHealth)
    fragments: LiveFragments | None = None
    viewers: set[Viewer] = field(default_factory=set[Viewer])


_NONE = _Stream()


class VideoHub:
    """All streams. Lives on the event loop."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        backlog_packets: int,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        recent: RecentPackets | None = None,
    ) -> None:
        """`recent` keeps the last seconds of what is published here."""
        self._exchange = exchange
        self._recent = recent
        self._backlog = backlog_packets
        # A new group of pictures begins and this many still wait: the line is slow, start there.
        self._behind_at = max(1, backlog_packets // 2)
        self._clock = clock
        self._streams: dict[str, _Stream] = {}
        self._when_published: list[Callable[[StreamInfo], None]] = []
        self._begun = Topic(exchange, BEGUN, StreamInfo, self._begun_elsewhere)
        exchange.hear(ENDED, self._ended_elsewhere)

    def published(self, stream_id: str) -> bool:
        """Whether a publisher is connected."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.source is not None

    def viewer_count(self, stream_id: str) -> int:
        """How many players watch a stream."""
        stream = self._streams.get(stream_id)
        return sum(viewer.counted for viewer in stream.viewers) if stream else 0

    def info(self, stream_id: str) -> StreamInfo | None:
        """What is published, None while nothing is."""
        stream = self._streams.get(stream_id)
        return stream.info if stream is not None and stream.source is not None else None

    def streams(self) -> list[StreamInfo]:
        """What is published anywhere, without renditions."""
        return [
            stream.info
            for stream in self._streams.values()
            if stream.info is not None and stream.source is not None and not stream.source.rendition
        ]

    def streams_here(self) -> list[str]:
        """Which streams are published at this worker, without renditions."""
        return [info.stream_id for info in self.streams() if self.published_here(info.stream_id)]

    def health(self, stream_id: str) -> Health:
        """How a stream is, as far as it is heard in this worker."""
        stream = self._streams.get(stream_id, _NONE)
        return stream.health.at(self._clock())

    def publish(self, info: StreamInfo, *, rendition: str = "") -> VideoSource:
        """Begin a stream; an older publisher of it is ended and viewers start anew.

        A `rendition` is one worker's own: the others make theirs from the stream itself.
        """
        if self._recent is not None and not rendition:
            self._recent.forget(info.stream_id)
        source = self._begin(info, rendition=rendition)
        if not rendition:
            self._exchange.ignore(f"{PACKETS}.{info.stream_id}")
            self._begun.tell(lambda: info)
            for call in self._when_published:
                call(info)
        return source

    def when_published(self, call: Callable[[StreamInfo], None]) -> None:
        """Call `call` with every stream that a publisher begins at this worker, no renditions."""
        self._when_published.append(call)

    def published_here(self, stream_id: str) -> bool:
        """Whether a publisher is connected to this worker."""
        stream = self._streams.get(stream_id)
        return stream is not None and stream.source is not None and not stream.worker_id

    def _begin(self, info: StreamInfo, worker_id: str = "", *, rendition: str = "") -> VideoSource:
        key = info.stream_id + rendition
        stream = self._streams.setdefault(key, _Stream())
        if stream.source is not None:
            stream.source.replaced.set()
        source = VideoSource(key, rendition=bool(rendition))
        stream.source, stream.info, stream.worker_id = source, info, worker_id
        stream.gop, stream.gop_bytes = [], 0
        stream.health = StreamHealth()
        stream.fragments = LiveFragments(info)
        for viewer in stream.viewers:
            viewer.queue.clear()
            viewer.info, viewer.fragments = info, stream.fragments
            viewer.ended = False
            viewer.wake.set()
        return source

    def put(self, source: VideoSource, packet: VideoPacket) -> None:
        """Relay one packet of a publisher to every viewer."""
        stream = self._streams[source.key]
        if stream.source is not source:
            return
        if not source.rendition:
            self._exchange.tell(f"{PACKETS}.{source.key}", packet.data)
            if self._recent is not None:
                self._recent.put(source.key, packet)
        self._pass(stream, packet)

    def _pass(self, stream: _Stream, packet: VideoPacket) -> None:
        stream.health.take(packet, self._clock())
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
        stream = self._streams[source.key]
        if stream.source is source:
            stream.source, stream.gop, stream.gop_bytes = None, [], 0
            self._tell_ended(stream)
            if not source.rendition:
                self._exchange.tell(ENDED, source.key.encode())

    def join(
        self, stream_id: str, *, backlog_packets: int | None = None, counted: bool = True
    ) -> Viewer:
        """Add a player; it starts with the group of pictures so far.

        Args:
            stream_id: what it plays.
            backlog_packets: how much may wait for one that wants every picture, however late, as a
                recorder does; None for one that skips to the newest.
            counted: whether somebody watches.
        """
        stream = self._streams.setdefault(stream_id, _Stream())
        behind_at = self._behind_at if backlog_packets is None else backlog_packets
        viewer = Viewer(
            PacketQueue(backlog_packets or self._backlog, stream.gop, behind_at=behind_at),
            counted=counted,
        )
        viewer.info = stream.info if stream.source else None
        viewer.fragments = stream.fragments
        viewer.wake.set()
        stream.viewers.add(viewer)
        if stream.worker_id and len(stream.viewers) == 1:
            self._fetch(stream_id)
        return viewer

    def leave(self, stream_id: str, viewer: Viewer) -> None:
        """Remove a player."""
        stream = self._streams[stream_id]
        stream.viewers.discard(viewer)
        if stream.worker_id and not stream.viewers:
            self._exchange.ignore(f"{PACKETS}.{stream_id}")
            # What comes while nobody watches is not seen: the next viewer begins at a key frame.
            stream.gop, stream.gop_bytes = [], 0

    # --- other workers ----------------------------------------------------------------------

    def tell_all(self) -> None:
        """Tell of every stream published here again: somebody came who knows nothing."""
        for info in self.streams():
            if self.published_here(info.stream_id):
                self._begun.tell(lambda info=info: info)

    def forget_worker(self, worker_id: str) -> None:
        """A worker ended, and its streams with it."""
        for stream_id, stream in self._streams.items():
            if stream.worker_id == worker_id:
                self._end_elsewhere(stream_id, stream)

    def _begun_elsewhere(self, worker_id: str, info: StreamInfo) -> None:
        known = self._streams.get(info.stream_id)
        if known is not None and known.worker_id == worker_id and known.info == info:
            return  # It was told again for somebody else.
        self._begin(info, worker_id)
        if self._streams[info.stream_id].viewers:
            self._fetch(info.stream_id)

    def _ended_elsewhere(self, worker_id: str, data: bytes) -> None:
        stream_id = data.decode()
        stream = self._streams.get(stream_id)
        if stream is not None and stream.worker_id == worker_id:
            self._end_elsewhere(stream_id, stream)

    def _end_elsewhere(self, stream_id: str, stream: _Stream) -> None:
        self._exchange.ignore(f"{PACKETS}.{stream_id}")
        stream.source, stream.worker_id = None, ""
        stream.gop, stream.gop_bytes = [], 0
        self._tell_ended(stream)

    def _tell_ended(self, stream: _Stream) -> None:
        for viewer in stream.viewers:
            viewer.ended = True
            viewer.wake.set()

    def _fetch(self, stream_id: str) -> None:
        stream = self._streams[stream_id]
        source = stream.source

        def packet(_worker: str, data: bytes) -> None:
            if stream.source is source:
                self._pass(stream, parse_packet(data))

        self._exchange.hear(f"{PACKETS}.{stream_id}", packet)
