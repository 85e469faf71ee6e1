"""Wind at the vehicle: a mean from the parameters and gusts from a seeded process."""

import math
import random

__all__ = ["Wind"]

_GUST_CORRELATION_S = 4.0


class Wind:
    """Mean wind plus first-order (Ornstein-Uhlenbeck) gusts, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._gust_north_ms = 0.0
        self._gust_east_ms = 0.0

    def step(
        self, dt_s: float, speed_ms: float, from_deg: float, turbulence_ms: float
    ) -> tuple[float, float]:
        """Air velocity towards north and east, m/s; `turbulence_ms` is one standard deviation."""
        from_rad = math.radians(from_deg)
        north_ms = -speed_ms * math.cos(from_rad)
        east_ms = -speed_ms * math.sin(from_rad)
        if turbulence_ms > 0.0:
            decay = math.exp(-dt_s / _GUST_CORRELATION_S)
            kick = turbulence_ms * math.sqrt(1.0 - decay * decay)
            self._gust_north_ms = self._gust_north_ms * decay + self._random.gauss(0.0, kick)
            self._gust_east_ms = self._gust_east_ms * decay + self._random.gauss(0.0, kick)
            north_ms += self._gust_north_ms
            east_ms += self._gust_east_ms
        return north_ms, east_ms
