"""Numbers as MAVLink carries them."""

from sim.vehicle.autopilot import Autopilot

__all__ = ["boot_ms", "clamp", "int16"]


def clamp(value: float, low: int, high: int) -> int:
    return min(high, max(low, round(value)))


def int16(value: float) -> int:
    return clamp(value, -32768, 32767)


def boot_ms(pilot: Autopilot) -> int:
    return round(pilot.uptime_s * 1000.0) & 0xFFFFFFFF
