"""Handhelds that aircraft follow: where they are now is wished of the node, once a second."""

import threading
from dataclasses import dataclass

from pydantic import BaseModel

from field_api.contract.messages import FollowTo, TerminalPosition, VehicleState
from field_api.core.bus import Value
from field_api.core.exchange import Topic
from field_api.core.services import Services
from mission_plans.values.plan import GeoPoint

__all__ = ["FRESH_MS", "Following"]

EVERY_MS = 1_000
FRESH_MS = 10_000
"""An older position is not where the handheld is."""
BEGINS_MS = 60_000
"""So long after the order its aircraft may still be on its way into GUIDED."""


FOLLOWING = "following"


class _Told(BaseModel):
    vehicle_id: str
    terminal_id: str


@dataclass(slots=True)
class _Follow:
    vehicle_id: str
    terminal_id: str
    begun_ms: int
    wished_ms: int = 0


class Following:
    """Who follows whom. May be used from any thread.

    Not kept over a restart: the aircraft then hovers by itself once it hears no more.
    """

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._follows: dict[str, _Follow] = {}
        self._topic = Topic(ctx.exchange, FOLLOWING, _Told, self._begun)

    def begin(self, vehicle_id: str, terminal_id: str) -> None:
        """Tell an aircraft's node where this handheld is from now on."""
        self._remember(vehicle_id, terminal_id)
        self._topic.tell(lambda: _Told(vehicle_id=vehicle_id, terminal_id=terminal_id))

    def _begun(self, _worker: str, told: _Told) -> None:
        self._remember(told.vehicle_id, told.terminal_id)

    def _remember(self, vehicle_id: str, terminal_id: str) -> None:
        with self._lock:
            self._follows[vehicle_id] = _Follow(vehicle_id, terminal_id, self._ctx.clock())

    def hear(self, value: Value) -> None:
        """Take positions of handhelds, and see when an aircraft does something else."""
        if isinstance(value.data, TerminalPosition):
            self._moved(value.data)
        elif isinstance(value.data, VehicleState):
            self._seen(value.data)

    def _moved(self, position: TerminalPosition) -> None:
        now_ms = self._ctx.clock()
        if now_ms - position.t_ms >= FRESH_MS:
            return
        with self._lock:
            due = [
                follow
                for follow in self._follows.values()
                if follow.terminal_id == position.terminal_id
                and now_ms - follow.wished_ms >= EVERY_MS
            ]
            for follow in due:
                follow.wished_ms = now_ms
        for follow in due if self._ctx.leading.leads else ():
            node_id = self._ctx.presence.node_for(follow.vehicle_id)
            if node_id is not None:
                place = GeoPoint(lat_deg=position.lat_deg, lon_deg=position.lon_deg)
                self._ctx.wishes.wish(
                    node_id,
                    FollowTo(
                        vehicle_id=follow.vehicle_id,
                        t_ms=now_ms,
                        terminal_id=follow.terminal_id,
                        place=place,
                        seen_ms=position.t_ms,
                    ),
                )

    def _seen(self, state: VehicleState) -> None:
        # The node follows nothing without its order; this only ends what is of no use any more.
        with self._lock:
            follow = self._follows.get(state.vehicle_id)
            if follow is None or state.mode == "GUIDED":
                return
            if self._ctx.clock() - follow.begun_ms > BEGINS_MS:
                del self._follows[state.vehicle_id]
