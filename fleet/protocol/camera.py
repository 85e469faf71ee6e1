"""A camera that is a MAVLink component of its own: what it can do, zoom, pictures.

https://mavlink.io/en/services/camera.html. Found by its heartbeat; asked for its information until
it answers. A picture counts as taken when the camera says which one it was.
"""

import math

from fleet.mavlink import Message, dialect

__all__ = ["CameraProtocol"]

COMPONENTS = range(dialect.MAV_COMP_ID_CAMERA, dialect.MAV_COMP_ID_CAMERA6 + 1)
LOST_S = 5.0
ASK_S = 2.0
ASKS = 5
ZOOM_S = 1.0
ZOOM_TRIES = 4
ZOOM_REACHED = 1.0
NOT_ZOOMED = "相机未变焦 / the camera did not zoom"


class CameraProtocol:
    """The first camera component of one aircraft."""

    def __init__(self, system: int) -> None:
        self._system = system
        self._component: int | None = None
        self._heard_s = -math.inf
        self._flags: int | None = None
        self._asked = 0
        self._ask_s = -math.inf
        self._wanted_zoom: float | None = None
        self._zoom_s = -math.inf
        self._zoom_tries = 0
        self.zoom_percent: float | None = None
        self.hfov_deg: float | None = None
        self.photo_count: int | None = None
        self.problem = ""

    def present(self, now_s: float) -> bool:
        """Whether a camera is heard."""
        return now_s - self._heard_s <= LOST_S

    @property
    def component(self) -> int | None:
        """Its component id, None while none was heard."""
        return self._component

    @property
    def zooms(self) -> bool:
        """Whether it said that it can zoom."""
        return bool((self._flags or 0) & dialect.CAMERA_CAP_FLAGS_HAS_BASIC_ZOOM)

    def zoom(self, percent: float) -> None:
        """Wish a zoom, of its range; it is sent until the camera shows it."""
        self.problem = ""
        self._wanted_zoom, self._zoom_tries, self._zoom_s = percent, 0, -math.inf

    def receive(self, message: Message, now_s: float) -> None:
        """Take in a message of one of the aircraft's components."""
        component = message.get_srcComponent()
        if component not in COMPONENTS or self._component not in (None, component):
            return
        match message.get_type():
            case "HEARTBEAT":
                if now_s - self._heard_s > LOST_S:
                    # It may have been switched off and on again, or be another one.
                    self._component, self._flags, self._asked = component, None, 0
                    self.zoom_percent = self.hfov_deg = self.photo_count = None
                self._heard_s = now_s
            case "CAMERA_INFORMATION":
                self._flags = int(message.flags)
            case "CAMERA_SETTINGS":
                level = message.zoomLevel
                self.zoom_percent = level if 0 <= level <= 100 else None  # NaN is not.
            case "CAMERA_FOV_STATUS":
                self.hfov_deg = message.hfov if 0.1 < message.hfov < 180 else None
            case "CAMERA_CAPTURE_STATUS":
                self.photo_count = max(0, message.image_count)
            case "CAMERA_IMAGE_CAPTURED":
                if message.capture_result == 1:
                    self.photo_count = max(0, message.image_index) + 1
            case _:
                pass

    def poll(self, now_s: float) -> list[Message]:
        """Return what is to be sent now."""
        component = self._component
        if not self.present(now_s) or component is None:
            return []
        out = self._questions(component, now_s)
        wanted = self._wanted_zoom
        if wanted is not None and now_s - self._zoom_s >= ZOOM_S:
            shown = self.zoom_percent
            if self._zoom_tries and shown is not None and abs(shown - wanted) <= ZOOM_REACHED:
                self._wanted_zoom = None
            elif self._zoom_tries >= ZOOM_TRIES:
                self._wanted_zoom = None
                self.problem = NOT_ZOOMED
            else:
                self._zoom_tries += 1
                self._zoom_s = now_s
                by_range = (dialect.ZOOM_TYPE_RANGE, wanted)
                out.append(self._command(component, dialect.MAV_CMD_SET_CAMERA_ZOOM, *by_range))
                out.append(self._request(component, dialect.MAVLINK_MSG_ID_CAMERA_SETTINGS))
        return out

    def _questions(self, component: int, now_s: float) -> list[Message]:
        if self._flags is not None or self._asked >= ASKS or now_s - self._ask_s < ASK_S:
            return []
        self._asked += 1
        self._ask_s = now_s
        return [
            self._request(component, message_id)
            for message_id in (
                dialect.MAVLINK_MSG_ID_CAMERA_INFORMATION,
                dialect.MAVLINK_MSG_ID_CAMERA_SETTINGS,
                dialect.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS,
            )
        ]

    def _request(self, component: int, message_id: int) -> Message:
        return self._command(component, dialect.MAV_CMD_REQUEST_MESSAGE, message_id)

    def _command(self, component: int, command: int, first: float, second: float = 0.0) -> Message:
        params = (first, second, 0.0, 0.0, 0.0, 0.0, 0.0)
        return dialect.MAVLink_command_long_message(self._system, component, command, 0, *params)
