"""Parameter values: what fits on the wire, when two are the same, and what differs between sets.

A PARAM_VALUE carries four bytes. ArduPilot puts every number there as a float (C cast); PX4 puts
the bytes of its own type there (bytewise).
https://mavlink.io/en/services/parameter.html#parameter-encoding
"""

import struct
from dataclasses import dataclass

from fleet.mavlink import Message, dialect
from mission_plans.formats.parameter_file import as_float32

__all__ = [
    "ParameterValue",
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
