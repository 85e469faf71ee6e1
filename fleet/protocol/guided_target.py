"""SET_POSITION_TARGET_GLOBAL_INT: where an aircraft in GUIDED is to fly.

Nothing acknowledges it: what counts is where the aircraft goes.
https://ardupilot.org/dev/docs/copter-commands-in-guided-mode.html
"""

from dataclasses import dataclass

from fleet.mavlink import Message, dialect

__all__ = ["GuidedTarget", "position_target"]

POSITION_ONLY = 0b0000_1101_1111_1000
"""POSITION_TARGET_TYPEMASK: velocity, acceleration, yaw and yaw rate are not ours to say."""
DEGREES_1E7 = 1e7


@dataclass(frozen=True, slots=True)
class GuidedTarget:
    """A place and a height."""

    lat_deg: float
    lon_deg: float
    altitude_relative_m: float
    """Above the aircraft's home: it keeps the same reference as its return altitude."""


def position_target(system: int, component: int, target: GuidedTarget) -> Message:
    """Return the message that sends an aircraft there."""
    return dialect.MAVLink_set_position_target_global_int_message(
        0,
        *(system, component, dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT, POSITION_ONLY),
        *(round(target.lat_deg * DEGREES_1E7), round(target.lon_deg * DEGREES_1E7)),
        target.altitude_relative_m,
        *(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    )
