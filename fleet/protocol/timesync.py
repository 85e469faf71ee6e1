"""TIMESYNC: how far a vehicle's clock is from ours.

https://mavlink.io/en/services/timesync.html, version 2: `tc1` 0 asks, the answer echoes `ts1` and
has the answerer's time in `tc1`. The vehicle's answer was made somewhere between our question and
its arrival, so the exchange with the shortest round trip of the last ones is the truest.
"""

import math
from collections import deque
from dataclasses import dataclass

from fleet.mavlink import Message, dialect

__all__ = ["ClockOffset", "TimeSync", "timesync_answer"]

ASK_EVERY_S = 10.0
FIRST_EVERY_S = 1.0
FIRST_ASKS = 5
"""The first questions come quicker, so that there is a choice of round trips soon."""
WINDOW = 12
LONGEST_ROUND_TRIP_NS = 5_000_000_000
STEP_NS = 1_000_000_000
"""A clock that is off by more than the round trip and this has been set, or started again."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """What the best exchange said."""

    offset_ns: int
    """Vehicle's clock minus ours."""
    uncertainty_ns: int
    """Half the round trip: the offset is off by no more."""


def timesync_answer(message: Message, now_ns: int) -> Message | None:
    """Return the answer to a vehicle's question, None to what is none."""
    if message.get_type() != "TIMESYNC" or message.tc1 != 0:
        return None
    return dialect.MAVLink_timesync_message(now_ns, message.ts1)


class TimeSync:
    """Measures one vehicle's clock; `now_ns` is ours and must never go back."""

    def __init__(self, system: int, component: int) -> None:
        self._system = system
        self._component = component
        self._asked_ns: int | None = None
        self._asks = 0
        self._due_s = -math.inf
        self._samples: deque[ClockOffset] = deque(maxlen=WINDOW)

    @property
    def offset(self) -> ClockOffset | None:
        """The best measurement of the last ones; None before the first."""
        return min(self._samples, key=lambda s: s.uncertainty_ns, default=None)

    def receive(self, message: Message, now_ns: int) -> bool:
        """Take in a message; True when it was an answer to our last question."""
        if (
            message.get_type() != "TIMESYNC"
            or message.get_srcSystem() != self._system
            or message.get_srcComponent() != self._component
            or message.tc1 <= 0
            or message.ts1 != self._asked_ns
        ):
            return False
        round_trip_ns = now_ns - message.ts1
        self._asked_ns = None
        if not 0 <= round_trip_ns <= LONGEST_ROUND_TRIP_NS:
            return False
        half_ns = round_trip_ns // 2
        sample = ClockOffset(int(message.tc1) - message.ts1 - half_ns, half_ns)
        best = self.offset
        if best is not None and abs(sample.offset_ns - best.offset_ns) > (
            STEP_NS + half_ns + best.uncertainty_ns
        ):
            self._samples.clear()
        self._samples.append(sample)
        return True

    def poll(self, now_s: float, now_ns: int) -> list[Message]:
        """Return the question that is due."""
        if now_s < self._due_s:
            return []
        self._asks += 1
        self._due_s = now_s + (FIRST_EVERY_S if self._asks < FIRST_ASKS else ASK_EVERY_S)
        self._asked_ns = now_ns
        return [dialect.MAVLink_timesync_message(0, now_ns)]
