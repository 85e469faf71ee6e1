"""When was a picture taken? Maps a stream's own clock to UTC.

The camera's own clock says it where it is sane: by the sender reports of RTP, or by the time
stamps in the metadata (KLV). Otherwise the least delayed arrivals do: delay only adds, so the
smallest difference between arrival and stream clock is nearest the truth.
"""

from collections import deque

from field_api.contract.messages import CaptureBasis

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
        self._reported: int | None = None
        """The same by the sender's reports."""
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
            self._stamped = self._reported = None
        self._newest_ms = stream_ms
        self._arrivals.append(offset_ms)
        return ahead or back

    def stamped(self, pts_90k: int, camera_ms: int) -> None:
        """The metadata say when this stream time was."""
        self._stamped = camera_ms - pts_90k // 90

    def reported(self, pts_90k: int, camera_ms: int) -> None:
        """A sender report says when this stream time was."""
        self._reported = camera_ms - pts_90k // 90

    def capture_ms(self, pts_90k: int, arrived_ms: int) -> int:
        """UTC milliseconds of a picture's capture, as well as it is known."""
        return self.capture(pts_90k, arrived_ms)[0]

    def capture(self, pts_90k: int, arrived_ms: int) -> tuple[int, CaptureBasis]:
        """The same, and what says so; by arrival it is never after the arrival."""
        by_arrival = min(self._arrivals) + pts_90k // 90 if self._arrivals else arrived_ms
        told: tuple[tuple[int | None, CaptureBasis], ...] = (
            (self._reported, "sender_report"),
            (self._stamped, "metadata"),
        )
        for offset_ms, basis in told:
            if offset_ms is not None:
                by_camera = offset_ms + pts_90k // 90
                if abs(by_camera - by_arrival) <= SANE_MS:
                    return by_camera, basis
        return min(by_arrival, arrived_ms), "arrival"
