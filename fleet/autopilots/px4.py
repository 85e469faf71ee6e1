"""PX4: modes of two numbers, bytewise parameters, and what makes losing us safe.

https://docs.px4.io/main/en/advanced_config/parameter_reference.html and px4_custom_mode.h. Written
from the documentation; no PX4 was flown with it.
"""

from collections.abc import Mapping, Sequence

from field_api.contract.messages import ParameterMark
from fleet.autopilots.base import CUSTOM_MODE, GUIDED, HOLD, HOME, LAND, MISSION, Autopilot

__all__ = ["Px4"]

AUTO = 4
MAIN_MODES = {
    1: "MANUAL",
    2: "ALTCTL",
    3: "POSCTL",
    5: "ACRO",
    6: GUIDED,  # OFFBOARD
    7: "STABILIZED",
    8: "RATTITUDE",
    10: "TERMINATION",
}
AUTO_MODES = {
    1: "READY",
    2: "TAKEOFF",
    3: HOLD,  # AUTO_LOITER
    4: MISSION,
    5: HOME,
    6: LAND,
    8: "FOLLOW",
    9: "PRECLAND",
    10: "VTOL_TAKEOFF",
}
NUMBERS = {name: (main, 0) for main, name in MAIN_MODES.items()} | {
    name: (AUTO, sub) for sub, name in AUTO_MODES.items()
}

RETURN = 2.0
"""NAV_DLL_ACT: what it does when it hears no ground station."""
LOSS_S = 5.0
"""COM_DL_LOSS_T: the shortest that it takes."""
FENCE_RETURN = 3.0
"""GF_ACTION."""
RTL_ALT_M = (2.0, 150.0)
"""RTL_RETURN_ALT."""


class Px4(Autopilot):
    """PX4 multicopter.

    It counts heartbeats of any ground station, ours or another's: where two are connected, losing
    this node alone brings nobody home.
    """

    name = "PX4"
    bytewise = True
    marks = (
        ParameterMark(
            begins="NAV_DLL_ACT",
            text_zh="失联保护:改动后飞机失联时可能不返航",
            text_en="the return on a lost link: changed, an aircraft that hears nobody may not "
            "come home",
        ),
        ParameterMark(
            begins="COM_DL_LOSS_T",
            text_zh="失联保护:判定失联的时间",
            text_en="after how long it counts as lost",
        ),
        ParameterMark(
            begins="RTL_",
            text_zh="返航:改低后返航可能撞地",
            text_en="the way home: lower, it may lead into the ground",
        ),
        ParameterMark(
            begins="GF_",
            text_zh="电子围栏:上传下一架次前不算有围栏",
            text_en="the fence: it counts as none until the next sortie is uploaded",
        ),
    )

    def mode_name(self, custom_mode: int) -> str:
        """Return the mode that a heartbeat tells."""
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        name = AUTO_MODES.get(sub) if main == AUTO else MAIN_MODES.get(main)
        return name or f"MODE {main}.{sub}"

    def mode_order(self, mode: str) -> Sequence[float]:
        """Return the first parameters of MAV_CMD_DO_SET_MODE: flag, main mode, sub mode."""
        if mode not in NUMBERS:
            raise ValueError(f"PX4 has no mode {mode}")
        main, sub = NUMBERS[mode]
        return CUSTOM_MODE, float(main), float(sub)

    def failsafe_parameters(self, rtl_altitude_relative_m: float) -> Mapping[str, float]:
        """Return what brings it home 5 s after the last ground station, above the ground."""
        low, high = RTL_ALT_M
        if not low <= rtl_altitude_relative_m <= high:
            raise ValueError(
                f"a return altitude of {rtl_altitude_relative_m:.0f} m above launch is not "
                f"possible; allowed are {low:.0f} to {high:.0f} m"
            )
        return {
            "NAV_DLL_ACT": RETURN,
            "COM_DL_LOSS_T": LOSS_S,
            "RTL_TYPE": 0.0,
            # Also from close by: a cone would let it come home lower.
            "RTL_CONE_ANG": 0.0,
            "RTL_RETURN_ALT": float(rtl_altitude_relative_m),
        }

    def fence_parameters(self, ceiling_m: float) -> Mapping[str, float]:
        """Return what makes the uploaded areas and the height count; 0 switches a circle off."""
        return {
            "GF_MAX_HOR_DIST": 0.0,
            "GF_MAX_VER_DIST": ceiling_m,
            # Last: an aircraft is never held to half of a fence.
            "GF_ACTION": FENCE_RETURN,
        }
