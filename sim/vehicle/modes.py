"""Flight modes of ArduCopter: numbers on the wire and what each asks for."""

from enum import IntEnum

__all__ = ["Mode"]


class Mode(IntEnum):
    """ArduCopter's `custom_mode` numbers (COPTER_MODE of the ardupilotmega dialect)."""

    STABILIZE = 0
    ALT_HOLD = 2
    AUTO = 3
    GUIDED = 4
    LOITER = 5
    RTL = 6
    LAND = 9
    POSHOLD = 16
    BRAKE = 17
    SMART_RTL = 21

    @property
    def label(self) -> str:
        """The name ArduCopter prints."""
        return {Mode.ALT_HOLD: "ALT_HOLD", Mode.SMART_RTL: "SMARTRTL"}.get(self, self.name)

    @property
    def requires_position(self) -> bool:
        """Whether entering (and arming in) the mode needs a position estimate."""
        return self not in (Mode.STABILIZE, Mode.ALT_HOLD, Mode.LAND)

    @property
    def armable(self) -> bool:
        """Whether the motors may be armed in this mode (AUTO only by AUTO_OPTIONS)."""
        return self in (Mode.STABILIZE, Mode.ALT_HOLD, Mode.GUIDED, Mode.LOITER, Mode.POSHOLD)

    @property
    def is_manual(self) -> bool:
        """Whether the pilot's sticks fly it."""
        return self in (Mode.STABILIZE, Mode.ALT_HOLD, Mode.LOITER, Mode.POSHOLD)

    @property
    def is_autonomous(self) -> bool:
        """Whether the vehicle flies itself (bit 'guided' of HEARTBEAT.base_mode)."""
        return self in (Mode.AUTO, Mode.GUIDED, Mode.RTL, Mode.SMART_RTL)
