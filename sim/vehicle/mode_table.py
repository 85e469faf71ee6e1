"""Every flight mode and the code that flies it."""

from functools import partial

from sim.vehicle.auto_mode import Auto
from sim.vehicle.flight_modes import Brake, Land, Rtl, SmartRtl, Sticks
from sim.vehicle.guided_mode import Guided
from sim.vehicle.modes import Mode
from sim.vehicle.pilot import ModeTable

__all__ = ["MODE_TABLE"]

MODE_TABLE: ModeTable = {
    Mode.STABILIZE: partial(Sticks, Mode.STABILIZE),
    Mode.ALT_HOLD: partial(Sticks, Mode.ALT_HOLD),
    Mode.AUTO: Auto,
    Mode.GUIDED: Guided,
    Mode.LOITER: partial(Sticks, Mode.LOITER),
    Mode.RTL: Rtl,
    Mode.LAND: Land,
    Mode.POSHOLD: partial(Sticks, Mode.POSHOLD),
    Mode.BRAKE: Brake,
    Mode.SMART_RTL: SmartRtl,
}
