"""A live stream as fragmented MP4, a fragment for every picture, made once for all who watch.

Pure: packets in, bytes out. Media time is the camera's less that of the first picture, so every
picture's own time stamp is known in the browser; a player that joins later begins later.
"""

from collections import OrderedDict
from dataclasses import dataclass

from pydantic import BaseModel

from field_api.contract.fmp4 import Sample, fragment, init_segment, parameter_sets
from field_api.contract.video_packet import VideoPacket
from field_api.links.video.stream_info import StreamInfo

__all__ = ["Fragment", "FragmentsBegin", "LiveFragments"]

FIRST_DURATION_90K = 3600
LONGEST_DURATION_90K = 90_000
KEPT = 400
"""Pictures whose fragments are kept for viewers that are behind: more than a group has."""


class FragmentsBegin(BaseModel):
    """What follows begins anew: an initialisation segment, then fragments."""

    codec: str
    width: int
    height: int
    base_90k: int
    """The camera's time stamp at media time 0."""
    base_t_ms: int
    """When that picture was captured, UTC."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A picture, and what a player must have been given before it."""

    begin: FragmentsBegin
    init: bytes
    data: bytes


class LiveFragments:
    """One stream since it was published."""

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._begin: FragmentsBegin | None = None
        self._init = b""
        self._sequence = 0
        self._decoded_90k = -1
        self._duration_90k = FIRST_DURATION_90K
        self._made: OrderedDict[VideoPacket, Fragment] = OrderedDict()

    def of(self, packet: VideoPacket) -> Fragment | None:
        """Return a picture's fragment, None before the first key frame.

        The first who asks for a picture has it made; packets are asked for in the order they came.
        """
        made = self._made.get(packet)
        if made is not None:
            return made
        unit = bytes(packet.access_unit)
        begin = self._begin
        # A camera's clock that began anew without a new stream begins the players' anew too.
        if packet.keyframe and (begin is None or packet.pts_90k < begin.base_90k):
            begin = self._begin_at(packet, unit)
        if begin is None:
            return None
        shown_90k = packet.pts_90k - begin.base_90k
        # Decoding times rise even where pictures are shown in another order (B pictures).
        decode_90k = max(shown_90k, self._decoded_90k + 1)
        if self._decoded_90k >= 0 and decode_90k > self._decoded_90k + 90:
            self._duration_90k = min(LONGEST_DURATION_90K, decode_90k - self._decoded_90k)
        self._decoded_90k = decode_90k
        self._sequence += 1
        sample = Sample(unit, self._duration_90k, packet.keyframe, shown_90k - decode_90k)
        made = Fragment(begin, self._init, fragment(self._sequence, decode_90k, [sample]))
        self._made[packet] = made
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return made

    def _begin_at(self, packet: VideoPacket, unit: bytes) -> FragmentsBegin | None:
        sets = parameter_sets(unit)
        if sets is None:
            return self._begin
        self._init = init_segment(*sets, self._info.width, self._info.height)
        self._decoded_90k, self._duration_90k = -1, FIRST_DURATION_90K
        self._begin = FragmentsBegin(
            codec=f"avc1.{sets.sps[1:4].hex()}",
            width=self._info.width,
            height=self._info.height,
            base_90k=packet.pts_90k,
            base_t_ms=packet.t_ms,
        )
        return self._begin
