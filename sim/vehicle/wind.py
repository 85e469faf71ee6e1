"""Wind at the vehicle: a mean from the parameters and gusts from a seeded process."""

import math
import random

__all__ = ["Wind", "height_profile"]

_GUST_CORRELATION_S = 4.0


def height_profile(agl_m: float, full_at_m: float) -> float:
    """Share of SIM_WIND_SPD at a height: ArduPilot's square-root law below SIM_WIND_T_ALT."""
    if full_at_m <= 0.0 or agl_m >= full_at_m:
        return 1.0
    return math.sqrt(max(0.0, agl_m / full_at_m))


class Wind:
    """Mean wind plus first-order (Ornstein-Uhlenbeck) gusts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._gust_north_ms = 0.0
        self._gust_east_ms = 0.0

    def step(
        self, dt_s: float, speed_ms: float, from_deg: float, turbulence_ms: float, profile: float
    ) -> tuple[float, float]:
        """Air velocity towards north and east, m/s.

        `turbulence_ms` is one standard deviation; `profile` is the share of the wind that blows
        at this height (see `height_profile`).
        """
        from_rad = math.radians(from_deg)
        north_ms = -speed_ms * profile * math.cos(from_rad)
        east_ms = -speed_ms * profile * math.sin(from_rad)
        if turbulence_ms > 0.0:
            decay = math.exp(-dt_s / _GUST_CORRELATION_S)
            kick = turbulence_ms * math.sqrt(1.0 - decay * decay)
            self._gust_north_ms = self._gust_north_ms * decay + self._random.gauss(0.0, kick)
            self._gust_east_ms = self._gust_east_ms * decay + self._random.gauss(0.0, kick)
            north_ms += self._gust_north_ms * profile
            east_ms += self._gust_east_ms * profile
        return north_ms, east_ms
