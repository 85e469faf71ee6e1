"""What uploads, downloads and clearing of missions, fences and rally points share.

https://mavlink.io/en/services/mission.html. The specification waits 1.5 s for an answer and 250 ms
for an item, and tries 5 times again. On a link that loses a third of everything both ways five
tries of 250 ms are not enough, so an item is asked for every 250 ms (longer where the link is
slower) until the vehicle has been silent for as long as ArduPilot itself is patient.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from mission_plans.formats.mission_items import MissionItem

__all__ = [
    "ITEM_TIMEOUT_S",
    "MAX_ITEMS",
    "RETRIES",
    "SILENCE_S",
    "TIMEOUT_S",
    "RoundTrip",
    "Step",
    "Transfer",
    "TransferDone",
    "TransferEvent",
    "TransferFailed",
    "for_us",
    "item_message",
    "read_item",
    "result_name",
    "total_time_s",
]

TIMEOUT_S = 1.5
ITEM_TIMEOUT_S = 0.25
RETRIES = 5

SILENCE_S = 9.0
"""A vehicle silent for longer is not in a transfer any more: ArduPilot cancels after 8 s."""

MAX_ITEMS = 5_000
START_ALLOWANCE_S = 60.0
ITEM_ALLOWANCE_S = 3.0
LONGEST_S = 1_800.0


class Transfer(Protocol):
    """What every machine of the mission protocol looks like to whoever runs it."""

    finished: bool

    def receive(self, message: Message, now_s: float) -> "Step":
        """Take in a message."""
        ...

    def poll(self, now_s: float) -> "Step":
        """Let time pass; to be called at least every 0.1 s."""
        ...

    def cancel(self) -> "Step":
        """Stop at once."""
        ...


@dataclass(frozen=True, slots=True)
class TransferDone:
    """All items went over; `items` are those read in a download."""

    items: tuple[MissionItem, ...]


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """The transfer ended without success."""

    code: str
    """Why, as a stable name:

    * `timeout`: the vehicle fell silent, or the transfer took longer than its items allow;
    * `refused`: the vehicle said no, `text` has its MAV_MISSION_RESULT;
    * `bad_item`: it asked for, or holds, what can't be;
    * `stuck`: it asked for one item over and over;
    * `unacknowledged`: every item went out but the final acknowledgement never came. The vehicle
      may hold all of it: read back and compare;
    * `read_back_differs`: it holds something else than what was sent;
    * `cancelled`: we stopped it.
    """
    text: str


TransferEvent = TransferDone | TransferFailed

Step = tuple[list[Message], list[TransferEvent]]
"""What a machine answers to a message or to time passing: messages to send, and how it ended."""


def total_time_s(count: int) -> float:
    """Return how long a transfer of `count` items may take in all, whatever the vehicle does.

    An item takes about 0.7 s where both ways lose 30 %; this allows four times that.
    """
    return min(LONGEST_S, START_ALLOWANCE_S + ITEM_ALLOWANCE_S * count)


class RoundTrip:
    """How long the vehicle takes to answer, so that slow links are not asked twice for everything.

    Only answers to messages sent once are measured (Karn's rule): of a repeated one nobody knows
    which copy was answered.
    """

    def __init__(self, first_s: float = 0.0) -> None:
        """Begin with a guess."""
        self._smoothed_s = first_s
        self._sent_s: float | None = None

    @property
    def timeout_s(self) -> float:
        """How long to wait for an item before asking again."""
        return min(TIMEOUT_S, max(ITEM_TIMEOUT_S, 2.0 * self._smoothed_s))

    def sent(self, now_s: float, *, again: bool) -> None:
        """Note a message that will be answered."""
        self._sent_s = None if again else now_s

    def answered(self, now_s: float) -> None:
        """Note its answer."""
        if self._sent_s is None:
            return
        took_s, self._sent_s = now_s - self._sent_s, None
        self.measured(took_s)

    def measured(self, took_s: float) -> None:
        """Note how long one answer took."""
        self._smoothed_s += 0.25 * (took_s - self._smoothed_s)


def for_us(message: Message, system: int, component: int, mission_type: int) -> bool:
    """Whether a mission message is the vehicle's, to us, and about this kind of mission."""
    return (
        message.get_srcSystem() == system
        and message.get_srcComponent() == component
        and message.target_system in (0, GCS_SYSTEM)
        and message.target_component in (0, GCS_COMPONENT)
        and message.mission_type == mission_type
    )


def result_name(result: int) -> str:
    """Return a MAV_MISSION_RESULT in the words of the specification."""
    entry = dialect.enums["MAV_MISSION_RESULT"].get(result)
    return entry.name if entry else f"MAV_MISSION_RESULT {result}"


def item_message(item: MissionItem, system: int, component: int, mission_type: int) -> Message:
    """Return the message that carries an item."""
    return dialect.MAVLink_mission_item_int_message(
        system,
        component,
        item.seq,
        item.frame,
        item.command,
        0,
        int(item.autocontinue),
        item.param1,
        item.param2,
        item.param3,
        item.param4,
        item.x,
        item.y,
        item.z,
        mission_type=mission_type,
    )


def read_item(message: Message) -> MissionItem:
    """Return the item that a message carries."""

    def number(value: float) -> float:
        # ArduPilot may send NaN for "not used"; a mission item holds numbers only.
        return float(value) if math.isfinite(value) else 0.0

    return MissionItem(
        seq=message.seq,
        frame=message.frame,
        command=message.command,
        param1=number(message.param1),
        param2=number(message.param2),
        param3=number(message.param3),
        param4=number(message.param4),
        x=message.x,
        y=message.y,
        z=number(message.z),
        autocontinue=bool(message.autocontinue),
    )
