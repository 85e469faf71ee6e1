"""The mission protocol: upload, and download to compare.

https://mavlink.io/en/services/mission.html. The vehicle drives an upload by asking for items; both
MISSION_REQUEST and MISSION_REQUEST_INT are answered by MISSION_ITEM_INT, as ArduPilot expects. A
request repeated is answered again. Timeouts as in the specification: 1.5 s, 5 tries.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from mission_plans.mission_items import MissionItem

__all__ = [
    "MissionDownload",
    "MissionUpload",
    "TransferDone",
    "TransferFailed",
    "first_difference",
]

TIMEOUT_S = 1.5
TRIES = 5
MAX_ITEMS = 5_000
ITEM_SETTLE_S = 0.25

ALTITUDE_TOLERANCE_M = 0.02
PARAM_TOLERANCE = 0.01
POSITION_TOLERANCE_1E7 = 2


@dataclass(frozen=True, slots=True)
class TransferDone:
    """All items went over; `items` are those read in a download."""

    items: tuple[MissionItem, ...]


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """The transfer ended without success."""

    code: str
    """`timeout`, `refused` or `bad_item`."""
    text: str


TransferEvent = TransferDone | TransferFailed


def _for_us(message: Message, system: int, component: int, mission_type: int) -> bool:
    return (
        message.get_srcSystem() == system
        and message.get_srcComponent() == component
        and message.target_system in (0, GCS_SYSTEM)
        and message.target_component in (0, GCS_COMPONENT)
        and message.mission_type == mission_type
    )


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
        self._due_s = -math.inf
        self._tries = 0
        self._last: Message | None = None
        self._highest = -1
        self.finished = False

    def receive(self, message: Message, now_s: float) -> tuple[list[Message], list[TransferEvent]]:
        """Take in a message; return answers to send and the end when it comes."""
        kind = message.get_type()
        if self.finished or kind not in ("MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"):
            return [], []
        if not _for_us(message, self._system, self._component, self._type):
            return [], []
        if kind == "MISSION_ACK":
            return [], self._acknowledged(message)
        if message.seq >= len(self._items):
            return [], self._fail("bad_item", f"the vehicle asked for item {message.seq}")
        self._highest = max(self._highest, message.seq)
        self._tries = 0
        self._due_s = now_s + TIMEOUT_S
        self._last = self._item(self._items[message.seq])
        return [self._last], []

    def poll(self, now_s: float) -> tuple[list[Message], list[TransferEvent]]:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            return [], self._fail("timeout", "the vehicle stopped answering the upload")
        self._tries += 1
        self._due_s = now_s + TIMEOUT_S
        if self._last is None:
            return [
                dialect.MAVLink_mission_count_message(
                    self._system, self._component, len(self._items), mission_type=self._type
                )
            ], []
        # The vehicle asks again by itself when an item is lost; ours is only a nudge.
        return [self._last], []

    def _acknowledged(self, message: Message) -> list[TransferEvent]:
        if message.type == dialect.MAV_MISSION_ACCEPTED:
            if self._highest + 1 < len(self._items):
                return []  # A late acknowledgement of an older transfer.
            self.finished = True
            return [TransferDone(self._items)]
        if message.type == dialect.MAV_MISSION_INVALID_SEQUENCE:
            return []  # ArduPilot complains about a repeated item and goes on asking.
        name = dialect.enums["MAV_MISSION_RESULT"].get(message.type)
        return self._fail("refused", name.name if name else f"MAV_MISSION_RESULT {message.type}")

    def _fail(self, code: str, text: str) -> list[TransferEvent]:
        self.finished = True
        return [TransferFailed(code, text)]

    def _item(self, item: MissionItem) -> Message:
        return dialect.MAVLink_mission_item_int_message(
            self._system,
            self._component,
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
            mission_type=self._type,
        )


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
        self._tries = 0
        self.finished = False

    def receive(self, message: Message, now_s: float) -> tuple[list[Message], list[TransferEvent]]:
        """Take in a message; return requests to send and the end when it comes."""
        kind = message.get_type()
        if self.finished or kind not in ("MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ACK"):
            return [], []
        if not _for_us(message, self._system, self._component, self._type):
            return [], []
        if kind == "MISSION_ACK":
            if message.type == dialect.MAV_MISSION_ACCEPTED:
                return [], []
            self.finished = True
            return [], [TransferFailed("refused", f"MAV_MISSION_RESULT {message.type}")]
        if kind == "MISSION_COUNT":
            if self._count is not None:
                return [], []
            if message.count > MAX_ITEMS:
                self.finished = True
                return [], [TransferFailed("bad_item", f"the vehicle has {message.count} items")]
            self._count = int(message.count)
        elif self._count is None or message.seq != len(self._items):
            return [], []
        else:
            self._items.append(_read(message))
        self._tries = 0
        if len(self._items) == self._count:
            self.finished = True
            end = dialect.MAVLink_mission_ack_message(
                self._system,
                self._component,
                dialect.MAV_MISSION_ACCEPTED,
                mission_type=self._type,
            )
            return [end], [TransferDone(tuple(self._items))]
        self._due_s = now_s + ITEM_SETTLE_S * 2
        return [self._next()], []

    def poll(self, now_s: float) -> tuple[list[Message], list[TransferEvent]]:
        """Return the request to send (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            self.finished = True
            return [], [TransferFailed("timeout", "the vehicle stopped answering the download")]
        self._tries += 1
        self._due_s = now_s + TIMEOUT_S
        return [self._next()], []

    def _next(self) -> Message:
        if self._count is None:
            return dialect.MAVLink_mission_request_list_message(
                self._system, self._component, mission_type=self._type
            )
        return dialect.MAVLink_mission_request_int_message(
            self._system, self._component, len(self._items), mission_type=self._type
        )


def _read(message: Message) -> MissionItem:
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


def first_difference(sent: Sequence[MissionItem], read: Sequence[MissionItem]) -> str | None:
    """Return what differs in meaning between a mission sent and read back, None if nothing.

    Item 0 is the vehicle's own home and is not compared. Global altitudes must keep their frame.
    """
    if len(sent) != len(read):
        return f"{len(sent)} items sent, {len(read)} read back"
    for a, b in zip(sent[1:], read[1:], strict=True):
        if a.command != b.command:
            return f"item {a.seq}: command {a.command} became {b.command}"
        if not _has_position(a.command):
            if not math.isclose(a.param1, b.param1, abs_tol=PARAM_TOLERANCE) or not math.isclose(
                a.param2, b.param2, abs_tol=PARAM_TOLERANCE
            ):
                return f"item {a.seq}: parameters changed"
            continue
        if a.frame != b.frame:
            return f"item {a.seq}: frame {a.frame} became {b.frame}"
        moved = max(abs(a.x - b.x), abs(a.y - b.y))
        # ArduCopter keeps no position for a take-off: it climbs where it stands.
        if a.command != dialect.MAV_CMD_NAV_TAKEOFF and moved > POSITION_TOLERANCE_1E7:
            return f"item {a.seq}: position moved"
        if abs(a.z - b.z) > ALTITUDE_TOLERANCE_M:
            return f"item {a.seq}: altitude {a.z} became {b.z}"
    return None


def _has_position(command: int) -> bool:
    return command in (
        dialect.MAV_CMD_NAV_WAYPOINT,
        dialect.MAV_CMD_NAV_TAKEOFF,
        dialect.MAV_CMD_NAV_LAND,
        dialect.MAV_CMD_NAV_LOITER_TIME,
    )
