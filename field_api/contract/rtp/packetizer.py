"""Access units into RTP payloads: H.264 (RFC 6184, packetization mode 1), H.265 (RFC 7798)."""

from collections.abc import Iterator
from dataclasses import dataclass

from field_api.contract.nal_units import Codec, nal_units, unit_kind
from field_api.contract.rtp.packet import RtpPacket, build_rtp

__all__ = ["PAYLOAD_BYTES", "Packetizer", "payloads"]

PAYLOAD_BYTES = 1200
"""Longest payload: with all headers, tunnels' and SRTP's too, it fits a packet of 1,280 bytes,
which every IPv6 network carries."""

_FRAGMENTED = {Codec.H264: 28, Codec.H265: 49}
_HEADER_BYTES = {Codec.H264: 1, Codec.H265: 2}
_FIRST_OF_THE_PAYLOADS = {Codec.H264: 24, Codec.H265: 48}
"""NAL unit types from here on mean something else in RTP: such units, which no decoder needs,
are left out."""


def payloads(codec: Codec, access_unit: bytes, longest: int = PAYLOAD_BYTES) -> list[bytes]:
    """The payloads of an access unit in Annex B form; the last one's packet has the marker."""
    found: list[bytes] = []
    for unit in nal_units(access_unit):
        kind = unit_kind(codec, unit)
        too_short = len(unit) < _HEADER_BYTES[codec]
        if too_short or kind >= _FIRST_OF_THE_PAYLOADS[codec] or (codec is Codec.H264 and not kind):
            continue
        if len(unit) <= longest:
            found.append(unit)
        else:
            found += _fragments(codec, unit, kind, longest)
    return found


def _fragments(codec: Codec, unit: bytes, kind: int, longest: int) -> Iterator[bytes]:
    if codec is Codec.H264:
        indicator, body = bytes([unit[0] & 0xE0 | _FRAGMENTED[codec]]), unit[1:]
    else:
        indicator = bytes([unit[0] & 0x81 | _FRAGMENTED[codec] << 1, unit[1]])
        body = unit[2:]
    size = longest - len(indicator) - 1
    for begin in range(0, len(body), size):
        first, last = begin == 0, begin + size >= len(body)
        flags = (0x80 if first else 0) | (0x40 if last else 0) | kind
        yield indicator + bytes([flags]) + body[begin : begin + size]


@dataclass
class Packetizer:
    """One stream to one receiver."""

    codec: Codec
    payload_type: int
    ssrc: int
    sequence: int = 0
    """Of the next packet."""
    packets: int = 0
    octets: int = 0
    """What was made so far, as sender reports count it: payloads only."""

    def access_unit(self, data: bytes, timestamp: int) -> list[bytes]:
        """The RTP packets of an access unit in Annex B form."""
        return self.of_payloads(payloads(self.codec, data), timestamp)

    def of_payloads(self, parts: list[bytes], timestamp: int) -> list[bytes]:
        """The RTP packets of payloads made before, e.g. once for all receivers."""
        made = [
            build_rtp(
                RtpPacket(
                    self.payload_type,
                    n == len(parts) - 1,
                    self.sequence + n,
                    timestamp,
                    self.ssrc,
                    part,
                )
            )
            for n, part in enumerate(parts)
        ]
        self.sequence = (self.sequence + len(parts)) & 0xFFFF
        self.packets += len(parts)
        self.octets += sum(map(len, parts))
        return made
