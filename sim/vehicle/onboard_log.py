"""The vehicle's own flight log: a DataFlash file (.BIN) with its parameters, as ArduPilot's begin.

https://ardupilot.org/dev/docs/code-overview-adding-a-new-log-message.html
"""

import struct

from sim.vehicle.parameters import Parameters

__all__ = ["flight_log"]

_HEAD = b"\xa3\x95"
_FORMAT, _PARAMETER = 128, 64
_FORMATS = (
    (_FORMAT, 89, b"FMT", b"BBnNZ", b"Type,Length,Name,Format,Columns"),
    (_PARAMETER, 31, b"PARM", b"QNf", b"TimeUS,Name,Value"),
)


def flight_log(params: Parameters) -> bytes:
    """Return the log of this start: every parameter as it is now."""
    log = bytearray()
    for kind, length, name, fields, columns in _FORMATS:
        log += _HEAD + struct.pack("<BBB4s16s64s", _FORMAT, kind, length, name, fields, columns)
    for number, name in enumerate(params.names):
        row = (_PARAMETER, number * 20, name.encode("ascii"), params[name])
        log += _HEAD + struct.pack("<BQ16sf", *row)
    return bytes(log)
