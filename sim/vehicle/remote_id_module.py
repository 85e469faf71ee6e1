"""A Remote ID module beside the autopilot: it says what it lacks until the ground station tells it.

https://mavlink.io/en/services/opendroneid.html
"""

import math
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["MODULE", "RemoteIdModule"]

MODULE = mavlink.MAV_COMP_ID_ODID_TXRX_1
_EVERY_S = 1.0
_OLD_S = 3.0
"""Of SYSTEM; as ArduPilot counts it."""
_NEEDED = {
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_BASIC_ID: "BASIC_ID",
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_OPERATOR_ID: "OPERATOR_ID",
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_SYSTEM: "SYSTEM",
}

Send = Callable[[mavlink.MAVLink_message], None]


class RemoteIdModule:
    """What it was told, and what it says of it."""

    def __init__(self, send: Send) -> None:
        """Prepare the module; `send` speaks for it."""
        self._send = send
        self._heard_s: dict[str, float] = {}
        self._due_s = -math.inf
        self.operator: tuple[float, float] | None = None
        """Latitude and longitude that it broadcasts."""

    def receive(self, message: Any, now_s: float) -> None:
        """Take in what the ground station says."""
        name = _NEEDED.get(message.get_msgId())
        if name is None:
            return
        self._heard_s[name] = now_s
        if name == "SYSTEM":
            self.operator = message.operator_latitude / 1e7, message.operator_longitude / 1e7

    def step(self, now_s: float) -> None:
        """Say once a second how it is."""
        if now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        old = now_s - self._heard_s.get("SYSTEM", -math.inf) > _OLD_S
        lacks = [name for name in _NEEDED.values() if name not in self._heard_s]
        if old and "SYSTEM" not in lacks:
            lacks.append("SYSTEM")
        status = mavlink.MAV_ODID_ARM_STATUS_PRE_ARM_FAIL_GENERIC
        if not lacks:
            status = mavlink.MAV_ODID_ARM_STATUS_GOOD_TO_ARM
        words = f"missing {', '.join(lacks)}" if lacks else ""
        self._send(
            mavlink.MAVLink_heartbeat_message(
                mavlink.MAV_TYPE_ODID, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 0, 3
            )
        )
        self._send(mavlink.MAVLink_open_drone_id_arm_status_message(status, words.encode()[:50]))
