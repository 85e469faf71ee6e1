"""The vehicle's side of the mission protocol, for missions, fences and rally points.

Behaviour measured on ArduCopter 4.5.7: it asks with MISSION_REQUEST, asks again every second,
gives up after eight; items out of order are refused without ending the transfer; an accepted item
is stored at once, so an upload that breaks leaves the first items of it behind. A fence is the
exception: it is judged as a whole and replaces the old one only when it is in order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.mission import MissionItem, check_item

__all__ = ["CAPACITY", "MissionStore", "MissionTransfer", "Reply"]

Reply = Callable[[mavlink.MAVLink_message], None]
Check = Callable[[Sequence[MissionItem]], tuple[int, str] | None]
"""Why a whole upload is refused, as severity and text, or None where it is in order."""

CAPACITY = {
    mavlink.MAV_MISSION_TYPE_MISSION: 650,
    mavlink.MAV_MISSION_TYPE_FENCE: 70,
    mavlink.MAV_MISSION_TYPE_RALLY: 46,
}
"""Most items of each type, by the storage a copter has for them; home counts as a mission's."""

_REQUEST_AGAIN_S = 1.0
_GIVE_UP_S = 8.0
_ROUNDING_S = 1e-3
"""Steps of simulated time do not add up to whole seconds exactly."""
_RECEIVED = {0: "Flight plan received", 2: "Rally points received"}
_KIND = {0: "Mission", 1: "Fence", 2: "Rally"}


class MissionStore:
    """Items of one type. Item 0 of a mission is home, whatever was uploaded there.

    Home is read as item 0 also while the mission is empty and counts no items: so does ArduCopter,
    and dronekit's download asks for it.
    """

    def __init__(self, mission_type: int) -> None:
        self.mission_type = mission_type
        self.items: list[MissionItem] = []
        self.home: MissionItem | None = None
        """For missions; the vehicle keeps it up to date."""

    def __len__(self) -> int:
        return len(self.items)

    def read(self, seq: int) -> MissionItem | None:
        """An item as it is downloaded, or None where there is none."""
        if seq == 0 and self.home is not None:
            return self.home
        return self.items[seq] if 0 <= seq < len(self.items) else None


@dataclass(slots=True)
class _Upload:
    sysid: int
    compid: int
    reply: Reply
    next_seq: int
    last_seq: int
    asked_at_s: float
    heard_at_s: float
    items: list[MissionItem]
    """Where accepted items go: into the store itself, or beside it until all are there."""


