"""MISB ST 0601 UAS metadata: where a camera was and where it looked, written and read.

One table of items serves both ways, so cameras, the detector and what is exported speak alike. Only
items that this project has values for are known; others are skipped by their length. Names and
item numbers are those of ST 0601. Every byte is hostile until parsed: anything malformed raises
`KlvError`, nothing else does.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["UAS_LOCAL_SET", "KlvError", "UasMetadata", "checksum", "encode_uas", "parse_uas"]

UAS_LOCAL_SET = bytes.fromhex("060e2b34020b01010e01030101000000")
"""Universal label of the UAS Datalink Local Set."""

MAX_SET_BYTES = 65536

CHECKSUM = 1
PRECISION_TIME_STAMP = 2
PLATFORM_DESIGNATION = 10
VERSION_ITEM = 65
VERSION = 17
"""Of ST 0601 whose items are written."""
MAX_TEXT_BYTES = 127


class KlvError(ValueError):
    """The bytes are not a valid ST 0601 set."""


@dataclass(frozen=True)
class UasMetadata:
    """Decoded items of one set; None where the item was absent or marked out of range."""

    time_us: int | None = None
    """Item 2, microseconds since 1970 UTC."""
    platform_designation: str | None = None
    """Item 10: which aircraft."""
    platform_heading_deg: float | None = None
    platform_pitch_deg: float | None = None
    platform_roll_deg: float | None = None
    sensor_lat_deg: float | None = None
    sensor_lon_deg: float | None = None
    sensor_altitude_amsl_m: float | None = None
    sensor_hfov_deg: float | None = None
    sensor_vfov_deg: float | None = None
    sensor_relative_azimuth_deg: float | None = None
    """Item 18: clockwise from the platform's nose, seen from above."""
    sensor_relative_elevation_deg: float | None = None
    """Item 19: positive above the platform's horizontal plane."""
    sensor_relative_roll_deg: float | None = None
    frame_centre_lat_deg: float | None = None
    frame_centre_lon_deg: float | None = None
    frame_centre_elevation_amsl_m: float | None = None


@dataclass(frozen=True)
class _Item:
    """How an integer item maps to a quantity: signed ones span +-`span`, others `low`..`high`."""

    field: str
    size: int
    low: float
    high: float
    signed: bool = False


_ITEMS = {
    5: _Item("platform_heading_deg", 2, 0, 360),
    6: _Item("platform_pitch_deg", 2, -20, 20, signed=True),
    7: _Item("platform_roll_deg", 2, -50, 50, signed=True),
    13: _Item("sensor_lat_deg", 4, -90, 90, signed=True),
    14: _Item("sensor_lon_deg", 4, -180, 180, signed=True),
    15: _Item("sensor_altitude_amsl_m", 2, -900, 19000),
    16: _Item("sensor_hfov_deg", 2, 0, 180),
    17: _Item("sensor_vfov_deg", 2, 0, 180),
    18: _Item("sensor_relative_azimuth_deg", 4, 0, 360),
    19: _Item("sensor_relative_elevation_deg", 4, -180, 180, signed=True),
    20: _Item("sensor_relative_roll_deg", 4, 0, 360),
    23: _Item("frame_centre_lat_deg", 4, -90, 90, signed=True),
    24: _Item("frame_centre_lon_deg", 4, -180, 180, signed=True),
    25: _Item("frame_centre_elevation_amsl_m", 2, -900, 19000),
    # Full-range forms of items 6 and 7; they win when both are sent.
    90: _Item("platform_pitch_deg", 4, -90, 90, signed=True),
    91: _Item("platform_roll_deg", 4, -90, 90, signed=True),
}


_READ_ONLY = frozenset((6, 7))
"""Items whose full-range forms are written instead."""


def checksum(data: bytes) -> int:
    """ST 0601 item 1: running 16-bit sum over the set up to and including the checksum's length."""
    return ((sum(data[0::2]) << 8) + sum(data[1::2])) & 0xFFFF


