"""RTP packets (RFC 3550 section 5.1)."""

import struct
from dataclasses import dataclass

__all__ = ["RtpError", "RtpPacket", "Unwrapped", "build_rtp", "is_rtcp", "parse_rtp"]

_HEADER = struct.Struct(">BBHII")
_VERSION = 2 << 6
_PADDING, _EXTENSION, _CONTRIBUTORS = 0x20, 0x10, 0x0F
_MARKER = 0x80


class RtpError(ValueError):
    """Bytes that are not RTP, RTCP or a payload of the codec; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet, without what only routers and mixers need."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    """In units of the payload's clock, 32 bits, from an origin that nobody knows."""
    ssrc: int
    payload: bytes


def is_rtcp(data: bytes) -> bool:
    """Whether a packet that came where both may come is RTCP (RFC 5761 section 4)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def parse_rtp(data: bytes) -> RtpPacket:
    """Read a packet.

    Raises:
        RtpError: too short, another version, or parts that reach beyond its end.
    """
    if len(data) < _HEADER.size:
        raise RtpError(f"an RTP packet has at least {_HEADER.size} bytes, this one {len(data)}")
    flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if flags & 0xC0 != _VERSION:
        raise RtpError(f"RTP version {flags >> 6}; known is 2")
    begin, end = _HEADER.size + 4 * (flags & _CONTRIBUTORS), len(data)
    if flags & _EXTENSION:
        if begin + 4 > end:
            raise RtpError("the RTP packet ends within its header extension")
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if flags & _PADDING:
        if not 1 <= data[-1] <= end - _HEADER.size:
            raise RtpError(f"the RTP packet is said to end with {data[-1]} bytes of padding")
        end -= data[-1]
    if begin > end:
        raise RtpError("the RTP packet ends within its header")
    return RtpPacket(kind & 0x7F, bool(kind & _MARKER), sequence, timestamp, ssrc, data[begin:end])


def build_rtp(packet: RtpPacket) -> bytes:
    """Return the packet's bytes; numbers are taken modulo their width."""
    return (
        _HEADER.pack(
            _VERSION,
            (packet.payload_type & 0x7F) | (_MARKER if packet.marker else 0),
            packet.sequence & 0xFFFF,
            packet.timestamp & 0xFFFFFFFF,
            packet.ssrc & 0xFFFFFFFF,
        )
        + packet.payload
    )


class Unwrapped:
    """Numbers that begin anew after 32 bits, as ones that never do.

    The next number is taken to lie within half of the range of the one before, on either side.
    """

    def __init__(self) -> None:
        self._newest: int | None = None

    def of(self, number: int) -> int:
        """The number without the turn; the first one stands for itself."""
        if self._newest is None:
            self._newest = number
            return number
        step = (number - self._newest) & 0xFFFFFFFF
        if step >= 1 << 31:
            step -= 1 << 32
        whole = self._newest + step
        self._newest = max(self._newest, whole)
        return whole

    def near(self, number: int) -> int | None:
        """The same for a number from elsewhere that is no part of the row; None before the row."""
        if self._newest is None:
            return None
        step = (number - self._newest) & 0xFFFFFFFF
        return self._newest + (step - (1 << 32) if step >= 1 << 31 else step)
