"""How one stream is: rate, pictures missing, key frames, age. Pure: packets and times in."""

import statistics
from collections import deque
from dataclasses import dataclass

from field_api.contract.video_packet import VideoPacket

__all__ = ["Health", "StreamHealth"]

WINDOW_MS = 5000
CLOCK_KHZ = 90
LONGEST_GAP_MS = 2000
"""A longer one is a camera that was away or a clock that jumped, no pictures lost on the way."""
CERTAIN_AFTER = 10
"""Pictures from which on their usual distance is known."""


@dataclass(frozen=True, slots=True)
class Health:
    """A stream during the last seconds."""

    frames_per_s: float
    kbit_per_s: float
    lost_share: float
    """Of the pictures the camera must have made, those that never came here, 0 to 1."""
    key_interval_s: float | None
    """Between the newest two key frames: how long a picture stays broken at worst."""
    age_ms: int | None
    """Since the newest picture was captured; None before the first."""


@dataclass(frozen=True, slots=True)
class _Came:
    now_ms: int
    size: int
    missing: int


class StreamHealth:
    """Counts one stream's packets as they come."""

    def __init__(self) -> None:
        self._came: deque[_Came] = deque()
        self._gaps_90k: deque[int] = deque(maxlen=50)
        self._newest: VideoPacket | None = None
        self._key_pts: int | None = None
        self._key_interval_s: float | None = None

    def take(self, packet: VideoPacket, now_ms: int) -> None:
        """Count a packet that came at `now_ms` (UTC)."""
        missing = self._missing(packet)
        self._newest = packet
        if packet.keyframe:
            if self._key_pts is not None and packet.pts_90k > self._key_pts:
                self._key_interval_s = (packet.pts_90k - self._key_pts) / CLOCK_KHZ / 1000
            self._key_pts = packet.pts_90k
        self._came.append(_Came(now_ms, len(packet.data), missing))
        self._forget(now_ms)

    def at(self, now_ms: int) -> Health:
        """Return how the stream is at `now_ms`."""
        self._forget(now_ms)
        came = len(self._came)
        missing = sum(one.missing for one in self._came)
        # Over the time that was heard: a stream three seconds old has its full rate.
        seconds = max(1, now_ms - self._came[0].now_ms if came else 1) / 1000
        newest = self._newest
        return Health(
            frames_per_s=round((came - 1) / seconds, 1) if came > 1 else 0.0,
            kbit_per_s=round(sum(one.size for one in self._came) * 8 / 1000 / seconds, 1)
            if came > 1
            else 0.0,
            lost_share=round(missing / (came + missing), 4) if came else 0.0,
            key_interval_s=None if self._key_interval_s is None else round(self._key_interval_s, 2),
            age_ms=None if newest is None else max(0, now_ms - newest.t_ms),
        )

    def _missing(self, packet: VideoPacket) -> int:
        """How many pictures should have come between this one and the one before."""
        if self._newest is None:
            return 0
        gap_90k = packet.pts_90k - self._newest.pts_90k
        if not 0 < gap_90k <= LONGEST_GAP_MS * CLOCK_KHZ:
            return 0
        self._gaps_90k.append(gap_90k)
        if len(self._gaps_90k) < CERTAIN_AFTER:
            return 0
        usual_90k = statistics.median_low(self._gaps_90k)
        return max(0, round(gap_90k / usual_90k) - 1)

    def _forget(self, now_ms: int) -> None:
        while self._came and self._came[0].now_ms < now_ms - WINDOW_MS:
            self._came.popleft()
