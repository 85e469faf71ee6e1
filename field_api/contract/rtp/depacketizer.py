"""RTP payloads back into access units: H.264 (RFC 6184) and H.265 (RFC 7798).

An access unit ends with the marker bit, or where the time stamp changes. What was lost is known
by the sequence numbers: a gap damages the unit that had not ended before it and the unit after it,
for nobody can tell to which of them the missing packets belonged, and what follows is built on
pictures that are not there until a whole key frame comes. Packets that come late are lost
ones: whoever takes RTP from a network that reorders puts a buffer before this.
"""

from dataclasses import dataclass

from field_api.contract.nal_units import START_CODE, Codec, is_key_unit, unit_kind
from field_api.contract.rtp.packet import RtpError, RtpPacket

__all__ = ["MAX_UNIT_BYTES", "Depacketizer", "RtpUnit"]

MAX_UNIT_BYTES = 4_000_000
"""As long as a video packet may be; a longer unit is damaged."""

LATE_PACKETS = 100
"""A packet further behind, and the next after it, mean that the sender counts anew."""
_OPENS_UNIT = {Codec.H264: (7, 9), Codec.H265: (32, 33, 35)}
"""Parameter sets and delimiters: they come before every slice of their unit."""


@dataclass(frozen=True, slots=True)
class RtpUnit:
    """One access unit, Annex B, as far as it came."""

    timestamp: int
    """RTP time, 32 bits."""
    data: bytes
    whole: bool
    """Whether every packet of it came."""
    clean: bool
    """Whether, besides, everything came that it may be built on."""
    key: bool


