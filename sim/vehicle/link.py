"""One MAVLink connection of the vehicle: frames in and out, and the streams it asked for."""

from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["STREAMS", "VehicleLink"]

_HEARTBEAT_S = 1.0
_TIMESYNC_S = 10.0
_MAX_INTERVAL_S = 60.0
_FASTEST_S = 0.02

STREAMS: dict[int, tuple[int, ...]] = {
    mavlink.MAV_DATA_STREAM_RAW_SENSORS: (mavlink.MAVLINK_MSG_ID_VIBRATION,),
    mavlink.MAV_DATA_STREAM_EXTENDED_STATUS: (
        mavlink.MAVLINK_MSG_ID_SYS_STATUS,
        mavlink.MAVLINK_MSG_ID_POWER_STATUS,
        mavlink.MAVLINK_MSG_ID_MEMINFO,
        mavlink.MAVLINK_MSG_ID_MISSION_CURRENT,
        mavlink.MAVLINK_MSG_ID_GPS_RAW_INT,
        mavlink.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT,
        mavlink.MAVLINK_MSG_ID_FENCE_STATUS,
        mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT,
    ),
    mavlink.MAV_DATA_STREAM_RC_CHANNELS: (
        mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW,
        mavlink.MAVLINK_MSG_ID_RC_CHANNELS,
    ),
    mavlink.MAV_DATA_STREAM_POSITION: (
        mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
        mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED,
    ),
    mavlink.MAV_DATA_STREAM_EXTRA1: (mavlink.MAVLINK_MSG_ID_ATTITUDE,),
    mavlink.MAV_DATA_STREAM_EXTRA2: (mavlink.MAVLINK_MSG_ID_VFR_HUD,),
    mavlink.MAV_DATA_STREAM_EXTRA3: (
        mavlink.MAVLINK_MSG_ID_SYSTEM_TIME,
        mavlink.MAVLINK_MSG_ID_WIND,
        mavlink.MAVLINK_MSG_ID_TERRAIN_REPORT,
        mavlink.MAVLINK_MSG_ID_BATTERY_STATUS,
        mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS,
        mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
        mavlink.MAVLINK_MSG_ID_VIBRATION,
    ),
}
"""Messages of each REQUEST_DATA_STREAM group, as far as this vehicle has them."""


class VehicleLink:
    """Parser, sequence numbers and message intervals of one peer; `write` takes whole frames."""

    def __init__(self, sysid: int, write: Callable[[bytes], None], now_s: float) -> None:
        self._codec = mavlink.MAVLink(None, srcSystem=sysid, srcComponent=1)
        self._codec.robust_parsing = True
        self._others: dict[int, mavlink.MAVLink] = {}
        self._write = write
        self._intervals: dict[int, float] = {}
        self._due_s: dict[int, float] = {}
        self._heartbeat_s = now_s
        self._timesync_s = now_s + _TIMESYNC_S
        self.frames_in = 0
        self.frames_bad = 0
        self.closed = False

    def close(self) -> None:
        """Stop sending; the peer is gone."""
        self.closed = True

    def receive(self, data: bytes) -> list[mavlink.MAVLink_message]:
        """Whole valid messages in arriving bytes; garbage between them is counted and skipped."""
        good: list[mavlink.MAVLink_message] = []
        for message in self._codec.parse_buffer(data) or []:
            if message.get_type() == "BAD_DATA" or message.get_type().startswith("UNKNOWN"):
                self.frames_bad += 1
            else:
                self.frames_in += 1
                good.append(message)
        return good

    def send(self, message: mavlink.MAVLink_message) -> None:
        """Frame a message of the autopilot and hand it to the wire."""
        self._send(self._codec, message)

    def send_as(self, component: int, message: mavlink.MAVLink_message) -> None:
        """Send a message of another component, which counts its own frames."""
        if component not in self._others:
            self._others[component] = mavlink.MAVLink(
                None, srcSystem=self._codec.srcSystem, srcComponent=component
            )
        self._send(self._others[component], message)

    def _send(self, codec: mavlink.MAVLink, message: mavlink.MAVLink_message) -> None:
        if self.closed:
            return
        frame = message.pack(codec)
        codec.seq = (codec.seq + 1) % 256
        self._write(bytes(frame))

    # --- Streams -----------------------------------------------------------------------------

    def interval_us(self, message_id: int) -> int:
        """MESSAGE_INTERVAL's answer: -1 where the message is off."""
        interval = self._intervals.get(message_id)
        return -1 if interval is None else round(interval * 1e6)

    def set_interval(self, message_id: int, interval_us: float, now_s: float) -> None:
        """Stream a message; 0 and negative numbers switch it off (the default here)."""
        if interval_us <= 0:
            self._intervals.pop(message_id, None)
            self._due_s.pop(message_id, None)
            return
        interval_s = min(_MAX_INTERVAL_S, max(_FASTEST_S, interval_us * 1e-6))
        self._intervals[message_id] = interval_s
        self._due_s.setdefault(message_id, now_s)

    def set_stream(self, stream: int, rate_hz: int, *, start: bool, now_s: float) -> None:
        """REQUEST_DATA_STREAM: one group, or all of them by group 0."""
        if stream == mavlink.MAV_DATA_STREAM_ALL:
            groups = list(STREAMS.values())
        else:
            groups = [STREAMS[stream]] if stream in STREAMS else []
        interval_us = 1e6 / rate_hz if start and rate_hz > 0 else -1
        for group in groups:
            for message_id in group:
                self.set_interval(message_id, interval_us, now_s)

    def due(self, now_s: float) -> list[int]:
        """Ids of the messages to send now."""
        ids: list[int] = []
        if now_s >= self._heartbeat_s:
            self._heartbeat_s += _HEARTBEAT_S
            if self._heartbeat_s <= now_s:
                self._heartbeat_s = now_s + _HEARTBEAT_S
            ids.append(mavlink.MAVLINK_MSG_ID_HEARTBEAT)
        for message_id, due_s in self._due_s.items():
            if now_s >= due_s:
                ids.append(message_id)
        for message_id in ids:
            interval = self._intervals.get(message_id)
            if interval is not None and message_id in self._due_s:
                due_s = self._due_s[message_id] + interval
                self._due_s[message_id] = due_s if due_s > now_s else now_s + interval
        return ids

    def timesync_due(self, now_s: float) -> bool:
        """Whether it is time to ask the peer for its clock."""
        if now_s < self._timesync_s:
            return False
        self._timesync_s = now_s + _TIMESYNC_S
        return True
