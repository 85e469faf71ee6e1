"""Asking a vehicle for its telemetry.

A fresh ArduPilot link carries heartbeats and little else. Every wanted message is asked for by
MAV_CMD_SET_MESSAGE_INTERVAL, one at a time, and again while it does not come. Older autopilots
don't know that command: what stays away is asked for by REQUEST_DATA_STREAM as well, in groups.
https://mavlink.io/en/messages/common.html#MAV_CMD_SET_MESSAGE_INTERVAL
"""

import math
from collections import Counter

from fleet.mavlink import Message, dialect

__all__ = ["GROUPS", "WANTED_HZ", "StreamRequests"]

WANTED_HZ: dict[int, float] = {
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 5,
    dialect.MAVLINK_MSG_ID_ATTITUDE: 5,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: 2,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: 2,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 2,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 2,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: 1,
    dialect.MAVLINK_MSG_ID_FENCE_STATUS: 1,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS: 1,
    dialect.MAVLINK_MSG_ID_HOME_POSITION: 0.2,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: 1,
    dialect.MAVLINK_MSG_ID_WIND: 1,
    # One aircraft a message: many of them share the rate.
    dialect.MAVLINK_MSG_ID_ADSB_VEHICLE: 5,
}
RARE_S = {dialect.MAVLINK_MSG_ID_WIND: 30.0, dialect.MAVLINK_MSG_ID_ADSB_VEHICLE: 30.0}
"""What may rightly stay away, without an estimate or without traffic, and how patiently it is asked
for again, seconds."""
GROUPS: dict[int, int] = {
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: dialect.MAV_DATA_STREAM_POSITION,
    dialect.MAVLINK_MSG_ID_ATTITUDE: dialect.MAV_DATA_STREAM_EXTRA1,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: dialect.MAV_DATA_STREAM_EXTENDED_STATUS,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: dialect.MAV_DATA_STREAM_EXTENDED_STATUS,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: dialect.MAV_DATA_STREAM_EXTENDED_STATUS,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: dialect.MAV_DATA_STREAM_EXTRA3,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS: dialect.MAV_DATA_STREAM_EXTRA3,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: dialect.MAV_DATA_STREAM_EXTRA3,
}
"""The group of older autopilots in which ArduPilot sends a message; some are in none.

FENCE_STATUS is left out: it does not come without a fence, and a group must not be asked for anew
again and again for that.
"""

ASK_EVERY_S = 0.12
"""Requests are spread so that they don't flood a slow radio."""

QUIET_FACTOR = 4.0
"""A message is asked for again when it is this many periods late."""

PATIENT_ASKS = 3
"""After so many requests in vain every other one goes the older way: it may be mere loss."""


class StreamRequests:
    """What one vehicle still has to be asked for."""

    def __init__(self, system: int, component: int) -> None:
        self._system = system
        self._component = component
        self._heard: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._in_vain: Counter[int] = Counter()
        """Requests since a message last came."""
        self._older = False
        self._next_s = -math.inf

    def received(self, message_id: int, now_s: float) -> None:
        """Note that a message came."""
        if message_id in WANTED_HZ:
            self._heard[message_id] = now_s
            self._in_vain[message_id] = 0

    def answered(self, message: Message) -> None:
        """Note a COMMAND_ACK of this vehicle; one that does not know the command is asked anew."""
        if (
            message.get_type() == "COMMAND_ACK"
            and message.command == dialect.MAV_CMD_SET_MESSAGE_INTERVAL
            and message.result == dialect.MAV_RESULT_UNSUPPORTED
            and not self._older
        ):
            self._older = True
            self._asked.clear()

    def restart(self) -> None:
        """Forget everything: the vehicle restarted or its link is new."""
        self._heard.clear()
        self._asked.clear()
        self._in_vain.clear()
        self._older = False

    def poll(self, now_s: float) -> list[Message]:
        """Return at most one request."""
        if now_s < self._next_s:
            return []
        for message_id, rate_hz in WANTED_HZ.items():
            patience_s = RARE_S.get(message_id, max(2.0, QUIET_FACTOR / rate_hz))
            last = max(
                self._heard.get(message_id, -math.inf), self._asked.get(message_id, -math.inf)
            )
            if now_s - last < patience_s:
                continue
            self._asked[message_id] = now_s
            self._next_s = now_s + ASK_EVERY_S
            tries = self._in_vain[message_id]
            self._in_vain[message_id] += 1
            group = GROUPS.get(message_id)
            older = self._older or (tries >= PATIENT_ASKS and tries % 2)
            if older and group is not None:
                return [self._group(group, now_s)]
            return [self._interval(message_id, rate_hz)]
        return []

    def _group(self, group: int, now_s: float) -> Message:
        members = [message_id for message_id, of in GROUPS.items() if of == group]
        for message_id in members:
            self._asked[message_id] = now_s
        rate_hz = math.ceil(max(WANTED_HZ[message_id] for message_id in members))
        return dialect.MAVLink_request_data_stream_message(
            self._system, self._component, group, rate_hz, 1
        )

    def _interval(self, message_id: int, rate_hz: float) -> Message:
        return dialect.MAVLink_command_long_message(
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
