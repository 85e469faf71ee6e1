"""What the node must know of an autopilot, and what is the same in all of them.

Modes go by the names below everywhere in the node, in orders, rules and snapshots: by what the
aircraft does in them, whatever number the autopilot has for it. Modes that nothing here relies on
keep the autopilot's own names.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from field_api.contract.messages import ParameterMark

__all__ = ["GUIDED", "HOLD", "HOME", "LAND", "MISSION", "Autopilot"]

MISSION = "AUTO"
"""It flies its mission."""
HOLD = "BRAKE"
"""It stops and keeps its place."""
HOME = "RTL"
"""It comes home and lands there."""
LAND = "LAND"
"""It lands where it is."""
GUIDED = "GUIDED"
"""It flies where a ground station tells it to."""

CUSTOM_MODE = 1.0
"""MAV_MODE_FLAG_CUSTOM_MODE_ENABLED, as MAV_CMD_DO_SET_MODE has it."""


class Autopilot(ABC):
    """One kind of autopilot; has no state."""

    name: str
    bytewise: bool
    """Whether a whole-number parameter travels as the bytes of its own type, not as a float."""
    marks: tuple[ParameterMark, ...]
    """Parameters that this program relies on, and what a change of them breaks."""

    @abstractmethod
    def mode_name(self, custom_mode: int) -> str:
        """Return the mode that a heartbeat tells; `MODE n` for one that nobody named."""

    @abstractmethod
    def mode_order(self, mode: str) -> Sequence[float]:
        """Return the first parameters of MAV_CMD_DO_SET_MODE for a mode.

        Raises:
            ValueError: this autopilot has no such mode.
        """

    @abstractmethod
    def failsafe_parameters(self, rtl_altitude_relative_m: float) -> Mapping[str, float]:
        """Return what is set and verified before every flight, so that losing us is safe.

        Raises:
            ValueError: it can't come home at this height above launch.
        """

    @abstractmethod
    def fence_parameters(self, ceiling_m: float) -> Mapping[str, float]:
        """Return what is set and verified with every fence.

        Args:
            ceiling_m: height above home not to be passed.

        Raises:
            ValueError: it can keep no fence.
        """
