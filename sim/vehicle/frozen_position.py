"""A fault of our own: the position a vehicle tells stands still while it flies on."""

from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["FREEZE_PARAMETER", "FrozenPosition"]

FREEZE_PARAMETER = "SIM_POS_FREEZE"
"""0: off. 1: the last position is told again and again, with a fresh time. 2: it is told no more.
ArduCopter has no such fault; heartbeats, attitude and everything else go on."""

_POSITIONS = frozenset(
    {
        mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
        mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED,
        mavlink.MAVLINK_MSG_ID_GPS_RAW_INT,
    }
)
_TIMES = ("time_boot_ms", "time_usec")

Message = Any
"""A pymavlink message; its attributes are made at run time."""


class FrozenPosition:
    """Keeps the last message of each kind that tells a position."""

    def __init__(self) -> None:
        self._last: dict[int, Message] = {}

    def told(self, message: Message, freeze: int) -> Message | None:
        """What is sent instead of a message, under a value of the parameter; None is nothing."""
        message_id = message.get_msgId()
        if message_id not in _POSITIONS:
            return message
        if freeze <= 0:
            self._last[message_id] = message
            return message
        if freeze > 1:
            return None
        last = self._last.setdefault(message_id, message)
        for name in _TIMES:
            if hasattr(message, name):
                setattr(last, name, getattr(message, name))
        return last
