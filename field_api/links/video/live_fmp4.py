"""A live stream as fragmented MP4, a fragment for every picture. Pure: packets in, messages out."""

from pydantic import BaseModel

from field_api.contract.video_packet import VideoPacket
from field_api.links.video.fmp4 import Sample, fragment, init_segment, parameter_sets
from field_api.links.video.hub import StreamInfo

__all__ = ["FragmentsBegin", "LiveFragments"]

FIRST_DURATION_90K = 3600
LONGEST_DURATION_90K = 90_000


class FragmentsBegin(BaseModel):
    """What follows begins anew: an initialisation segment, then fragments."""

    codec: str
    width: int
    height: int
    base_90k: int
    """The camera's time stamp at media time 0."""
    base_t_ms: int
    """When that picture was captured, UTC."""


class LiveFragments:
    """One viewer's stream.

    Media time is the camera's less that of the first picture, so that a player's clock begins at
    zero and every picture's own time stamp is known in the browser.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._base_90k: int | None = None
        self._sequence = 0
        self._decoded_90k = -1
        self._duration_90k = FIRST_DURATION_90K

    def take(self, packet: VideoPacket) -> list[FragmentsBegin | bytes]:
        """Return what a packet becomes: with a beginning before it where one is due."""
        unit = bytes(packet.access_unit)
        made: list[FragmentsBegin | bytes] = []
        # A camera's clock that began anew without a new stream begins the player's anew too.
        if packet.keyframe and (self._base_90k is None or packet.pts_90k < self._base_90k):
            made += self._begin(packet, unit)
        if self._base_90k is None:
            return []
        shown_90k = packet.pts_90k - self._base_90k
        # Decoding times rise even where pictures are shown in another order (B pictures).
        decode_90k = max(shown_90k, self._decoded_90k + 1)
        if self._decoded_90k >= 0 and decode_90k > self._decoded_90k + 90:
            self._duration_90k = min(LONGEST_DURATION_90K, decode_90k - self._decoded_90k)
        self._decoded_90k = decode_90k
        self._sequence += 1
        sample = Sample(unit, self._duration_90k, packet.keyframe, shown_90k - decode_90k)
        made.append(fragment(self._sequence, decode_90k, [sample]))
        return made

    def _begin(self, packet: VideoPacket, unit: bytes) -> list[FragmentsBegin | bytes]:
        sets = parameter_sets(unit)
        if sets is None:
            return []
        self._base_90k, self._sequence, self._decoded_90k = packet.pts_90k, 0, -1
        self._duration_90k = FIRST_DURATION_90K
        begin = FragmentsBegin(
            codec=f"avc1.{sets.sps[1:4].hex()}",
            width=self._info.width,
            height=self._info.height,
            base_90k=packet.pts_90k,
            base_t_ms=packet.t_ms,
        )
        return [begin, init_segment(*sets, self._info.width, self._info.height)]
