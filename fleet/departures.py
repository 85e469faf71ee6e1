"""Take-offs of one node's aircraft: in their window, and never closer than the plan said."""

import asyncio
import time
from collections.abc import Callable

__all__ = ["Departures", "WindowError"]

WAIT_STEP_S = 0.2
"""How often a waiting take-off looks again: the clock's offset may have been measured anew."""


class WindowError(RuntimeError):
    """The window of a take-off has passed; the text says by how much."""


class Departures:
    """Shared by the pilots of a node: who may take off now."""

    def __init__(
        self, now_ms: Callable[[], int], monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._now_ms = now_ms
        self._monotonic_s = monotonic_s
        self._last_s: float | None = None
        self._last_vehicle = ""

    def late_by_ms(self, not_after_ms: int | None) -> int:
        """Return by how much a window has passed, 0 while it has not."""
        return 0 if not_after_ms is None else max(0, self._now_ms() - not_after_ms)

    def wait_s(self, vehicle_id: str, not_before_ms: int | None, gap_s: float) -> float:
        """Return how long an aircraft has still to stay on the ground."""
        early_s = 0.0 if not_before_ms is None else (not_before_ms - self._now_ms()) / 1000
        close_s = 0.0
        if self._last_s is not None and self._last_vehicle != vehicle_id:
            close_s = self._last_s + gap_s - self._monotonic_s()
        return max(0.0, early_s, close_s)

    async def take_turn(
        self, vehicle_id: str, not_before_ms: int | None, not_after_ms: int | None, gap_s: float
    ) -> None:
        """Wait until this aircraft may take off, and note that it does.

        Raises:
            WindowError: too late, now or once its neighbour is far enough away.
        """
        while True:
            self._refuse_late(not_after_ms)
            wait_s = self.wait_s(vehicle_id, not_before_ms, gap_s)
            if wait_s <= 0:
                # Nothing is awaited between the look and the note: two can't take the same turn.
                self._last_s, self._last_vehicle = self._monotonic_s(), vehicle_id
                return
            await asyncio.sleep(min(wait_s, WAIT_STEP_S))

    def _refuse_late(self, not_after_ms: int | None) -> None:
        late_ms = self.late_by_ms(not_after_ms)
        if late_ms:
            raise WindowError(f"the take-off's window ended {late_ms / 1000:.0f} s ago")
