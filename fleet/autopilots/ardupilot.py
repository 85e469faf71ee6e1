"""ArduCopter: mode numbers, and the parameters that make losing us safe.

https://ardupilot.org/copter/docs/parameters.html
"""

from fleet.mavlink import GCS_SYSTEM

__all__ = ["MODES", "MODE_NUMBERS", "PARKED_MODES", "failsafe_parameters", "fence_parameters"]

MODES = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    5: "LOITER",
    6: "RTL",
    7: "CIRCLE",
    9: "LAND",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: "BRAKE",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    21: "SMART_RTL",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
    27: "AUTO_RTL",
}
MODE_NUMBERS = {name: number for number, name in MODES.items()}

PARKED_MODES = frozenset({"BRAKE", "LOITER", "GUIDED", "POSHOLD"})
"""Modes in which the vehicle holds its place when nobody flies it by hand."""

FS_GCS_RTL = 1.0
FS_OPTIONS_NONE = 0.0
"""Bits of FS_OPTIONS let a mission, a landing or guided flight go on without a ground station."""
FENCE_HEIGHT, FENCE_AREAS = 1, 4
"""Bits of FENCE_TYPE; 2 would be a circle about home, which is no part of a plan."""
FENCE_RTL = 1.0
FENCE_MARGIN_M = 2.0
RTL_ALT_MAX_CM = 32_000
"""RTL_ALT is a signed 16-bit number of centimetres in ArduCopter 4.0."""


def failsafe_parameters(rtl_altitude_relative_m: float) -> dict[str, float]:
    """Return what is set and verified before every flight.

    Losing the ground station for 5 s brings the vehicle home (FS_GCS_ENABLE=1), whatever it does
    (FS_OPTIONS=0), and the ground station is this one (SYSID_MYGCS): heartbeats of another system
    id never start that clock. Home is reached at an altitude that clears the ground on every
    straight way back.

    Raises:
        ValueError: the altitude does not fit into RTL_ALT.
    """
    centimetres = round(rtl_altitude_relative_m * 100)
    if not 200 <= centimetres <= RTL_ALT_MAX_CM:
        raise ValueError(
            f"a return altitude of {rtl_altitude_relative_m:.0f} m above launch is not possible; "
            f"allowed are 2 to {RTL_ALT_MAX_CM // 100} m"
        )
    return {
        # First: until it is set, nothing else counts heartbeats of ours.
        "SYSID_MYGCS": float(GCS_SYSTEM),
        "FS_GCS_ENABLE": FS_GCS_RTL,
        "FS_OPTIONS": FS_OPTIONS_NONE,
        "RTL_ALT": float(centimetres),
    }


def fence_parameters(ceiling_m: float) -> dict[str, float]:
    """Return what is set and verified with every fence.

    Args:
        ceiling_m: height above home not to be passed. ArduCopter comes home below it by
            FENCE_MARGIN.
    """
    return {
        "FENCE_TYPE": float(FENCE_HEIGHT | FENCE_AREAS),
        "FENCE_ACTION": FENCE_RTL,
        "FENCE_MARGIN": FENCE_MARGIN_M,
        "FENCE_ALT_MAX": ceiling_m,
        # Last: an aircraft is never held to half of a fence.
        "FENCE_ENABLE": 1.0,
    }
