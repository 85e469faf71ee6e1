"""The last seconds of each stream that is published here, for the film of an alert."""

from collections import deque
from dataclasses import dataclass, field

from field_api.contract.video_packet import VideoPacket

__all__ = ["RecentPackets"]

MOST_BYTES = 24_000_000
"""Of one stream: half a minute at 6 Mbit/s."""


@dataclass
class _Stream:
    packets: deque[VideoPacket] = field(default_factory=deque[VideoPacket])
    size_bytes: int = 0


class RecentPackets:
    """Keeps what came last, by capture time. Lives on the event loop."""

    def __init__(self, keep_ms: int) -> None:
        self._keep_ms = keep_ms
        self._streams: dict[str, _Stream] = {}

    def put(self, stream_id: str, packet: VideoPacket) -> None:
        """Keep a packet and let the oldest go."""
        stream = self._streams.setdefault(stream_id, _Stream())
        stream.packets.append(packet)
        stream.size_bytes += len(packet.data)
        while stream.packets and (
            stream.packets[0].t_ms < packet.t_ms - self._keep_ms or stream.size_bytes > MOST_BYTES
        ):
            stream.size_bytes -= len(stream.packets.popleft().data)

    def forget(self, stream_id: str) -> None:
        """A stream begins anew: what came before is another film."""
        self._streams.pop(stream_id, None)

    def span(self, stream_id: str, from_ms: int, to_ms: int) -> list[VideoPacket]:
        """Return what was captured in a time, from the key frame that its first picture needs.

        Empty where nothing of it is here, or nothing that could be decoded.
        """
        stream = self._streams.get(stream_id)
        packets = [p for p in stream.packets if p.t_ms <= to_ms] if stream else []
        if not packets or packets[-1].t_ms < from_ms:
            return []
        keys = [at for at, packet in enumerate(packets) if packet.keyframe]
        before = [at for at in keys if packets[at].t_ms <= from_ms]
        begin = before[-1] if before else next(iter(keys), len(packets))
        return packets[begin:]
