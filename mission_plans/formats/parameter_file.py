"""Files of parameters (.parm, .param, .params): read what ground stations write, write it again.

MAVProxy writes `NAME value`, Mission Planner `NAME,value`, QGroundControl `system component name
value type` between tabs; `#` begins a comment. Files come from outside, so everything is checked
and an error names its line.
"""

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "ParameterDifference",
    "ParameterFileError",
    "as_float32",
    "differences",
    "read_parameters",
    "write_parameters",
]

MOST_BYTES = 2_000_000
MOST_PARAMETERS = 10_000
LARGEST = (2 - 2**-23) * 2.0**127
"""The largest float of four bytes."""
SHOWN = 40
"""Characters of a bad line that its error repeats."""

_FLOAT = struct.Struct("<f")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_QGC_COLUMNS = 5
_READ_ONLY = "@READONLY"


class ParameterFileError(ValueError):
    """A file that can't be used; the text names the line."""


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


def read_parameters(data: bytes) -> dict[str, float]:
    """Return the parameters of a file, in its order.

    Raises:
        ParameterFileError: with the number of the first line that can't be used.
    """
    if len(data) > MOST_BYTES:
        raise ParameterFileError(f"the file has {len(data)} bytes; at most {MOST_BYTES} are read")
    values: dict[str, float] = {}
    lines: dict[str, int] = {}
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            line = raw.decode()
        except UnicodeDecodeError:
            raise ParameterFileError(f"line {number}: this is no UTF-8 text") from None
        words = _words(line)
        if not words:
            continue
        name, value = _parameter(words, number, line)
        if values.get(name, value) != value:
            raise ParameterFileError(
                f"line {number}: {name} stands in line {lines[name]} with another value"
            )
        if len(values) >= MOST_PARAMETERS:
            raise ParameterFileError(f"line {number}: more than {MOST_PARAMETERS} parameters")
        values[name] = value
        lines.setdefault(name, number)
    return values


def write_parameters(values: Mapping[str, float], title: str = "") -> bytes:
    """Return a file that every ground station reads, sorted by name.

    Args:
        values: name -> value.
        title: written in front as a comment.

    Raises:
        ParameterFileError: a name or value that no vehicle can have.
    """
    lines = [f"# {line}".rstrip() for line in title.splitlines()]
    for name in sorted(values):
        if not _NAME.fullmatch(name):
            raise ParameterFileError(f"{name[:SHOWN]!r} is no parameter name")
        try:
            lines.append(f"{name:<16} {_shortest(values[name])}")
        except ValueError as error:
            raise ParameterFileError(f"{name}: {error}") from None
    return "".join(f"{line}\n" for line in lines).encode()


def _words(line: str) -> list[str]:
    words = re.split(r"[,\s]+", line.split("#", 1)[0].strip(" \t,"))
    if words[-1] == _READ_ONLY:
        del words[-1]
    return [word for word in words if word]


def _parameter(words: list[str], number: int, line: str) -> tuple[str, float]:
    if len(words) == _QGC_COLUMNS:
        words = words[2:4]
    shown = line.strip()[:SHOWN]
    if len(words) != 2:
        raise ParameterFileError(f"line {number}: a name and a value are needed, not {shown!r}")
    name, text = words
    if not _NAME.fullmatch(name):
        raise ParameterFileError(f"line {number}: {name[:SHOWN]!r} is no parameter name")
    if not _NUMBER.fullmatch(text):
        raise ParameterFileError(f"line {number}: {text[:SHOWN]!r} is no number")
    try:
        return name, as_float32(float(text))
    except ValueError as error:
        raise ParameterFileError(f"line {number}: {error}") from None


def _shortest(value: float) -> str:
    """Return the shortest decimal that is the same number on the wire."""
    kept = as_float32(value)
    if kept == int(kept) and abs(kept) < 1e9:
        return str(int(kept))
    for digits in range(1, 9):
        text = f"{kept:.{digits}g}"
        # Close to the largest float a shorter text may be too large.
        if abs(float(text)) <= LARGEST and as_float32(float(text)) == kept:
            return text
    return f"{kept:.9g}"
