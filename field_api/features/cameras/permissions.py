"""Who may point the cameras of aircraft."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["CAMERA_CONTROL", "CAMERA_VIEW"]

CAMERA_VIEW = Permission.of("camera.view", *STAFF)
CAMERA_CONTROL = Permission.of("camera.control", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT)
