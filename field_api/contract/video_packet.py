"""The video packet of `publish` and `play`: a 20-byte header and one H.264 or H.265 access unit.

Big-endian: u8 version (1), u8 flags (bit 0: key frame), u16 header length (20), i64 presentation
time in 90 kHz units, u64 capture time in UTC ms. Then the access unit (H.264 or H.265) in Annex B
form, parameter sets before every key frame. Packets are relayed as they came; only the header is
read. A later version may lengthen it, so the access unit begins where the header length says.
"""

import struct
from dataclasses import dataclass

__all__ = [
    "HEADER_BYTES",
    "MAX_PACKET_BYTES",
    "PacketError",
    "VideoPacket",
    "pack_packet",
    "parse_packet",
]

_HEADER = struct.Struct(">BBHqQ")
HEADER_BYTES = _HEADER.size
MAX_PACKET_BYTES = 4_000_000
VERSION = 1
KEYFRAME = 0x01
_START_CODES = (b"\x00\x00\x01", b"\x00\x00\x00\x01")


class PacketError(ValueError):
    """Bytes that are not a video packet, or can't become one."""


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One access unit, with what relaying must know."""

    keyframe: bool
    pts_90k: int
    t_ms: int
    data: bytes
    """The whole packet, header included."""

    @property
    def access_unit(self) -> memoryview:
        """The picture without the header, Annex B; no copy."""
        return memoryview(self.data)[int.from_bytes(self.data[2:4], "big") :]


def pack_packet(access_unit: bytes, *, keyframe: bool, pts_90k: int, t_ms: int) -> VideoPacket:
    """Put the header before an access unit.

    Raises:
        PacketError: too long, no Annex B start code, or a time that the header can't hold.
    """
    try:
        header = _HEADER.pack(VERSION, KEYFRAME if keyframe else 0, HEADER_BYTES, pts_90k, t_ms)
    except struct.error as error:
        raise PacketError(f"times {pts_90k}, {t_ms} don't fit the header: {error}") from None
    data = header + access_unit
    _check(data, HEADER_BYTES)
    return VideoPacket(keyframe, pts_90k, t_ms, data)


def parse_packet(data: bytes) -> VideoPacket:
    """Read a packet's header.

    Raises:
        PacketError: too short, too long, another version, or no Annex B start code.
    """
    if len(data) <= HEADER_BYTES:
        raise PacketError(f"a packet has more than {HEADER_BYTES} bytes, this one {len(data)}")
    version, flags, header_len, pts_90k, t_ms = _HEADER.unpack_from(data)
    if version != VERSION:
        raise PacketError(f"packet version {version}; known is {VERSION}")
    if not HEADER_BYTES <= header_len < len(data):
        raise PacketError(f"header length {header_len} does not fit the packet")
    _check(data, header_len)
    return VideoPacket(bool(flags & KEYFRAME), pts_90k, t_ms, data)


def _check(data: bytes, header_len: int) -> None:
    if len(data) > MAX_PACKET_BYTES:
        raise PacketError(f"a packet has at most {MAX_PACKET_BYTES} bytes, this one {len(data)}")
    if not data.startswith(_START_CODES, header_len):
        raise PacketError("the payload is neither H.264 nor H.265 in Annex B form")
