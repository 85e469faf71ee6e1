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
    """Items of one type. For missions item 0 is home and is kept up to date by the vehicle."""

    def __init__(self, mission_type: int) -> None:
        self.mission_type = mission_type
        self.items: list[MissionItem] = []

    def __len__(self) -> int:
        return len(self.items)


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
        reply(
            mavlink.MAVLink_mission_count_message(
                sysid, compid, len(self._store), self._store.mission_type
            )
        )

    def request(self, reply: Reply, sysid: int, compid: int, seq: int, *, as_int: bool) -> None:
        """Answer MISSION_REQUEST or MISSION_REQUEST_INT."""
        if not 0 <= seq < len(self._store):
            self._ack(reply, sysid, compid, mavlink.MAV_MISSION_ERROR)
            return
        item = self._store.items[seq]
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
        first_kept = 1 if self._store.mission_type == mavlink.MAV_MISSION_TYPE_MISSION else 0
        del self._store.items[max(count, first_kept) :]
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
        keep = 1 if self._store.mission_type == mavlink.MAV_MISSION_TYPE_MISSION else 0
        del self._store.items[keep:]
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
