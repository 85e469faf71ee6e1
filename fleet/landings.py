"""The landings of a node's aircraft: looks at all of them, and lets each wait or come down."""

import asyncio
import time
from collections.abc import Sequence

import structlog

from fleet.landing_order import Approach, LandingOrder, Turn
from fleet.pilot import Pilot
from fleet.vehicle import RefusedError

__all__ = ["Landings"]

log = structlog.get_logger(__name__)

LOOK_S = 0.2
AGAIN_S = 5.0
"""After an aircraft did not do it."""


class Landings:
    """One at a time where launch points lie together."""

    def __init__(self) -> None:
        self._order = LandingOrder()
        self._ordering: dict[str, asyncio.Task[None]] = {}
        self._not_before_s: dict[str, float] = {}
        self._due_s = 0.0

    def look(self, pilots: Sequence[tuple[Approach, Pilot]], now_s: float) -> None:
        """Look at every aircraft that has a sortie, five times a second."""
        if now_s < self._due_s:
            return
        self._due_s = now_s + LOOK_S
        by_id = {approach.vehicle_id: pilot for approach, pilot in pilots}
        for turn in self._order.look([approach for approach, _ in pilots], now_s):
            self._give(turn, by_id[turn.vehicle_id], now_s)

    def _give(self, turn: Turn, pilot: Pilot, now_s: float) -> None:
        vehicle_id = turn.vehicle_id
        if vehicle_id in self._ordering or now_s < self._not_before_s.get(vehicle_id, 0.0):
            return
        task = asyncio.create_task(self._carry_out(turn, pilot))
        self._ordering[vehicle_id] = task
        task.add_done_callback(lambda _: self._ordering.pop(vehicle_id))

    async def _carry_out(self, turn: Turn, pilot: Pilot) -> None:
        try:
            await (pilot.wait_to_land(turn.for_id) if turn.waits else pilot.come_down())
        except RefusedError as error:
            log.warning("landing", vehicle_id=turn.vehicle_id, turn=turn, error=error.text)
            self._not_before_s[turn.vehicle_id] = time.monotonic() + AGAIN_S

    def close(self) -> None:
        """Drop what is under way."""
        for task in self._ordering.values():
            task.cancel()
