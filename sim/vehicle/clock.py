"""The simulation's time: moved by its owner, never by the machine."""

__all__ = ["SimClock"]


class SimClock:
    """Simulated seconds since start, and the UTC time they stand for.

    Every vehicle of a run shares one clock, so all of them live in lockstep whatever the speed-up.
    """

    def __init__(self, start_utc_ms: int) -> None:
        self.start_utc_ms = start_utc_ms
        self.time_s = 0.0

    @property
    def utc_ms(self) -> int:
        """Simulated UTC, milliseconds since 1970."""
        return self.start_utc_ms + round(self.time_s * 1000.0)

    def advance(self, seconds: float) -> None:
        """Move time forward; a negative step raises `ValueError`."""
        if seconds < 0:
            raise ValueError(f"simulated time only moves forward, not by {seconds} s")
        self.time_s += seconds
