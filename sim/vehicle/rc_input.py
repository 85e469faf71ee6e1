"""The pilot's sticks: stick centre unless a ground station overrides channels."""

__all__ = ["RcInput"]

_CHANNELS = 8
_SITL_DEFAULT = (1500, 1500, 1000, 1500, 1800, 1000, 1000, 1800)
"""What ArduCopter SITL feeds without a transmitter."""
_IGNORE = 65535


class RcInput:
    """Eight channels in microseconds, with overrides that expire."""

    def __init__(self) -> None:
        self._override: list[int] = [0] * _CHANNELS
        self._override_at_s = [-1e9] * _CHANNELS

    def override(self, values: list[int], now_s: float) -> None:
        """Take RC_CHANNELS_OVERRIDE: 0 releases a channel, 65535 leaves it."""
        for index, value in enumerate(values[:_CHANNELS]):
            if value == _IGNORE:
                continue
            self._override[index] = value if value == 0 else min(2200, max(800, value))
            self._override_at_s[index] = now_s

    def channels(self, now_s: float, timeout_s: float, *, lost: bool) -> list[int]:
        """Current channels; without a receiver only live overrides remain."""
        values: list[int] = []
        for index, default in enumerate(_SITL_DEFAULT):
            live = now_s - self._override_at_s[index] < timeout_s
            chosen = self._override[index] if live and self._override[index] else 0
            values.append(chosen or (0 if lost else default))
        return values

    def stick(self, channels: list[int], channel: int) -> float:
        """Deflection of a self-centring stick, -1..1, with a small dead zone."""
        value = channels[channel - 1]
        if value == 0 or abs(value - 1500) < 30:
            return 0.0
        return min(1.0, max(-1.0, (value - 1500) / 400.0))
