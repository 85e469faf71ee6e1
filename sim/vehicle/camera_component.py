"""The camera on the gimbal: a MAVLink component of its own, by the camera protocol v2.

https://mavlink.io/en/services/camera.html. It zooms and takes pictures; what it films is drawn by
a camera process, which learns the field of view from CAMERA_FOV_STATUS.
"""

import math
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.link import VehicleLink

__all__ = ["CAMERA_COMPONENT", "CameraComponent"]

CAMERA_COMPONENT = mavlink.MAV_COMP_ID_CAMERA
LONGEST_ZOOM = 6.0
"""Times the widest focal length."""
PERIOD_S = 0.5
CAPABILITIES = mavlink.CAMERA_CAP_FLAGS_CAPTURE_IMAGE | mavlink.CAMERA_CAP_FLAGS_HAS_BASIC_ZOOM

Message = Any
"""A decoded pymavlink message; its attributes are made at run time."""


class CameraComponent:
    """One camera; `vehicle` gives it time and place."""

    def __init__(self, widest_hfov_deg: float, width_px: int = 1280, height_px: int = 720) -> None:
        self._widest_hfov_deg = widest_hfov_deg
        self._width_px, self._height_px = width_px, height_px
        self.zoom_percent = 0.0
        self.photo_count = 0
        self._due_s = 0.0

    @property
    def hfov_deg(self) -> float:
        """Horizontal field of view as zoomed now."""
        factor = 1.0 + (LONGEST_ZOOM - 1.0) * self.zoom_percent / 100.0
        half = math.tan(math.radians(self._widest_hfov_deg) / 2) / factor
        return math.degrees(2 * math.atan(half))

    def step(self, now_s: float, boot_ms: int, links: list[VehicleLink]) -> None:
        """Say that it is there and what it sees, as long as it is switched on."""
        if now_s < self._due_s:
            return
        self._due_s = now_s + PERIOD_S
        beat = mavlink.MAVLink_heartbeat_message(
            mavlink.MAV_TYPE_CAMERA, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3
        )
        for link in links:
            link.send_as(CAMERA_COMPONENT, beat)
            link.send_as(CAMERA_COMPONENT, self._fov(boot_ms))

    def command(
        self, link: VehicleLink, message: Message, boot_ms: int, place: tuple[float, float, float]
    ) -> None:
        """Carry out a COMMAND_LONG addressed to it and answer.

        Args:
            link: who asks.
            message: the command.
            boot_ms: time since power-on.
            place: latitude and longitude in degrees, metres above mean sea level.
        """
        replies: list[mavlink.MAVLink_message] = []
        result = self._run(message, boot_ms, place, replies)
        link.send_as(
            CAMERA_COMPONENT,
            mavlink.MAVLink_command_ack_message(
                message.command,
                result,
                0,
                0,
                message.get_srcSystem(),
                message.get_srcComponent(),
            ),
        )
        for reply in replies:
            link.send_as(CAMERA_COMPONENT, reply)

    def _run(
        self,
        message: Message,
        boot_ms: int,
        place: tuple[float, float, float],
        replies: list[mavlink.MAVLink_message],
    ) -> int:
        if not all(math.isfinite(getattr(message, f"param{n}")) for n in (1, 2, 3)):
            return mavlink.MAV_RESULT_DENIED
        if message.command == mavlink.MAV_CMD_REQUEST_MESSAGE:
            build = {
                mavlink.MAVLINK_MSG_ID_CAMERA_INFORMATION: self._information,
                mavlink.MAVLINK_MSG_ID_CAMERA_SETTINGS: self._settings,
                mavlink.MAVLINK_MSG_ID_CAMERA_FOV_STATUS: self._fov,
                mavlink.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS: self._capture,
            }.get(int(message.param1))
            if build is None:
                return mavlink.MAV_RESULT_FAILED
            replies.append(build(boot_ms))
            return mavlink.MAV_RESULT_ACCEPTED
        if message.command == mavlink.MAV_CMD_SET_CAMERA_ZOOM:
            if message.param1 != mavlink.ZOOM_TYPE_RANGE or not 0 <= message.param2 <= 100:
                return mavlink.MAV_RESULT_DENIED
            self.zoom_percent = float(message.param2)
            replies += [self._settings(boot_ms), self._fov(boot_ms)]
            return mavlink.MAV_RESULT_ACCEPTED
        if message.command == mavlink.MAV_CMD_IMAGE_START_CAPTURE:
            if message.param3 != 1:
                return mavlink.MAV_RESULT_DENIED  # one picture at a time
            replies.append(self._captured(boot_ms, place))
            self.photo_count += 1
            return mavlink.MAV_RESULT_ACCEPTED
        return mavlink.MAV_RESULT_UNSUPPORTED

    def _information(self, boot_ms: int) -> mavlink.MAVLink_message:
        return mavlink.MAVLink_camera_information_message(
            boot_ms,
            list(b"Xunshan".ljust(32, b"\0")),
            list(b"simulated".ljust(32, b"\0")),
            0,
            0.0,
            0.0,
            0.0,
            self._width_px,
            self._height_px,
            0,
            CAPABILITIES,
            0,
            b"",
        )

    def _settings(self, boot_ms: int) -> mavlink.MAVLink_message:
        return mavlink.MAVLink_camera_settings_message(
            boot_ms, mavlink.CAMERA_MODE_VIDEO, self.zoom_percent, math.nan
        )

    def _capture(self, boot_ms: int) -> mavlink.MAVLink_message:
        return mavlink.MAVLink_camera_capture_status_message(
            boot_ms, 0, 1, 0.0, 0, 1000.0, self.photo_count
        )

    def _fov(self, boot_ms: int) -> mavlink.MAVLink_message:
        half = math.tan(math.radians(self.hfov_deg) / 2) * self._height_px / self._width_px
        unknown = 2**31 - 1
        return mavlink.MAVLink_camera_fov_status_message(
            boot_ms,
            unknown,
            unknown,
            unknown,
            unknown,
            unknown,
            unknown,
            [1.0, 0.0, 0.0, 0.0],
            self.hfov_deg,
            math.degrees(2 * math.atan(half)),
        )

    def _captured(self, boot_ms: int, place: tuple[float, float, float]) -> mavlink.MAVLink_message:
        lat_deg, lon_deg, amsl_m = place
        return mavlink.MAVLink_camera_image_captured_message(
            boot_ms,
            0,
            1,
            round(lat_deg * 1e7),
            round(lon_deg * 1e7),
            round(amsl_m * 1000),
            0,
            [1.0, 0.0, 0.0, 0.0],
            self.photo_count,
            1,
            b"",
        )
