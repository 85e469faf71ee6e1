"""Battery: ArduCopter SITL's fixed voltage, or a lithium pack that empties."""

import itertools

__all__ = ["Battery"]

# Rest voltage of a lithium-polymer cell against its charge (typical discharge curve).
_CELL_CURVE = (
    (0.0, 3.27), (0.05, 3.61), (0.1, 3.69), (0.2, 3.74), (0.3, 3.77), (0.4, 3.80), (0.5, 3.84),
    (0.6, 3.89), (0.7, 3.96), (0.8, 4.03), (0.9, 4.11), (1.0, 4.20),
)  # fmt: skip
_CELLS = 3
_RESISTANCE_OHM = 0.012
_FULL_V = 12.6
_FULL_THROTTLE_W = 102.0
"""Throttle 0.34 at 12.6 V drew 2.77 A in the recordings."""


def _cell_voltage(charge: float) -> float:
    charge = min(1.0, max(0.0, charge))
    for (low, low_v), (high, high_v) in itertools.pairwise(_CELL_CURVE):
        if charge <= high:
            return low_v + (high_v - low_v) * (charge - low) / (high - low)
    return _CELL_CURVE[-1][1]


def _charge_at(voltage_v: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        if _cell_voltage(middle) * _CELLS < voltage_v:
            low = middle
        else:
            high = middle
    return (low + high) / 2


class Battery:
    """Voltage, current and used charge.

    With SIM_BATT_CAP_AH = 0 the voltage is SIM_BATT_VOLTAGE whatever is drawn, as in ArduCopter
    SITL. With a capacity the voltage follows the charge and sags with the current.
    """

    def __init__(self, hover_power_w: float | None) -> None:
        self._power_scale = 1.0 if hover_power_w is None else hover_power_w / (0.34 * 102.0)
        self.voltage_v = _FULL_V
        self.current_a = 0.0
        self.used_mah = 0.0
        self._charge = 1.0
        self._set_voltage_v: float | None = None

    def step(self, dt_s: float, throttle: float, set_voltage_v: float, capacity_ah: float) -> None:
        """Draw power for `dt_s` at `throttle` (0..1, normalised to a full battery)."""
        power_w = throttle * _FULL_THROTTLE_W * self._power_scale
        if set_voltage_v != self._set_voltage_v:
            self._set_voltage_v = set_voltage_v
            self._charge = _charge_at(set_voltage_v)
        self.current_a = power_w / max(self.voltage_v, 3.0)
        drawn_ah = self.current_a * dt_s / 3600.0
        self.used_mah += drawn_ah * 1000.0
        if capacity_ah > 0.0:
            self._charge = max(0.0, self._charge - drawn_ah / capacity_ah)
            rest_v = _cell_voltage(self._charge) * _CELLS
            self.voltage_v = rest_v - self.current_a * _RESISTANCE_OHM
        else:
            self.voltage_v = set_voltage_v

    def remaining_percent(self, capacity_mah: float) -> int:
        """What BATT_CAPACITY and the used charge say, 0..100."""
        if capacity_mah <= 0:
            return -1
        return max(0, min(100, int(100.0 * (capacity_mah - self.used_mah) / capacity_mah)))
