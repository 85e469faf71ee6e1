"""Offset between two clocks from four timestamps per exchange.

With `t0` (asked), `t1` (arrived), `t2` (answered) and `t3` (answer arrived) the offset is
`((t1 - t0) + (t2 - t3)) / 2` and the true value is never further from it than half the round trip
(RFC 5905, section 8). The estimate is therefore the sample with the shortest round trip among the
last few.
"""

from collections import deque
from dataclasses import dataclass

__all__ = ["ClockOffset", "ClockSample"]


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One exchange."""

    offset_ms: float
    """Server clock minus node clock."""
    round_trip_ms: float

    @property
    def error_ms(self) -> float:
        """Largest possible error: half the round trip, and the timestamps' own millisecond."""
        return self.round_trip_ms / 2 + 1


class ClockOffset:
    """The best estimate from the last `window` exchanges."""

    def __init__(self, window: int = 8) -> None:
        self._samples: deque[ClockSample] = deque(maxlen=window)
        self.best: ClockSample | None = None
        """The sample with the shortest round trip, None before the first."""

    @property
    def offset_ms(self) -> float:
        """Server clock minus node clock; 0 before the first sample."""
        best = self.best
        return best.offset_ms if best else 0.0

    def add(self, t0_ms: int, t1_ms: int, t2_ms: int, t3_ms: int) -> ClockSample | None:
        """Take in one exchange and return its sample.

        Returns None, and keeps nothing, where the stamps can't be from steady clocks (a negative
        round trip). Where the new sample contradicts the best one beyond both error bounds, a clock
        was stepped: older samples are forgotten.
        """
        round_trip_ms = (t3_ms - t0_ms) - (t2_ms - t1_ms)
        if t3_ms < t0_ms or t2_ms < t1_ms or round_trip_ms < -1:
            return None
        sample = ClockSample(
            offset_ms=((t1_ms - t0_ms) + (t2_ms - t3_ms)) / 2,
            round_trip_ms=float(max(0, round_trip_ms)),
        )
        best = self.best
        if best and abs(sample.offset_ms - best.offset_ms) > sample.error_ms + best.error_ms:
            self._samples.clear()
        self._samples.append(sample)
        self.best = min(self._samples, key=lambda kept: kept.round_trip_ms)
        return sample
