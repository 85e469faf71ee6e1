"""The vehicle's side of the mission protocol, for missions, fences and rally points.

Behaviour measured on ArduCopter 4.5.7: it asks with MISSION_REQUEST, asks again every second,
gives up after eight; items out of order are refused without ending the transfer; an accepted item
is stored at once, so an upload that breaks leaves the first items of it behind.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.mission import MissionItem, check_item

__all__ = ["CAPACITY", "MissionStore", "MissionTransfer", "Reply"]

Reply = Callable[[mavlink.MAVLink_message], None]

CAPACITY = {
    mavlink.MAV_MISSION_TYPE_MISSION: 650,
    mavlink.MAV_MISSION_TYPE_FENCE: 655,
    mavlink.MAV_MISSION_TYPE_RALLY: 655,
}
"""Most items of each type; the mission's count includes home as item 0."""

_REQUEST_AGAIN_S = 1.0
_GIVE_UP_S = 8.0
_ROUNDING_S = 1e-3
"""Steps of simulated time do not add up to whole seconds exactly."""
_RECEIVED = {0: "Flight plan received", 1: "Fence received", 2: "Rally points received"}
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


class MissionTransfer:
    """Uploads to, downloads from and clearing of one store."""

    def __init__(
        self,
        store: MissionStore,
        say: Callable[[int, str], None],
        changed: Callable[[], None],
        may_clear: Callable[[], bool],
    ) -> None:
        self._store = store
        self._say = say
        self._changed = changed
        self._may_clear = may_clear
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
        item = self._store.read(seq)
        if item is None:
            if self._store.mission_type == mavlink.MAV_MISSION_TYPE_MISSION:
                self._tell_count(reply, sysid, compid)
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
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
        del self._store.items[count:]
        if count == 0:
            self._upload = None
            self._complete(reply, sysid, compid)
            return
        if self._store.mission_type != mavlink.MAV_MISSION_TYPE_MISSION:
            self._store.items.clear()
        self._start(reply, sysid, compid, 0, count - 1, now_s)

    def write_partial(
        self, reply: Reply, sysid: int, compid: int, first: int, last: int, now_s: float
    ) -> None:
        """Begin an upload that replaces items `first` to `last` only."""
        if not 0 <= first <= last < len(self._store):
            self._say(4, f"Flight plan update rejected: {first}-{last} outside the plan")
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        self._start(reply, sysid, compid, first, last, now_s)

    def _start(
        self, reply: Reply, sysid: int, compid: int, first: int, last: int, now_s: float
    ) -> None:
        self._upload = _Upload(sysid, compid, reply, first, last, now_s, now_s)
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
        if seq < len(self._store):
            self._store.items[seq] = stored
        else:
            self._store.items.append(stored)
        upload.heard_at_s = now_s
        if seq == upload.last_seq:
            self._upload = None
            self._complete(reply, sysid, compid)
            return
        upload.next_seq = seq + 1
        self._ask(upload, now_s)

    def clear(self, reply: Reply, sysid: int, compid: int) -> None:
        """Answer MISSION_CLEAR_ALL."""
        if not self._may_clear():
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        self._store.items.clear()
        self._upload = None
        self._changed()
        self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ACCEPTED)

    def _complete(self, reply: Reply, sysid: int, compid: int) -> None:
        self._changed()
        self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ACCEPTED)
        self._say(6, _RECEIVED[self._store.mission_type])

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
