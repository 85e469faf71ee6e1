"""An autopilot that nobody here knows: it is watched, and nothing is ordered of it."""

from collections.abc import Mapping, Sequence

from field_api.contract.messages import ParameterMark
from fleet.autopilots.base import Autopilot

__all__ = ["UnknownAutopilot"]

REFUSED = "飞控型号未知 / an autopilot of unknown make"


class UnknownAutopilot(Autopilot):
    """Neither ArduPilot nor PX4."""

    name = "?"
    bytewise = False
    marks: tuple[ParameterMark, ...] = ()

    def mode_name(self, custom_mode: int) -> str:
        """Return the number."""
        return f"MODE {custom_mode}"

    def mode_order(self, mode: str) -> Sequence[float]:
        """Refuse."""
        raise ValueError(REFUSED)

    def failsafe_parameters(self, rtl_altitude_relative_m: float) -> Mapping[str, float]:
        """Refuse."""
        raise ValueError(REFUSED)

    def fence_parameters(self, ceiling_m: float) -> Mapping[str, float]:
        """Refuse."""
        raise ValueError(REFUSED)
