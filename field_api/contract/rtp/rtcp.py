"""RTCP, as much as is used (RFC 3550 section 6): sender and receiver reports, names, farewells."""

import struct
from dataclasses import dataclass

from field_api.contract.rtp.packet import RtpError

__all__ = [
    "Farewell",
    "SenderReport",
    "build_farewell",
    "build_receiver_report",
    "build_sender_report",
    "parse_rtcp",
]

_SR, _RR, _SDES, _BYE = 200, 201, 202, 203
_NTP_UNIX_S = 2_208_988_800
"""From 1900 to 1970."""
_REPORT = struct.Struct(">IIIIII")


@dataclass(frozen=True, slots=True)
class SenderReport:
    """When, by the sender's clock, an RTP time was."""

    ssrc: int
    utc_ms: int
    """UTC milliseconds by a clock that may be anything."""
    timestamp: int
    """The same instant as RTP time."""
    packets: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Farewell:
    """A sender says that it ends (BYE)."""

    ssrc: int


def parse_rtcp(data: bytes) -> list[SenderReport | Farewell]:
    """What a compound packet says; kinds that nobody here asks for are passed over.

    Raises:
        RtpError: another version, or parts that reach beyond its end.
    """
    found: list[SenderReport | Farewell] = []
    while data:
        if len(data) < 4:
            raise RtpError("the RTCP packet ends within a header")
        flags, kind, words = data[0], data[1], int.from_bytes(data[2:4], "big")
        if flags >> 6 != 2:
            raise RtpError(f"RTCP version {flags >> 6}; known is 2")
        end = 4 + 4 * words
        if end > len(data):
            raise RtpError("the RTCP packet ends within a report")
        body, data = data[4:end], data[end:]
        if kind == _SR:
            if len(body) < _REPORT.size:
                raise RtpError("a sender report is too short")
            ssrc, seconds, fraction, timestamp, packets, octets = _REPORT.unpack_from(body)
            # Times since 2036 begin anew at 0 (RFC 5905 section 6); none of ours is before 1968.
            era = 0 if seconds >= 1 << 31 else 1 << 32
            utc_ms = (seconds + era - _NTP_UNIX_S) * 1000 + (fraction * 1000 >> 32)
            found.append(SenderReport(ssrc, utc_ms, timestamp, packets, octets))
        elif kind == _BYE:
            found += [
                Farewell(int.from_bytes(body[n : n + 4], "big"))
                for n in range(0, min(4 * (flags & 0x1F), len(body) - 3), 4)
            ]
    return found


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2, "big") + body


def _name(ssrc: int, name: str) -> bytes:
    """A source description with the canonical name, which every compound packet must have."""
    text = name.encode()[:255]
    item = struct.pack(">IBB", ssrc, 1, len(text)) + text
    return _packet(_SDES, 1, item + b"\x00" * (4 - len(item) % 4))


def build_sender_report(report: SenderReport, name: str) -> bytes:
    """A sender's report on its clock, with its canonical name."""
    seconds, ms = divmod(report.utc_ms, 1000)
    body = _REPORT.pack(
        report.ssrc,
        (seconds + _NTP_UNIX_S) & 0xFFFFFFFF,
        # Rounded up, so that the milliseconds come out again.
        -(-(ms << 32) // 1000),
        report.timestamp & 0xFFFFFFFF,
        report.packets & 0xFFFFFFFF,
        report.octets & 0xFFFFFFFF,
    )
    return _packet(_SR, 0, body) + _name(report.ssrc, name)


def build_receiver_report(ssrc: int, name: str) -> bytes:
    """A receiver's sign of life without blocks: some servers end sessions that send none."""
    return _packet(_RR, 0, struct.pack(">I", ssrc)) + _name(ssrc, name)


def build_farewell(ssrc: int, name: str) -> bytes:
    """A sender's last packet."""
    return build_receiver_report(ssrc, name) + _packet(_BYE, 1, struct.pack(">I", ssrc))
