"""ArduCopter: mode numbers, and the parameters that make losing us safe.

https://ardupilot.org/copter/docs/parameters.html
"""

from collections.abc import Mapping, Sequence

from field_api.contract.messages import ParameterMark
from fleet.autopilots.base import CUSTOM_MODE, GUIDED, HOLD, HOME, LAND, MISSION, Autopilot
from fleet.mavlink import GCS_SYSTEM

__all__ = ["ArduCopter", "failsafe_parameters", "fence_parameters"]

MODES = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: MISSION,
    4: GUIDED,
    5: "LOITER",
    6: HOME,
    7: "CIRCLE",
    9: LAND,
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: HOLD,
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

FS_GCS_RTL = 1.0
FS_OPTIONS_NONE = 0.0
"""Bits of FS_OPTIONS let a mission, a landing or guided flight go on without a ground station."""
FENCE_HEIGHT, FENCE_AREAS = 1, 4
"""Bits of FENCE_TYPE; 2 would be a circle about home, which is no part of a plan."""
FENCE_RTL = 1.0
FENCE_MARGIN_M = 2.0
RTL_ALT_MAX_CM = 32_000
"""RTL_ALT is a signed 16-bit number of centimetres in ArduCopter 4.0."""


_LOST_ZH = "失联保护:节点在每次飞行前设置并核对;改动后飞机失联时可能不返航"
_LOST_EN = (
    "the return on a lost link: the node sets and confirms it before every flight; changed, an "
    "aircraft that hears nobody may not come home"
)
_FENCE_ZH = "电子围栏:改动后机上围栏不再是已核对的那一个,上传下一架次前不算有围栏"
_FENCE_EN = (
    "the fence: after a change it is no longer the one that was confirmed, and counts as none "
    "until the next sortie is uploaded"
)

MARKS = (
    ParameterMark(begins="SYSID_MYGCS", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(begins="FS_GCS_", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(begins="FS_OPTIONS", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(
        begins="RTL_ALT",
        text_zh="返航高度:按航线地形计算并在每次飞行前设置;改低后返航可能撞地",
        text_en="the return altitude: reckoned from the ground under the sortie and set before "
        "every flight; lower, the way home may lead into the ground",
    ),
    ParameterMark(begins="FENCE_", text_zh=_FENCE_ZH, text_en=_FENCE_EN),
    ParameterMark(
        begins="SYSID_THISMAV",
        text_zh="系统号:飞机重启后节点不再认得它",
        text_en="its system id: after it restarts the node no longer knows it",
    ),
    ParameterMark(
        begins="ARMING_CHECK",
        text_zh="解锁前自检:关闭的项目不再阻止起飞",
        text_en="the checks before arming: what is switched off no longer prevents a take-off",
    ),
)
"""What this program relies on, ArduCopter's names."""


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


class ArduCopter(Autopilot):
    """ArduCopter 4.0 and later."""

    name = "ArduCopter"
    bytewise = False
    marks = MARKS

    def mode_name(self, custom_mode: int) -> str:
        """Return the mode that a heartbeat tells."""
        return MODES.get(custom_mode, f"MODE {custom_mode}")

    def mode_order(self, mode: str) -> Sequence[float]:
        """Return the first parameters of MAV_CMD_DO_SET_MODE: flag and mode."""
        if mode not in MODE_NUMBERS:
            raise ValueError(f"ArduCopter has no mode {mode}")
        return CUSTOM_MODE, float(MODE_NUMBERS[mode])

    def failsafe_parameters(self, rtl_altitude_relative_m: float) -> Mapping[str, float]:
        """Return what is set and verified before every flight."""
        return failsafe_parameters(rtl_altitude_relative_m)

    def fence_parameters(self, ceiling_m: float) -> Mapping[str, float]:
        """Return what is set and verified with every fence."""
        return fence_parameters(ceiling_m)
