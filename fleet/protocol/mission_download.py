"""Reading a mission, fence or rally points from a vehicle, item by item."""

import math

from fleet.mavlink import Message, dialect
from fleet.protocol.transfer import (
    MAX_ITEMS,
    SILENCE_S,
    TIMEOUT_S,
    RoundTrip,
    Step,
    TransferDone,
    TransferFailed,
    for_us,
    read_item,
    result_name,
    total_time_s,
)
from mission_plans.formats.mission_items import MissionItem

__all__ = ["MissionDownload"]

PASSING = frozenset(
    {
        dialect.MAV_MISSION_ERROR,
        dialect.MAV_MISSION_INVALID_SEQUENCE,
        dialect.MAV_MISSION_OPERATION_CANCELLED,
        dialect.MAV_MISSION_DENIED,
    }
)
"""Complaints that may be about an upload just before, or pass by themselves: ArduPilot denies a
download while it still waits for items. They count when nothing better comes."""

MOST_COMPLAINTS = 12
"""About one item: more than an upload just before leaves behind."""

ROUNDS = 2
"""Where a third of everything is lost both ways, one round of six MISSION_REQUEST_LIST finds no
answer once in fifty times."""


class MissionDownload:
    """One download from one vehicle."""

    def __init__(
        self,
        system: int,
        component: int,
        mission_type: int = dialect.MAV_MISSION_TYPE_MISSION,
    ) -> None:
        self._system = system
        self._component = component
        self._type = mission_type
        self._count: int | None = None
        self._items: list[MissionItem] = []
        self._due_s = -math.inf
        self._asked = 0
        self._rounds = 1
        self._began_s: float | None = None
        self._advanced_s = -math.inf
        self._complaint: str | None = None
        self._complaints = 0
        """Since an item last came."""
        self._round_trip = RoundTrip()
        self.finished = False

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return requests to send and the end when it comes."""
        kind = message.get_type()
        if self.finished or kind not in ("MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ACK"):
            return [], []
        if not for_us(message, self._system, self._component, self._type):
            return [], []
        if kind == "MISSION_ACK":
            return self._acknowledged(int(message.type))
        if kind == "MISSION_COUNT":
            if message.count == self._count:
                return [], []
            if message.count > MAX_ITEMS:
                return self._fail("bad_item", f"the vehicle has {message.count} items")
            # Another count than before: the mission was changed under our hands. Begin again.
            self._count = int(message.count)
            self._items.clear()
        elif self._count is None or message.seq != len(self._items):
            return [], []
        else:
            self._items.append(read_item(message))
        self._round_trip.answered(now_s)
        self._advanced_s = now_s
        self._asked = self._complaints = 0
        if len(self._items) == self._count:
            self.finished = True
            end = dialect.MAVLink_mission_ack_message(
                self._system,
                self._component,
                dialect.MAV_MISSION_ACCEPTED,
                mission_type=self._type,
            )
            return [end], [TransferDone(tuple(self._items))]
        return [self._next(now_s)], []

    def poll(self, now_s: float) -> Step:
        """Return the request to send (again) now, and the end when the vehicle is silent."""
        if self._began_s is None:
            self._began_s = self._advanced_s = now_s
        if self.finished:
            return [], []
        if now_s >= self._began_s + total_time_s(self._count or 0):
            return self._fail("timeout", "the download took longer than its items allow")
        if now_s < self._due_s:
            return [], []
        if now_s - self._advanced_s >= SILENCE_S:
            if self._rounds < ROUNDS:
                return self._again(now_s)
            if self._complaint is not None:
                return self._fail("refused", self._complaint)
            return self._fail("timeout", "the vehicle stopped answering the download")
        return [self._next(now_s)], []

    def cancel(self) -> Step:
        """Stop; nothing needs to be told."""
        return ([], []) if self.finished else self._fail("cancelled", "the download was cancelled")

    def _acknowledged(self, result: int) -> Step:
        if result == dialect.MAV_MISSION_ACCEPTED:
            return [], []
        if result in PASSING:
            self._complaint = result_name(result)
            self._complaints += self._count is not None
            if self._complaints < MOST_COMPLAINTS:
                return [], []
        return self._fail("refused", result_name(result))

    def _again(self, now_s: float) -> Step:
        self._rounds += 1
        self._count = None
        self._items.clear()
        self._advanced_s = now_s
        return [self._next(now_s)], []

    def _fail(self, code: str, text: str) -> Step:
        self.finished = True
        return [], [TransferFailed(code, text)]

    def _next(self, now_s: float) -> Message:
        self._round_trip.sent(now_s, again=self._asked > 0)
        self._asked += 1
        if self._count is None:
            self._due_s = now_s + TIMEOUT_S
            return dialect.MAVLink_mission_request_list_message(
                self._system, self._component, mission_type=self._type
            )
        self._due_s = now_s + self._round_trip.timeout_s
        return dialect.MAVLink_mission_request_int_message(
            self._system, self._component, len(self._items), mission_type=self._type
        )
