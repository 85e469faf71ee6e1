"""Sending a mission, fence or rally points to a vehicle.

The vehicle drives: it is told the count and asks item by item, by MISSION_REQUEST (ArduPilot) or
MISSION_REQUEST_INT; both are answered by MISSION_ITEM_INT. A request repeated is answered again.
An item is sent again when the next request does not come, and the whole upload begins again when
the vehicle has given it up. What the acknowledgements mean depends on how far we are: see
`_acknowledged`.
"""

import math
from collections import Counter
from collections.abc import Sequence

from fleet.mavlink import Message, dialect
from fleet.protocol.transfer import (
    RETRIES,
    SILENCE_S,
    TIMEOUT_S,
    RoundTrip,
    Step,
    TransferDone,
    TransferFailed,
    for_us,
    item_message,
    result_name,
    total_time_s,
)
from mission_plans.formats.mission_items import MissionItem

__all__ = ["MissionUpload"]

MOST_RESTARTS = 5
MOST_ANSWERS = 60
"""To one item in one go. A patient autopilot asks 8 (ArduPilot) to 20 times (PX4), and each may
come twice, over two links; one that asks more is stuck."""
MOST_STRAYS = 8
"""Requests for items that don't exist: a few may be left from an older upload."""


class MissionUpload:
    """One upload to one vehicle."""

    def __init__(
        self,
        system: int,
        component: int,
        items: Sequence[MissionItem],
        mission_type: int = dialect.MAV_MISSION_TYPE_MISSION,
    ) -> None:
        self._system = system
        self._component = component
        self._items = tuple(items)
        self._type = mission_type
        self._sent: Counter[int] = Counter()
        """How often each item was asked for since the last MISSION_COUNT."""
        self._last: int | None = None
        """The furthest item asked for since the last MISSION_COUNT."""
        self._tries = 0
        self._due_s = -math.inf
        self._heard_s = -math.inf
        self._ends_s: float | None = None
        self._restarts = 0
        self._strays = 0
        self._complaint: str | None = None
        self._round_trip = RoundTrip()
        self.finished = False

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return answers to send and the end when it comes."""
        kind = message.get_type()
        if self.finished or kind not in ("MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"):
            return [], []
        if not for_us(message, self._system, self._component, self._type):
            return [], []
        if kind == "MISSION_ACK":
            return self._acknowledged(message, now_s)
        return self._asked(int(message.seq), now_s)

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self._ends_s is None:
            self._ends_s = now_s + total_time_s(len(self._items))
        if self.finished:
            return [], []
        if now_s >= self._ends_s:
            return self._fail("timeout", "the upload took longer than its items allow")
        if now_s < self._due_s:
            return [], []
        if self._last is None:
            return self._count(now_s)
        if self._tries < RETRIES:
            self._tries += 1
            self._due_s = now_s + self._patience_s
            self._round_trip.sent(now_s, again=True)
            return [self._item(self._last)], []
        if self._all_sent:
            return self._unacknowledged()
        if now_s - self._heard_s >= SILENCE_S:
            return self._restart(now_s)
        # The item went out often enough; it is for the vehicle to ask now, as ArduPilot does.
        self._due_s = self._heard_s + SILENCE_S
        return [], []

    def cancel(self) -> Step:
        """Stop: tell the vehicle, in the way of the specification, and take nothing more.

        ArduPilot has no cancel and keeps the items it has: the mission on board is unknown then.
        """
        if self.finished:
            return [], []
        told = dialect.MAVLink_mission_ack_message(
            self._system,
            self._component,
            dialect.MAV_MISSION_OPERATION_CANCELLED,
            mission_type=self._type,
        )
        return [told], self._fail("cancelled", "the upload was cancelled")[1]

    @property
    def _all_sent(self) -> bool:
        return len(self._sent) == len(self._items)

    @property
    def _patience_s(self) -> float:
        # The first repeats come soon, in case an item was lost; the last leave time for an answer.
        return min(TIMEOUT_S, self._round_trip.timeout_s * 2 ** max(0, self._tries - 1))

    def _count(self, now_s: float) -> Step:
        if self._tries > RETRIES:
            if self._complaint is not None:
                return self._fail("refused", self._complaint)
            return self._fail("timeout", "the vehicle stopped answering the upload")
        self._round_trip.sent(now_s, again=self._tries > 0)
        self._tries += 1
        self._due_s = now_s + TIMEOUT_S
        return [
            dialect.MAVLink_mission_count_message(
                self._system, self._component, len(self._items), mission_type=self._type
            )
        ], []

    def _asked(self, seq: int, now_s: float) -> Step:
        if seq >= len(self._items):
            self._strays += 1
            if self._strays > MOST_STRAYS:
                return self._fail("bad_item", f"the vehicle asked for item {seq}")
            return [], []
        if self._sent[seq] >= MOST_ANSWERS:
            return self._fail("stuck", f"the vehicle asked for item {seq} over and over")
        self._round_trip.answered(now_s)
        self._round_trip.sent(now_s, again=self._sent[seq] > 0)
        self._sent[seq] += 1
        # A late copy of an older request is answered too, but is not where the vehicle is.
        self._last = max(seq, self._last or 0)
        self._heard_s = now_s
        self._tries = 0
        self._due_s = now_s + self._patience_s
        return [self._item(seq)], []

    def _acknowledged(self, message: Message, now_s: float) -> Step:
        result = int(message.type)
        began = self._last is not None
        match result:
            case dialect.MAV_MISSION_ACCEPTED:
                if not self._all_sent:
                    return [], []  # A late acknowledgement of an older transfer.
                self.finished = True
                return [], [TransferDone(self._items)]
            case dialect.MAV_MISSION_INVALID_SEQUENCE:
                return [], []  # ArduPilot complains about a repeated item and goes on asking.
            case dialect.MAV_MISSION_OPERATION_CANCELLED:
                # Before the vehicle has asked, this is about the upload before the restart.
                return self._restart(now_s) if began else ([], [])
            case dialect.MAV_MISSION_ERROR if began and self._all_sent:
                # ArduPilot's answer to an item when it is in no upload: it has ended this one, and
                # the acknowledgement that says how was lost.
                return self._unacknowledged()
            case dialect.MAV_MISSION_ERROR if began or self._restarts:
                self._complaint = result_name(result)
                return self._restart(now_s) if began else ([], [])
            case _:
                return self._fail("refused", result_name(result))

    def _restart(self, now_s: float) -> Step:
        if self._restarts >= MOST_RESTARTS:
            if self._complaint is not None:
                return self._fail("refused", self._complaint)
            return self._fail(
                "timeout", f"the vehicle gave the upload up {MOST_RESTARTS + 1} times"
            )
        self._restarts += 1
        self._sent.clear()
        self._last = None
        self._tries = 0
        return self._count(now_s)

    def _unacknowledged(self) -> Step:
        text = "every item was sent but the vehicle did not say that it has them"
        return self._fail("unacknowledged", text)

    def _fail(self, code: str, text: str) -> Step:
        self.finished = True
        return [], [TransferFailed(code, text)]

    def _item(self, seq: int) -> Message:
        return item_message(self._items[seq], self._system, self._component, self._type)
