"""What differs between autopilots, one small file each."""

from fleet.autopilots.ardupilot import ArduCopter
from fleet.autopilots.base import Autopilot
from fleet.autopilots.px4 import Px4
from fleet.autopilots.unknown import UnknownAutopilot
from fleet.mavlink import dialect

__all__ = ["ARDUCOPTER", "UNKNOWN", "Autopilot", "autopilot_of"]

ARDUCOPTER = ArduCopter()
UNKNOWN = UnknownAutopilot()
_KNOWN: dict[int, Autopilot] = {
    dialect.MAV_AUTOPILOT_ARDUPILOTMEGA: ARDUCOPTER,
    dialect.MAV_AUTOPILOT_PX4: Px4(),
}


def autopilot_of(make: int, known: Autopilot | None = None) -> Autopilot:
    """Return what is known of the autopilot that a heartbeat tells.

    Args:
        make: MAV_AUTOPILOT.
        known: what it was before; a number that nobody knows does not change it, so that a damaged
            heartbeat never makes an aircraft one that can't be stopped.
    """
    return _KNOWN.get(make, known or UNKNOWN)
