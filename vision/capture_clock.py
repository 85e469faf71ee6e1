"""When was a picture taken? Maps a stream's own clock to UTC.

The camera's time stamps (KLV) say it where they are sane; otherwise the least delayed arrivals do:
delay only adds, so the smallest difference between arrival and stream clock is nearest the truth.
"""

from collections import deque

__all__ = ["CaptureClock"]

SANE_MS = 2000
"""A camera clock further than this from the arrival time is wrong or simulated: not used."""
WINDOW = 150
"""Arrivals considered (10 s at 15 frames/s), so that clock drift is followed."""
JUMP_MS = 2000
"""The stream's clock went back, or ahead of all arrivals, by more: it began anew."""


class CaptureClock:
    """One timeline of one stream."""

    def __init__(self) -> None:
        self._arrivals: deque[int] = deque(maxlen=WINDOW)
        """Arrival minus stream clock, ms."""
        self._stamped: int | None = None
        """Camera time minus stream clock, ms."""
        self._newest_ms: int | None = None
        """Stream clock of the newest picture."""

    def arrived(self, pts_90k: int, arrived_ms: int) -> bool:
        """A picture of this stream time came now; returns whether a new timeline began with it.

        Encoders that restart keep their connection: nothing else tells.
        """
        stream_ms = pts_90k // 90
        offset_ms = arrived_ms - stream_ms
        # Compared with the least delayed: on a busy machine the one before may just have waited.
        ahead = bool(self._arrivals) and offset_ms < min(self._arrivals) - JUMP_MS
        back = self._newest_ms is not None and stream_ms < self._newest_ms - JUMP_MS
        if ahead or back:
            self._arrivals.clear()
            self._stamped = None
        self._newest_ms = stream_ms
        self._arrivals.append(offset_ms)
        return ahead or back

    def stamped(self, pts_90k: int, camera_ms: int) -> None:
        """The camera says when this stream time was."""
        self._stamped = camera_ms - pts_90k // 90

    def capture_ms(self, pts_90k: int, arrived_ms: int) -> int:
        """UTC milliseconds of a picture's capture; never after its arrival."""
        by_arrival = min(self._arrivals) + pts_90k // 90 if self._arrivals else arrived_ms
        if self._stamped is not None:
            by_camera = self._stamped + pts_90k // 90
            if abs(by_camera - by_arrival) <= SANE_MS:
                return by_camera
        return min(by_arrival, arrived_ms)