class Depacketizer:
    """One stream of one sender."""

    def __init__(self, codec: Codec, first_sequence: int | None = None) -> None:
        """Begin.

        Args:
            codec: what the payloads are.
            first_sequence: number of the first packet where the sender said it. Where it is not
                the one that comes first, the first unit counts as whole only if it begins with a
                parameter set or a delimiter.
        """
        self.codec = codec
        self.lost = 0
        """Packets that never came, or came too late to be used."""
        self.malformed = 0
        """Packets with a payload that is none of the codec."""
        self._first = first_sequence
        self._expected: int | None = None
        self._restarting: int | None = None
        self._timestamp: int | None = None
        self._units: list[bytes] = []
        self._bytes = 0
        self._fragment: list[bytes] | None = None
        self._whole = True
        self._key = False
        self._waiting_for_key = False

    def receive(self, packet: RtpPacket) -> list[RtpUnit]:
        """Take a packet; returns the units it completes, at most two."""
        if not self._in_row(packet):
            return []
        units: list[RtpUnit] = []
        if self._timestamp is not None and packet.timestamp != self._timestamp:
            # Its end had no marker; the packets are in a row, so all of it is here.
            units += self._end()
        self._timestamp = packet.timestamp
        try:
            self._payload(packet.payload)
        except RtpError:
            # After a loss the rest of a fragmented unit is no mistake of the sender's.
            self.malformed += self._whole
            self._damage()
        if packet.marker:
            units += self._end()
        return units

    def _in_row(self, packet: RtpPacket) -> bool:
        """Whether the packet is a new one; notes what is missing before it."""
        sequence = packet.sequence
        if self._expected is None:
            if sequence != self._first and not self._opens(packet.payload):
                self._damage()
        elif sequence != self._expected:
            ahead = (sequence - self._expected) & 0xFFFF
            if ahead >= 1 << 15:
                if ahead > (1 << 16) - LATE_PACKETS or sequence != self._restarting:
                    self._restarting = (sequence + 1) & 0xFFFF
                    return False
            else:
                self.lost += ahead
            if packet.timestamp != self._timestamp:
                self._drop()
            self._damage()
        self._expected = (sequence + 1) & 0xFFFF
        return True

    def _opens(self, payload: bytes) -> bool:
        if not payload:
            return False
        kind = unit_kind(self.codec, payload)
        if self.codec is Codec.H264 and kind == 24:
            payload = payload[3:]
        elif self.codec is Codec.H265 and kind == 48:
            payload = payload[4:]
        return bool(payload) and unit_kind(self.codec, payload) in _OPENS_UNIT[self.codec]

    def _damage(self) -> None:
        self._whole = False
        self._waiting_for_key = True
        self._fragment = None

    def _drop(self) -> None:
        self._timestamp, self._units, self._bytes = None, [], 0
        self._fragment, self._whole, self._key = None, True, False

    def _end(self) -> list[RtpUnit]:
        if self._fragment is not None:
            self._damage()
        units, timestamp = self._units, self._timestamp
        whole, key = self._whole, self._key
        if whole and key:
            self._waiting_for_key = False
        clean = whole and not self._waiting_for_key
        self._drop()
        if not units or timestamp is None:
            return []
        data = START_CODE + START_CODE.join(units)
        return [RtpUnit(timestamp, data, whole, clean, key)]

    def _add(self, unit: bytes) -> None:
        unit = unit.rstrip(b"\x00")
        if not _is_nal_unit(self.codec, unit):
            raise RtpError("this is no NAL unit")
        self._bytes += len(START_CODE) + len(unit)
        if self._bytes > MAX_UNIT_BYTES:
            raise RtpError(f"an access unit of more than {MAX_UNIT_BYTES} bytes")
        self._units.append(unit)
        self._key |= is_key_unit(self.codec, unit_kind(self.codec, unit))

    # --- payload formats --------------------------------------------------------------------

    def _payload(self, payload: bytes) -> None:
        head = 1 if self.codec is Codec.H264 else 2
        if len(payload) < head:
            raise RtpError("an empty payload")
        kind = unit_kind(self.codec, payload)
        if self.codec is Codec.H264:
            if kind == 24:
                self._aggregated(payload[1:])
            elif kind == 28:
                self._h264_fragment(payload)
            elif 1 <= kind <= 23:
                self._single(payload)
            else:
                raise RtpError(f"H.264 payload type {kind}; known are 1 to 24 and 28")
        elif kind == 48:
            self._aggregated(payload[2:])
        elif kind == 49:
            self._h265_fragment(payload)
        elif kind < 48:
            self._single(payload)
        else:
            raise RtpError(f"H.265 payload type {kind}; known are 0 to 49")

    def _single(self, unit: bytes) -> None:
        if self._fragment is not None:
            raise RtpError("a fragmented NAL unit has no end")
        self._add(unit)

    def _aggregated(self, rest: bytes) -> None:
        if self._fragment is not None:
            raise RtpError("a fragmented NAL unit has no end")
        if not rest:
            raise RtpError("an aggregation of nothing")
        while rest:
            size = int.from_bytes(rest[:2], "big")
            if len(rest) < 2 or not size or 2 + size > len(rest):
                raise RtpError("an aggregated NAL unit reaches beyond its packet")
            self._add(rest[2 : 2 + size])
            rest = rest[2 + size :]

    def _h264_fragment(self, payload: bytes) -> None:
        if len(payload) < 3:
            raise RtpError("a fragment of nothing")
        header = bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
        self._fragmented(payload[1], header, payload[2:])

    def _h265_fragment(self, payload: bytes) -> None:
        if len(payload) < 4:
            raise RtpError("a fragment of nothing")
        header = bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
        self._fragmented(payload[2], header, payload[3:])

    def _fragmented(self, flags: int, header: bytes, data: bytes) -> None:
        if flags & 0x80:
            if self._fragment is not None:
                raise RtpError("a fragmented NAL unit has no end")
            self._fragment = [header]
        elif self._fragment is None or self._fragment[0] != header:
            raise RtpError("a fragmented NAL unit has no beginning")
        assert self._fragment is not None
        self._fragment.append(data)
        self._bytes += len(data)
        if self._bytes > MAX_UNIT_BYTES:
            raise RtpError(f"an access unit of more than {MAX_UNIT_BYTES} bytes")
        if flags & 0x40:
            parts, self._fragment = self._fragment, None
            self._bytes -= sum(map(len, parts)) - len(header)
            self._add(b"".join(parts))


def _is_nal_unit(codec: Codec, unit: bytes) -> bool:
    """Whether the header is one that stands before pictures and what belongs to them."""
    if not unit or unit[0] & 0x80:
        return False
    kind = unit_kind(codec, unit)
    if codec is Codec.H264:
        return 1 <= kind <= 23
    # Its second byte holds a number that is never 0.
    return len(unit) >= 2 and kind < 48 and bool(unit[1] & 0x07)
