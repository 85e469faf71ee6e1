"""Whether a vehicle is there: heartbeats, their age, and restarts of the autopilot.

Thresholds of story O8: stale after 3 s (as MAVSDK), lost after 5 s.
"""

import math

from field_api.contract.messages import LinkState

__all__ = ["LOST_S", "STALE_S", "Presence"]

STALE_S = 3.0
LOST_S = 5.0
REBOOT_MARGIN_MS = 2_000
"""A boot clock that falls back by less is a late packet, not a restart."""

LEAP_MS = 60_000
"""A boot clock that leaps by more is believed when the next message says the same."""


class Presence:
    """Heartbeats of one vehicle."""

    def __init__(self) -> None:
        self._heard_s: float | None = None
        self._boot_ms = 0
        self._leap_ms: int | None = None
        self._state = LinkState.LOST

    def heartbeat(self, now_s: float) -> None:
        """Note a heartbeat of the bound autopilot."""
        self._heard_s = now_s

    def boot_clock(self, boot_ms: int) -> bool:
        """Note the autopilot's time since boot; True when it has restarted.

        A leap forward is a vehicle heard again after a silence, or one damaged number; believing
        the latter would make every true number after it look like a restart.
        """
        if boot_ms > self._boot_ms + LEAP_MS:
            leapt_ms, self._leap_ms = self._leap_ms, boot_ms
            if leapt_ms is None or abs(boot_ms - leapt_ms) > LEAP_MS:
                return False
        self._leap_ms = None
        restarted = boot_ms + REBOOT_MARGIN_MS < self._boot_ms
        self._boot_ms = boot_ms if restarted else max(self._boot_ms, boot_ms)
        return restarted

    @property
    def heard_s(self) -> float:
        """When the last heartbeat came; minus infinity before the first."""
        return -math.inf if self._heard_s is None else self._heard_s

    def age_s(self, now_s: float) -> float | None:
        """Return seconds since the last heartbeat, None before the first."""
        return None if self._heard_s is None else max(0.0, now_s - self._heard_s)

    def state(self, now_s: float) -> LinkState:
        """Return how fresh the vehicle is."""
        age = self.age_s(now_s)
        if age is None or age >= LOST_S:
            return LinkState.LOST
        return LinkState.STALE if age >= STALE_S else LinkState.LIVE

    def changed(self, now_s: float) -> LinkState | None:
        """Return the new state when it differs from the last call's, else None."""
        state = self.state(now_s)
        if state is self._state:
            return None
        self._state = state
        return state
