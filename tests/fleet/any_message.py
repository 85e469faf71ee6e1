"""Any message the dialect can carry, with fields anywhere in the range of their wire types."""

import math
import struct

from hypothesis import strategies as st

from fleet.mavlink import Message, dialect
from tests.fleet.wire import VEHICLE, Side

__all__ = ["ALL_TYPES", "messages"]

ALL_TYPES = sorted(dialect.mavlink_map)
_WIDTHS = {"8": 8, "16": 16, "32": 32, "64": 64}
_vehicle = Side(VEHICLE)


def _integers(field_type: str) -> st.SearchStrategy[int]:
    bits = next(width for name, width in _WIDTHS.items() if name in field_type)
    low, high = (0, 2**bits - 1) if field_type.startswith("uint") else _signed(bits)
    edges = sorted({low, low + 1, -1 if low < 0 else 0, 0, 1, high - 1, high})
    return st.sampled_from(edges) | st.integers(low, high)


def _signed(bits: int) -> tuple[int, int]:
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _number(field_type: str) -> st.SearchStrategy[float]:
    if field_type in ("float", "double"):
        width = 32 if field_type == "float" else 64
        return st.sampled_from([math.nan, math.inf, -math.inf, 0.0]) | st.floats(width=width)
    return _integers(field_type)


@st.composite
def messages(draw: st.DrawFn, types: list[int] | None = None) -> Message:
    """Draw a message and pass it over the wire, as an autopilot would have sent it."""
    kind = dialect.mavlink_map[draw(st.sampled_from(types or ALL_TYPES))]
    values: list[object] = []
    for name in kind.fieldnames:
        index = kind.ordered_fieldnames.index(name)
        length = kind.array_lengths[index]
        field_type = kind.fieldtypes[kind.fieldnames.index(name)]
        if field_type == "char":
            values.append(draw(st.binary(max_size=max(1, length))))
        elif length:
            values.append(draw(st.lists(_number(field_type), min_size=length, max_size=length)))
        else:
            values.append(draw(_number(field_type)))
    try:
        return _vehicle.says(kind(*values))
    except struct.error as error:
        raise AssertionError(f"{kind.msgname} can't be packed: {error}") from error