def encode_uas(metadata: UasMetadata) -> bytes:
    """Return one UAS local set; items that are None are left out, others held to their range.

    Raises:
        KlvError: there is no time stamp, which every set must begin with.
    """
    if metadata.time_us is None or not 0 <= metadata.time_us < 1 << 64:
        raise KlvError(f"a set begins with its time in microseconds, not {metadata.time_us}")
    items = [(PRECISION_TIME_STAMP, struct.pack(">Q", metadata.time_us))]
    if metadata.platform_designation is not None:
        name = metadata.platform_designation.encode()[:MAX_TEXT_BYTES]
        items.append((PLATFORM_DESIGNATION, name))
    for tag, item in _ITEMS.items():
        value = getattr(metadata, item.field)
        if value is not None and tag not in _READ_ONLY:
            items.append((tag, _encode(item, value)))
    items.append((VERSION_ITEM, bytes((VERSION,))))
    items.sort(key=lambda pair: pair[0])
    body = b"".join(bytes((tag, len(value))) + value for tag, value in items)
    length = len(body) + 4
    long = b"\x81" if length < 0x100 else b"\x82\x01"
    head = (b"" if length < 0x80 else long) + bytes((length & 0xFF,))
    summed = UAS_LOCAL_SET + head + body + b"\x01\x02"
    return summed + struct.pack(">H", checksum(summed))


def _encode(item: _Item, value: float) -> bytes:
    if item.signed:
        top = 2 ** (8 * item.size - 1) - 1
        share = max(-1.0, min(1.0, value / item.high))
        return round(share * top).to_bytes(item.size, "big", signed=True)
    top = 2 ** (8 * item.size) - 1
    share = max(0.0, min(1.0, (value - item.low) / (item.high - item.low)))
    return round(share * top).to_bytes(item.size, "big")


def parse_uas(data: bytes) -> UasMetadata:
    """Decode one UAS local set that starts at the first byte.

    Raises `KlvError` when the label, a length, an item's size or the checksum is wrong.
    """
    if not data.startswith(UAS_LOCAL_SET):
        raise KlvError("not a UAS local set: the universal label differs")
    length, start = _ber_length(data, len(UAS_LOCAL_SET))
    end = start + length
    if length > MAX_SET_BYTES or end > len(data):
        raise KlvError(f"set says {length} bytes, {len(data) - start} are there")
    values: dict[str, float] = {}
    time_us: int | None = None
    designation: str | None = None
    summed = False
    for tag, value, value_start in _items(data, start, end):
        if tag == CHECKSUM:
            if len(value) != 2:
                raise KlvError(f"checksum has {len(value)} bytes instead of 2")
            said, found = int.from_bytes(value, "big"), checksum(data[:value_start])
            if said != found:
                raise KlvError(f"checksum is {found:#06x}, the set says {said:#06x}")
            summed = True
        elif tag == PRECISION_TIME_STAMP:
            if len(value) != 8:
                raise KlvError(f"time stamp has {len(value)} bytes instead of 8")
            (time_us,) = struct.unpack(">Q", value)
        elif tag == PLATFORM_DESIGNATION:
            designation = value.decode("utf-8", "replace")
        elif item := _ITEMS.get(tag):
            decoded = _decode(tag, item, value)
            if decoded is not None:
                values[item.field] = decoded
    if not summed:
        raise KlvError("set has no checksum")
    return UasMetadata(time_us=time_us, platform_designation=designation, **values)


def _decode(tag: int, item: _Item, value: bytes) -> float | None:
    if len(value) != item.size:
        raise KlvError(f"item {tag} has {len(value)} bytes instead of {item.size}")
    raw = int.from_bytes(value, "big", signed=item.signed)
    if not item.signed:
        return item.low + raw * (item.high - item.low) / (2 ** (8 * item.size) - 1)
    half = 2 ** (8 * item.size - 1)
    if raw == -half:  # the standard's "out of range" mark
        return None
    return raw * item.high / (half - 1)


def _items(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    """Each item's tag, value and where the value starts."""
    position = start
    while position < end:
        tag, position = _ber_oid(data, position, end)
        length, position = _ber_length(data, position)
        if position + length > end:
            raise KlvError(f"item {tag} says {length} bytes, {end - position} are left")
        yield tag, data[position : position + length], position
        position += length


def _ber_oid(data: bytes, position: int, end: int) -> tuple[int, int]:
    tag = 0
    for count in range(3):
        if position + count >= end:
            raise KlvError("set ends inside an item's tag")
        byte = data[position + count]
        tag = tag << 7 | byte & 0x7F
        if not byte & 0x80:
            return tag, position + count + 1
    raise KlvError("item tag is longer than three bytes")


def _ber_length(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise KlvError("set ends before a length")
    first = data[position]
    if first < 0x80:
        return first, position + 1
    count = first & 0x7F
    if not 1 <= count <= 4 or position + 1 + count > len(data):
        raise KlvError(f"length of {count} bytes is not possible here")
    value = int.from_bytes(data[position + 1 : position + 1 + count], "big")
    return value, position + 1 + count