class MissionTransfer:
    """Uploads to, downloads from and clearing of one store."""

    def __init__(
        self,
        store: MissionStore,
        say: Callable[[int, str], None],
        changed: Callable[[], None],
        may_clear: Callable[[], bool],
        check: Check | None = None,
    ) -> None:
        """Serve one store.

        Args:
            store: what is up- and downloaded.
            say: sends a STATUSTEXT.
            changed: called after the store changed.
            may_clear: whether the vehicle lets go of it now.
            check: judges a whole upload, which then replaces the old items at once or not at all.
        """
        self._store = store
        self._say = say
        self._changed = changed
        self._may_clear = may_clear
        self._check = check
        self._upload: _Upload | None = None

    @property
    def is_receiving(self) -> bool:
        """Whether an upload is under way."""
        return self._upload is not None

    def _ack(self, reply: Reply, sysid: int, compid: int, result: int) -> None:
        kind = self._store.mission_type
        reply(mavlink.MAVLink_mission_ack_message(sysid, compid, result, kind))

    def _ask(self, upload: _Upload, now_s: float) -> None:
        upload.asked_at_s = now_s
        upload.reply(
            mavlink.MAVLink_mission_request_message(
                upload.sysid, upload.compid, upload.next_seq, self._store.mission_type
            )
        )

    def request_list(self, reply: Reply, sysid: int, compid: int) -> None:
        """Answer MISSION_REQUEST_LIST."""
        if self._upload is not None:
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_DENIED)
            return
        self._tell_count(reply, sysid, compid)

    def _tell_count(self, reply: Reply, sysid: int, compid: int) -> None:
        count, kind = len(self._store), self._store.mission_type
        reply(mavlink.MAVLink_mission_count_message(sysid, compid, count, kind))

    def request(self, reply: Reply, sysid: int, compid: int, seq: int, *, as_int: bool) -> None:
        """Answer MISSION_REQUEST or MISSION_REQUEST_INT."""
        if self._upload is not None and as_int:
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_DENIED)
            return
        item = self._store.read(seq)
        if item is None:
            self._refuse_request(reply, sysid, compid, seq)
            return
        numbers = (item.param1, item.param2, item.param3, item.param4)
        kind = self._store.mission_type
        head = (sysid, compid, seq, item.frame, item.command, 0, item.autocontinue)
        if as_int:
            reply(
                mavlink.MAVLink_mission_item_int_message(
                    *head, *numbers, item.x, item.y, item.z, kind
                )
            )
        else:
            reply(
                mavlink.MAVLink_mission_item_message(
                    *head, *numbers, item.lat_deg, item.lon_deg, item.z, kind
                )
            )

    def _refuse_request(self, reply: Reply, sysid: int, compid: int, seq: int) -> None:
        kind, count = self._store.mission_type, len(self._store)
        result = mavlink.MAV_MISSION_INVALID_SEQUENCE
        if kind == mavlink.MAV_MISSION_TYPE_MISSION:
            self._tell_count(reply, sysid, compid)
            result = mavlink.MAV_MISSION_ERROR
        elif kind == mavlink.MAV_MISSION_TYPE_FENCE and seq == count:
            result = mavlink.MAV_MISSION_ERROR
        self._ack(reply, sysid, compid, result)

    def count(self, reply: Reply, sysid: int, compid: int, count: int, now_s: float) -> None:
        """Begin (or restart) an upload; a count of 0 clears."""
        upload = self._upload
        if upload is not None and (upload.sysid, upload.compid) != (sysid, compid):
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_DENIED)
            return
        most = CAPACITY[self._store.mission_type]
        if count > most:
            self._say(4, f"Only {most} items are supported")
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_NO_SPACE)
            return
        items: list[MissionItem] = [] if self._check else self._store.items
        del items[count:]
        if count == 0:
            self._upload = None
            self._complete(reply, sysid, compid, items)
            return
        self._start(reply, sysid, compid, 0, count - 1, now_s, items)

    def write_partial(
        self, reply: Reply, sysid: int, compid: int, first: int, last: int, now_s: float
    ) -> None:
        """Begin an upload that replaces items `first` to `last` only."""
        if not 0 <= first <= last < len(self._store):
            self._say(4, "Flight plan update rejected")
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        items = list(self._store.items) if self._check else self._store.items
        self._start(reply, sysid, compid, first, last, now_s, items)

    def _start(
        self,
        reply: Reply,
        sysid: int,
        compid: int,
        first: int,
        last: int,
        now_s: float,
        items: list[MissionItem],
    ) -> None:
        self._upload = _Upload(sysid, compid, reply, first, last, now_s, now_s, items)
        self._ask(self._upload, now_s)

    def item(
        self, reply: Reply, sysid: int, compid: int, seq: int, item: MissionItem, now_s: float
    ) -> None:
        """Take MISSION_ITEM or MISSION_ITEM_INT."""
        upload = self._upload
        if upload is None or (upload.sysid, upload.compid) != (sysid, compid):
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        if seq != upload.next_seq:
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_INVALID_SEQUENCE)
            return
        result, stored = check_item(item, self._store.mission_type)
        if result != mavlink.MAV_MISSION_ACCEPTED:
            self._upload = None
            self._ack(reply, sysid, compid, result)
            return
        if seq < len(upload.items):
            upload.items[seq] = stored
        else:
            upload.items.append(stored)
        upload.heard_at_s = now_s
        if seq == upload.last_seq:
            self._upload = None
            self._complete(reply, sysid, compid, upload.items)
            return
        upload.next_seq = seq + 1
        self._ask(upload, now_s)

    def clear(self, reply: Reply, sysid: int, compid: int) -> None:
        """Answer MISSION_CLEAR_ALL."""
        if self._upload is not None or not self._may_clear():
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        self._store.items.clear()
        self._changed()
        self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ACCEPTED)

    def _complete(self, reply: Reply, sysid: int, compid: int, items: list[MissionItem]) -> None:
        problem = self._check(items) if self._check else None
        if problem is not None:
            self._say(*problem)
            self._say(4, f"{_KIND[self._store.mission_type]} validation failed")
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        self._store.items = items
        self._changed()
        self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ACCEPTED)
        received = _RECEIVED.get(self._store.mission_type)
        if received is not None:
            self._say(6, received)

    def step(self, now_s: float) -> None:
        """Ask again, or give up, where an upload has fallen silent."""
        upload = self._upload
        if upload is None:
            return
        if now_s - upload.heard_at_s >= _GIVE_UP_S - _ROUNDING_S:
            self._upload = None
            self._ack(
                upload.reply,
                upload.sysid,
                upload.compid,
                mavlink.MAV_MISSION_OPERATION_CANCELLED,
            )
            self._say(4, f"{_KIND[self._store.mission_type]} upload timeout")
        elif now_s - upload.asked_at_s >= _REQUEST_AGAIN_S - _ROUNDING_S:
            self._ask(upload, now_s)
