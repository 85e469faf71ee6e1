"""What a camera's tracks say: its pictures with their clock, and its metadata."""

from dataclasses import dataclass

from field_api.contract.nal_units import Codec
from field_api.contract.rtp import (
    Depacketizer,
    Farewell,
    RtpUnit,
    SdpMedia,
    Unwrapped,
    parse_rtcp,
    parse_rtp,
)

__all__ = [
    "ClockTold",
    "Ended",
    "MetadataCame",
    "MetadataTrack",
    "PictureCame",
    "PictureTrack",
    "Playing",
    "PullEvent",
]

CLOCK_HZ = 90_000
MAX_METADATA_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Playing:
    """The camera will send."""

    encoding: str
    """What its video is, as its description says; no video at all if empty."""
    codec: Codec | None
    """None where it is none that can be examined: nothing follows."""
    parameter_sets: bytes
    """Those that the description holds, Annex B."""


@dataclass(frozen=True, slots=True)
class PictureCame:
    """An access unit."""

    pts_90k: int
    unit: RtpUnit


@dataclass(frozen=True, slots=True)
class MetadataCame:
    """A KLV packet (RFC 6597); its clock is not that of the pictures."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ClockTold:
    """When, by the camera's own clock, a time of the pictures was."""

    pts_90k: int
    utc_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The camera said that it sends no more."""


PullEvent = Playing | PictureCame | MetadataCame | ClockTold | Ended


class MetadataTrack:
    """KLV units of one or more packets each."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._expected: int | None = None
        self._broken = False

    def receive(self, data: bytes) -> bytes | None:
        """Take an RTP packet; returns the KLV packet it completes.

        Raises:
            RtpError: it is none.
        """
        packet = parse_rtp(data)
        if self._expected is not None and packet.sequence != self._expected:
            self._broken = True
        self._expected = (packet.sequence + 1) & 0xFFFF
        self._parts.append(packet.payload)
        self._broken |= sum(map(len, self._parts)) > MAX_METADATA_BYTES
        if self._broken:
            self._parts.clear()
        if not packet.marker:
            return None
        whole, broken = b"".join(self._parts), self._broken
        self._parts.clear()
        self._broken = False
        return whole if whole and not broken else None


class PictureTrack:
    """The video's packets."""

    def __init__(self, media: SdpMedia, codec: Codec) -> None:
        self._media = media
        self._codec = codec
        self._ssrc: int | None = None
        self._begin(None)

    def begins_with(self, first_sequence: int | None) -> None:
        """What the camera said of the first packet; some send it before they say so."""
        if self._ssrc is None:
            self._begin(first_sequence)

    def _begin(self, first_sequence: int | None) -> None:
        self._depacketizer = Depacketizer(self._codec, first_sequence)
        self._time = Unwrapped()

    def _pts_90k(self, time: int) -> int:
        return time * CLOCK_HZ // self._media.clock_hz

    def receive(self, data: bytes) -> list[PullEvent]:
        """Take an RTP packet.

        Raises:
            RtpError: it is none.
        """
        packet = parse_rtp(data)
        if packet.payload_type != self._media.payload_type:
            return []
        if packet.ssrc != self._ssrc:
            if self._ssrc is not None:
                self._begin(None)
            self._ssrc = packet.ssrc
        return [
            PictureCame(self._pts_90k(self._time.of(unit.timestamp)), unit)
            for unit in self._depacketizer.receive(packet)
        ]

    def reported(self, data: bytes) -> list[PullEvent]:
        """Take an RTCP packet.

        Raises:
            RtpError: it is none.
        """
        found: list[PullEvent] = []
        for report in parse_rtcp(data):
            if isinstance(report, Farewell):
                if report.ssrc == self._ssrc:
                    found.append(Ended())
            elif report.ssrc == self._ssrc:
                time = self._time.near(report.timestamp)
                if time is not None:
                    found.append(ClockTold(self._pts_90k(time), report.utc_ms))
        return found

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._depacketizer.lost
