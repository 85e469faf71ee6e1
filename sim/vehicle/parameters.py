"""The parameter set: ArduCopter's names, types, order and defaults."""

import csv
import math
import struct
from functools import cache
from importlib.resources import files

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.frozen_position import FREEZE_PARAMETER

__all__ = ["Parameters"]

_MAV_TYPE = {
    "int8": mavlink.MAV_PARAM_TYPE_INT8,
    "int16": mavlink.MAV_PARAM_TYPE_INT16,
    "int32": mavlink.MAV_PARAM_TYPE_INT32,
    "real32": mavlink.MAV_PARAM_TYPE_REAL32,
}
_BITS = {"int8": 8, "int16": 16, "int32": 32}

# Appear on the real vehicle once MNT1_TYPE is set; defaults of ArduCopter 4.5.
_MOUNT = (
    ("MNT1_DEFLT_MODE", "int8", 3.0),
    ("MNT1_RC_RATE", "int16", 0.0),
    ("MNT1_ROLL_MIN", "int16", -30.0),
    ("MNT1_ROLL_MAX", "int16", 30.0),
    ("MNT1_PITCH_MIN", "int16", -90.0),
    ("MNT1_PITCH_MAX", "int16", 20.0),
    ("MNT1_YAW_MIN", "int16", -180.0),
    ("MNT1_YAW_MAX", "int16", 180.0),
    ("MNT1_RETRACT_X", "real32", 0.0),
    ("MNT1_RETRACT_Y", "real32", 0.0),
    ("MNT1_RETRACT_Z", "real32", 0.0),
    ("MNT1_NEUTRAL_X", "real32", 0.0),
    ("MNT1_NEUTRAL_Y", "real32", 0.0),
    ("MNT1_NEUTRAL_Z", "real32", 0.0),
)


# Faults that ArduCopter SITL does not have; last, so that its own keep their places.
_OURS = ((FREEZE_PARAMETER, "int8", 0.0),)


@cache
def _stock() -> tuple[tuple[str, str, float], ...]:
    text = files("sim.vehicle").joinpath("data/copter_parameters.csv").read_text("ascii")
    return tuple((r["name"], r["type"], float(r["value"])) for r in csv.DictReader(text.split()))


def _float32(value: float) -> float:
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


class Parameters:
    """Named numbers as the vehicle stores them: cast to their type, never range-checked.

    The real vehicle stores any value of the right type (RTL_ALT=-5 included), so this one does.
    """

    def __init__(self, overrides: dict[str, float], *, gimbal: bool) -> None:
        rows = _stock() + (_MOUNT if gimbal else ()) + _OURS
        self._values = {name: value for name, _, value in rows}
        self._types = {name: kind for name, kind, _ in rows}
        self.names = [name for name, _, _ in rows]
        self._index = {name: index for index, name in enumerate(self.names)}
        self.revision = 0
        """Grows with every change, so that readers can cache."""
        if gimbal:
            self.set("MNT1_TYPE", 1)
        for name, value in overrides.items():
            if name not in self._values:
                raise ValueError(f"{name} is not a parameter of ArduCopter 4.5.7")
            self.set(name, value)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Place of a parameter in the list."""
        return self._index[name]

    def mav_type(self, name: str) -> int:
        """MAV_PARAM_TYPE of a parameter."""
        return _MAV_TYPE[self._types[name]]

    def set(self, name: str, value: float) -> bool:
        """Store a value cast to the parameter's type; False where the value is not a number."""
        if math.isnan(value) or math.isinf(value):
            return False
        bits = _BITS.get(self._types[name])
        if bits is None:
            self._values[name] = _float32(value)
        else:
            limit = 1 << (bits - 1)
            # PARAM_VALUE carries float32, so an int32 reads back rounded (99999999 -> 100000000).
            self._values[name] = float(min(limit - 1, max(-limit, int(value))))
        self.revision += 1
        return True
