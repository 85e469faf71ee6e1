"""Parameter values: what fits on the wire, when two are the same, and what differs between sets.

A PARAM_VALUE carries four bytes. ArduPilot puts every number there as a float (C cast); PX4 puts
the bytes of its own type there (bytewise).
https://mavlink.io/en/services/parameter.html#parameter-encoding
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.mavlink import Message, dialect

__all__ = [
    "ParameterDifference",
    "ParameterValue",
    "as_float32",
    "differences",
    "float_bits",
    "wire_value",
]

_FLOAT = struct.Struct("<f")
_BYTEWISE = {
    dialect.MAV_PARAM_TYPE_UINT8: struct.Struct("<Bxxx"),
    dialect.MAV_PARAM_TYPE_INT8: struct.Struct("<bxxx"),
    dialect.MAV_PARAM_TYPE_UINT16: struct.Struct("<Hxx"),
    dialect.MAV_PARAM_TYPE_INT16: struct.Struct("<hxx"),
    dialect.MAV_PARAM_TYPE_UINT32: struct.Struct("<I"),
    dialect.MAV_PARAM_TYPE_INT32: struct.Struct("<i"),
}


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One parameter as the vehicle told it."""

    name: str
    value: float
    kind: int
    """MAV_PARAM_TYPE of the vehicle's own variable."""

    @property
    def whole(self) -> bool:
        """Whether the vehicle keeps whole numbers only; the rest of a number set is cut off."""
        return self.kind in _BYTEWISE

    @classmethod
    def of(cls, message: Message, *, bytewise: bool = False) -> "ParameterValue":
        """Read a PARAM_VALUE."""
        kind, value = int(message.param_type), float(message.param_value)
        if bytewise and kind in _BYTEWISE:
            value = float(_BYTEWISE[kind].unpack(_FLOAT.pack(value))[0])
        return cls(str(message.param_id), value, kind)


def float_bits(value: float) -> int:
    """Return the four bytes of a float as a number: PX4's hash is one, and may look like NaN."""
    return int.from_bytes(_FLOAT.pack(value), "little")


@dataclass(frozen=True, slots=True)
class ParameterDifference:
    """A parameter that two sets do not agree on; None where a set does not have it."""

    name: str
    first: float | None
    second: float | None


def as_float32(value: float) -> float:
    """Return the number that is left of `value` after a trip over the wire.

    Raises:
        ValueError: it is no number, or none that fits.
    """
    if not math.isfinite(value):
        raise ValueError(f"a parameter can't be {value}")
    try:
        return float(_FLOAT.unpack(_FLOAT.pack(value))[0])
    except OverflowError:
        raise ValueError(f"{value} is too large for a parameter") from None


def wire_value(value: float, kind: int, *, bytewise: bool = False) -> float:
    """Return what stands in `param_value` for a number of a type.

    Raises:
        ValueError: it does not fit into the type.
    """
    if not bytewise or kind not in _BYTEWISE:
        return as_float32(value)
    if value != int(value):
        raise ValueError(f"{value} is no whole number")
    try:
        return float(_FLOAT.unpack(_BYTEWISE[kind].pack(int(value)))[0])
    except struct.error as error:
        raise ValueError(f"{value} does not fit: {error}") from None


def differences(
    first: Mapping[str, float], second: Mapping[str, float]
) -> list[ParameterDifference]:
    """Return what two sets do not agree on, by name; numbers are compared as the wire has them."""
    found: list[ParameterDifference] = []
    for name in sorted(first.keys() | second.keys()):
        a, b = first.get(name), second.get(name)
        if a is None or b is None or as_float32(a) != as_float32(b):
            found.append(ParameterDifference(name, a, b))
    return found
