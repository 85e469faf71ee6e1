"""The pose of a vehicle as its own telemetry tells it, for a camera in another process.

Works the same with a simulated vehicle and with the real ArduCopter: it only speaks MAVLink.
"""

import bisect
import math
from collections import deque
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from mission_plans.ground.geodesy import metres_per_degree

__all__ = ["Pose", "PoseTrack"]

_HISTORY_S = 4.0
_MOST_AHEAD_MS = 500
"""Poses are extrapolated no further than this beyond the newest message."""
_RESTART_MS = 1000
"""Time since boot that runs back further than this means that the vehicle was restarted."""
_ASK_AGAIN_S = 5.0
_CAMERA_COMPONENT = 100
_STREAMS_HZ = {
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 25.0,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 25.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: 10.0,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: 2.0,
}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the vehicle was and how it and its camera were turned, at `t_ms` (vehicle UTC)."""

    t_ms: int
    lat_deg: float
    lon_deg: float
    amsl_m: float
    relative_m: float
    roll_deg: float
    pitch_deg: float
    yaw_deg: float
    north_ms: float
    east_ms: float
    up_ms: float
    gimbal_pitch_deg: float
    """Against the horizon; -90 looks straight down."""
    gimbal_yaw_deg: float
    """Against the nose."""
    hfov_deg: float | None = None
    """Horizontal field of view, where the camera itself says it."""


@dataclass(slots=True)
class _Position:
    boot_ms: int
    lat_deg: float
    lon_deg: float
    amsl_m: float
    relative_m: float
    north_ms: float
    east_ms: float
    up_ms: float


@dataclass(slots=True)
class _Turn:
    boot_ms: int
    roll_deg: float
    pitch_deg: float
    yaw_deg: float


def _between(first: float, second: float, share: float) -> float:
    return first + (second - first) * share


def _between_angles(first: float, second: float, share: float) -> float:
    return first + ((second - first + 180.0) % 360.0 - 180.0) * share


class PoseTrack:
    """Sans-I/O reader of one vehicle's pose: bytes in, requests out, poses at any recent time."""

    def __init__(self, sysid: int) -> None:
        self.sysid = sysid
        self._codec = mavlink.MAVLink(None, srcSystem=sysid, srcComponent=_CAMERA_COMPONENT)
        self._codec.robust_parsing = True
        self._positions: deque[_Position] = deque()
        self._turns: deque[_Turn] = deque()
        self._gimbal: tuple[float, float] = (0.0, 0.0)
        self._hfov_deg: float | None = None
        self._utc_minus_boot_ms: int | None = None
        self._newest_boot_ms = 0
        self._asked_s = -math.inf
        self._heartbeat_s = -math.inf
        self.armed = False

    def receive(self, data: bytes) -> None:
        """Take bytes from the vehicle; other systems' messages are left alone."""
        for message in self._codec.parse_buffer(data) or []:
            if message.get_type() == "BAD_DATA" or message.get_srcSystem() != self.sysid:
                continue
            self._take(message)

    def _take(self, message: Any) -> None:  # pymavlink makes its attributes at run time
        kind = message.get_msgId()
        if kind == mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT:
            if message.lat == 0 and message.lon == 0:
                return
            position = _Position(
                message.time_boot_ms,
                message.lat * 1e-7,
                message.lon * 1e-7,
                message.alt * 1e-3,
                message.relative_alt * 1e-3,
                message.vx * 1e-2,
                message.vy * 1e-2,
                -message.vz * 1e-2,
            )
            self._note_time(position.boot_ms)
            if not self._positions or position.boot_ms > self._positions[-1].boot_ms:
                self._positions.append(position)
                _trim(self._positions)
        elif kind == mavlink.MAVLINK_MSG_ID_ATTITUDE:
            angles = (message.roll, message.pitch, message.yaw)
            if not all(math.isfinite(angle) for angle in angles):
                return
            turn = _Turn(message.time_boot_ms, *(math.degrees(angle) for angle in angles))
            self._note_time(turn.boot_ms)
            if not self._turns or turn.boot_ms > self._turns[-1].boot_ms:
                self._turns.append(turn)
                _trim(self._turns)
        elif kind == mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS:
            self._gimbal = _pitch_yaw(message.q) or self._gimbal
        elif kind == mavlink.MAVLINK_MSG_ID_MOUNT_STATUS:
            self._gimbal = message.pointing_a * 1e-2, message.pointing_c * 1e-2
        elif kind == mavlink.MAVLINK_MSG_ID_CAMERA_FOV_STATUS:
            if 1.0 < message.hfov < 170.0:  # NaN is not.
                self._hfov_deg = message.hfov
        elif kind == mavlink.MAVLINK_MSG_ID_SYSTEM_TIME:
            self._note_time(message.time_boot_ms)
            if message.time_unix_usec > 0:
                utc_ms = message.time_unix_usec // 1000
                self._utc_minus_boot_ms = utc_ms - message.time_boot_ms
        elif (
            kind == mavlink.MAVLINK_MSG_ID_HEARTBEAT
            and message.autopilot != mavlink.MAV_AUTOPILOT_INVALID
        ):
            self.armed = bool(message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)

    def _note_time(self, boot_ms: int) -> None:
        if boot_ms < self._newest_boot_ms - _RESTART_MS:
            self._forget()
        self._newest_boot_ms = boot_ms

    def _forget(self) -> None:
        self._positions.clear()
        self._turns.clear()
        self._utc_minus_boot_ms = None
        self._asked_s = -math.inf

    def poll(self, now_s: float) -> bytes:
        """Bytes to send: our heartbeat, and the request for the streams while they are missing."""
        out = b""
        if now_s - self._heartbeat_s >= 1.0:
            self._heartbeat_s = now_s
            out += self._frame(
                mavlink.MAVLink_heartbeat_message(
                    mavlink.MAV_TYPE_CAMERA, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3
                )
            )
        silent = not self._positions or not self._turns or self._utc_minus_boot_ms is None
        if now_s - self._asked_s >= (_ASK_AGAIN_S if not silent else 1.0):
            self._asked_s = now_s
            for message_id, rate_hz in _STREAMS_HZ.items():
                out += self._frame(
                    mavlink.MAVLink_command_long_message(
                        self.sysid,
                        1,
                        mavlink.MAV_CMD_SET_MESSAGE_INTERVAL,
                        0,
                        message_id,
                        1e6 / rate_hz,
                        *(0.0,) * 5,
                    )
                )
        return out

    def _frame(self, message: mavlink.MAVLink_message) -> bytes:
        frame = bytes(message.pack(self._codec))
        self._codec.seq = (self._codec.seq + 1) % 256
        return frame

    @property
    def newest_ms(self) -> int | None:
        """Vehicle UTC of the newest attitude, or None before there is one."""
        if not self._turns or self._utc_minus_boot_ms is None:
            return None
        return self._turns[-1].boot_ms + self._utc_minus_boot_ms

    @property
    def latest(self) -> Pose | None:
        """The newest pose."""
        newest = self.newest_ms
        return None if newest is None else self.pose_at(newest)

    def pose_at(self, t_ms: int) -> Pose | None:
        """The pose at a vehicle UTC, interpolated; None where it lies outside what is known."""
        offset = self._utc_minus_boot_ms
        if offset is None or not self._positions or not self._turns:
            return None
        boot_ms = t_ms - offset
        oldest = max(self._positions[0].boot_ms, self._turns[0].boot_ms)
        newest = min(self._positions[-1].boot_ms, self._turns[-1].boot_ms)
        if not oldest <= boot_ms <= newest + _MOST_AHEAD_MS:
            return None
        place = self._position_at(boot_ms)
        roll, pitch, yaw = self._turn_at(boot_ms)
        return Pose(
            t_ms,
            place.lat_deg,
            place.lon_deg,
            place.amsl_m,
            place.relative_m,
            roll,
            pitch,
            yaw % 360.0,
            place.north_ms,
            place.east_ms,
            place.up_ms,
            *self._gimbal,
            self._hfov_deg,
        )

    def _position_at(self, boot_ms: int) -> _Position:
        index = bisect.bisect_right(self._positions, boot_ms, key=lambda p: p.boot_ms)
        if index == len(self._positions):
            last = self._positions[-1]
            seconds = (boot_ms - last.boot_ms) / 1000.0
            north_m_per_deg, east_m_per_deg = metres_per_degree(last.lat_deg)
            return _Position(
                boot_ms,
                last.lat_deg + last.north_ms * seconds / north_m_per_deg,
                last.lon_deg + last.east_ms * seconds / east_m_per_deg,
                last.amsl_m + last.up_ms * seconds,
                last.relative_m + last.up_ms * seconds,
                last.north_ms,
                last.east_ms,
                last.up_ms,
            )
        a, b = self._positions[max(0, index - 1)], self._positions[index]
        share = (boot_ms - a.boot_ms) / (b.boot_ms - a.boot_ms) if b.boot_ms > a.boot_ms else 0.0
        return _Position(
            boot_ms,
            _between(a.lat_deg, b.lat_deg, share),
            _between(a.lon_deg, b.lon_deg, share),
            _between(a.amsl_m, b.amsl_m, share),
            _between(a.relative_m, b.relative_m, share),
            _between(a.north_ms, b.north_ms, share),
            _between(a.east_ms, b.east_ms, share),
            _between(a.up_ms, b.up_ms, share),
        )

    def _turn_at(self, boot_ms: int) -> tuple[float, float, float]:
        index = bisect.bisect_right(self._turns, boot_ms, key=lambda t: t.boot_ms)
        if index == len(self._turns):
            last = self._turns[-1]
            return last.roll_deg, last.pitch_deg, last.yaw_deg
        a, b = self._turns[max(0, index - 1)], self._turns[index]
        share = (boot_ms - a.boot_ms) / (b.boot_ms - a.boot_ms) if b.boot_ms > a.boot_ms else 0.0
        return (
            _between_angles(a.roll_deg, b.roll_deg, share),
            _between_angles(a.pitch_deg, b.pitch_deg, share),
            _between_angles(a.yaw_deg, b.yaw_deg, share),
        )


def _trim(history: "deque[_Position] | deque[_Turn]") -> None:
    newest = history[-1].boot_ms
    while history[0].boot_ms < newest - _HISTORY_S * 1000.0:
        history.popleft()


def _pitch_yaw(q: list[float]) -> tuple[float, float] | None:
    w, x, y, z = q
    size = math.sqrt(w * w + x * x + y * y + z * z)
    if not math.isfinite(size) or size < 0.5:
        return None
    w, x, y, z = w / size, x / size, y / size, z / size
    pitch = math.asin(min(1.0, max(-1.0, 2.0 * (w * y - z * x))))
    if abs(math.degrees(pitch)) > 89.0:  # straight down: yaw and roll are one angle
        return math.degrees(pitch), 0.0
    yaw = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return math.degrees(pitch), math.degrees(yaw)
