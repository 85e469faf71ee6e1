"""Reads MISB ST 0601 UAS metadata: where the camera was and where it looked.

Only the items that geolocation needs are decoded; others are skipped by their length. Names and
item numbers are those of ST 0601. Every byte is hostile until parsed: anything malformed raises
`KlvError`, nothing else does.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["UAS_LOCAL_SET", "KlvError", "UasMetadata", "checksum", "parse_uas"]

UAS_LOCAL_SET = bytes.fromhex("060e2b34020b01010e01030101000000")
"""Universal label of the UAS Datalink Local Set."""

MAX_SET_BYTES = 65536

CHECKSUM = 1
PRECISION_TIME_STAMP = 2


class KlvError(ValueError):
    """The bytes are not a valid ST 0601 set."""


@dataclass(frozen=True)
class UasMetadata:
    """Decoded items of one set; None where the item was absent or marked out of range."""

    time_us: int | None = None
    """Item 2, microseconds since 1970 UTC."""
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
    # Full-range forms of items 6 and 7; they win when both are sent.
    90: _Item("platform_pitch_deg", 4, -90, 90, signed=True),
    91: _Item("platform_roll_deg", 4, -90, 90, signed=True),
}


def checksum(data: bytes) -> int:
    """ST 0601 item 1: running 16-bit sum over the set up to and including the checksum's length."""
    total = 0
    for index, byte in enumerate(data):
        total += byte << (8 * ((index + 1) % 2))
    return total & 0xFFFF


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
        elif item := _ITEMS.get(tag):
            decoded = _decode(tag, item, value)
            if decoded is not None:
                values[item.field] = decoded
    if not summed:
        raise KlvError("set has no checksum")
    return UasMetadata(time_us=time_us, **values)


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
