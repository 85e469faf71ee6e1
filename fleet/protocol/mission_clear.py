"""Clearing a vehicle's mission, fence or rally points: MISSION_CLEAR_ALL until acknowledged."""

import math

from fleet.mavlink import Message, dialect
from fleet.protocol.transfer import (
    Step,
    TransferDone,
    TransferFailed,
    for_us,
    result_name,
)

__all__ = ["MissionClear"]

RETRY_S = 0.75
TRIES = 12
"""As long as the specification's six tries of 1.5 s; where a third is lost both ways those leave
one clearing of fifty unacknowledged."""


class MissionClear:
    """One clearing; `TransferDone` has no items.

    ArduPilot refuses (MAV_MISSION_ERROR) while it flies the mission. Clearing twice does no more
    than clearing once, so a lost acknowledgement is asked for again.
    """

    def __init__(
        self,
        system: int,
        component: int,
        mission_type: int = dialect.MAV_MISSION_TYPE_MISSION,
    ) -> None:
        self._system = system
        self._component = component
        self._type = mission_type
        self._due_s = -math.inf
        self._tries = 0
        self.finished = False

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return the end when it comes."""
        if self.finished or self._tries == 0 or message.get_type() != "MISSION_ACK":
            return [], []
        if not for_us(message, self._system, self._component, self._type):
            return [], []
        self.finished = True
        if message.type == dialect.MAV_MISSION_ACCEPTED:
            return [], [TransferDone(())]
        return [], [TransferFailed("refused", result_name(int(message.type)))]

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            self.finished = True
            return [], [TransferFailed("timeout", "the vehicle did not acknowledge the clearing")]
        self._tries += 1
        self._due_s = now_s + RETRY_S
        return [
            dialect.MAVLink_mission_clear_all_message(
                self._system, self._component, mission_type=self._type
            )
        ], []

    def cancel(self) -> Step:
        """Stop asking; the vehicle may have cleared already."""
        if self.finished:
            return [], []
        self.finished = True
        return [], [TransferFailed("cancelled", "the clearing was cancelled")]
