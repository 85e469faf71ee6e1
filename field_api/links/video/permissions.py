"""Who may watch video."""

from field_api.core.roles import Permission, Role
from field_api.features.footage.permissions import VIDEO_VIEW

__all__ = ["VIDEO_SEND", "VIDEO_VIEW", "VIDEO_VIEW_INCIDENT"]

VIDEO_VIEW_INCIDENT = Permission.of(
    "video.view_incident", Role.INSPECTOR, Role.REPORTER, Role.GUEST
)
"""The pictures of aircraft that fly for an incident one has a task in or is a guest of."""
VIDEO_SEND = Permission.of("video.send", Role.INSPECTOR, Role.REPORTER)
"""Send the picture of one's own handheld's camera."""
