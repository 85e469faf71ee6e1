"""A mission on board for certain: upload, read back, compare, and again where it is worth it."""

import math
from collections.abc import Sequence

from fleet.mavlink import Message, dialect
from fleet.protocol.mission_compare import first_difference
from fleet.protocol.mission_download import MissionDownload
from fleet.protocol.mission_upload import MissionUpload
from fleet.protocol.transfer import Step, TransferDone, TransferEvent, TransferFailed
from mission_plans.formats.mission_items import MissionItem

__all__ = ["MissionWrite"]

ATTEMPTS = 2
FENCE_ATTEMPTS = 5
"""ArduCopter 4.0.7 acknowledges one fence in six and then has none, or gives none of its items;
sent again, it has it."""
REST_S = 2.0
"""Before another attempt: complaints about the one before must not be taken for answers."""


class MissionWrite:
    """One upload that ends when what the vehicle holds was read back.

    `TransferDone.items` are the items read back. An upload without final acknowledgement is
    decided by the read-back; an upload that timed out, or whose read-back fails or differs after
    such an upload, is tried once more. A difference after an acknowledged upload is final, except
    of a fence: the vehicle does not keep these items as they are.
    """

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
        self._attempts = 0
        self._acknowledged = False
        self._rests_until_s = -math.inf
        self._part: MissionUpload | MissionDownload = self._upload()
        self.finished = False

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return messages to send and the end when it comes."""
        if now_s < self._rests_until_s:
            return [], []
        return self._go_on(self._part.receive(message, now_s), now_s)

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when it comes."""
        if now_s < self._rests_until_s:
            return [], []
        return self._go_on(self._part.poll(now_s), now_s)

    def cancel(self) -> Step:
        """Stop; what is on board is unknown then."""
        out, events = self._part.cancel()
        self.finished = True
        return out, events

    def _upload(self) -> MissionUpload:
        self._attempts += 1
        return MissionUpload(self._system, self._component, self._items, self._type)

    def _go_on(self, step: Step, now_s: float) -> Step:
        out, events = step
        if self.finished or not events:
            return out, []
        attempt = self._attempts
        event = self._judged(events[0])
        if event is not None:
            self.finished = True
            return out, [event]
        if self._attempts > attempt:
            self._rests_until_s = now_s + REST_S
            return out, []
        more, _ = self._part.poll(now_s)
        return [*out, *more], []

    def _judged(self, event: TransferEvent) -> TransferEvent | None:
        """Return the end, or None when the next part has begun."""
        if isinstance(self._part, MissionUpload):
            if isinstance(event, TransferFailed) and event.code != "unacknowledged":
                return self._once_more(event) if event.code == "timeout" else event
            self._acknowledged = isinstance(event, TransferDone)
            self._part = MissionDownload(self._system, self._component, self._type)
            return None
        fence = self._type == dialect.MAV_MISSION_TYPE_FENCE
        most = FENCE_ATTEMPTS if fence else ATTEMPTS
        if isinstance(event, TransferFailed):
            return self._once_more(event, most if event.code == "refused" else ATTEMPTS)
        difference = first_difference(self._items, event.items, self._type)
        if difference is None:
            return event
        failed = TransferFailed("read_back_differs", difference)
        return failed if self._acknowledged and not fence else self._once_more(failed, most)

    def _once_more(self, event: TransferFailed, most: int = ATTEMPTS) -> TransferEvent | None:
        if self._attempts >= most:
            return event
        self._part = self._upload()
        return None
