"""Asking a vehicle for its telemetry.

A fresh ArduPilot link carries heartbeats and little else. Every wanted message is asked for by
MAV_CMD_SET_MESSAGE_INTERVAL, one at a time, and again while it does not come.
"""

import math

from fleet.mavlink import Message, dialect

__all__ = ["WANTED_HZ", "StreamRequests"]

WANTED_HZ: dict[int, float] = {
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 5,
    dialect.MAVLINK_MSG_ID_ATTITUDE: 5,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: 2,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: 2,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 2,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 2,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: 1,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS: 1,
    dialect.MAVLINK_MSG_ID_HOME_POSITION: 0.2,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: 1,
}
ASK_EVERY_S = 0.12
"""Requests are spread so that they don't flood a slow radio."""

QUIET_FACTOR = 4.0
"""A message is asked for again when it is this many periods late."""


class StreamRequests:
    """What one vehicle still has to be asked for."""

    def __init__(self, system: int, component: int) -> None:
        self._system = system
        self._component = component
        self._heard: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._next_s = -math.inf

    def received(self, message_id: int, now_s: float) -> None:
        """Note that a message came."""
        if message_id in WANTED_HZ:
            self._heard[message_id] = now_s

    def restart(self) -> None:
        """Forget everything: the vehicle restarted or its link is new."""
        self._heard.clear()
        self._asked.clear()

    def poll(self, now_s: float) -> list[Message]:
        """Return at most one request."""
        if now_s < self._next_s:
            return []
        for message_id, rate_hz in WANTED_HZ.items():
            patience_s = max(2.0, QUIET_FACTOR / rate_hz)
            last = max(
                self._heard.get(message_id, -math.inf), self._asked.get(message_id, -math.inf)
            )
            if now_s - last < patience_s:
                continue
            self._asked[message_id] = now_s
            self._next_s = now_s + ASK_EVERY_S
            return [
                dialect.MAVLink_command_long_message(
                    self._system,
                    self._component,
                    dialect.MAV_CMD_SET_MESSAGE_INTERVAL,
                    0,
                    message_id,
                    1e6 / rate_hz,
                    0,
                    0,
                    0,
                    0,
                    0,
                )
            ]
        return []
