"""Who may watch video."""

from field_api.core.roles import Permission, Role

__all__ = ["VIDEO_VIEW", "VIDEO_VIEW_INCIDENT"]

VIDEO_VIEW = Permission.of(
    "video.view", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT, Role.AUDITOR, Role.ADMIN
)
"""Every picture of one's areas."""
VIDEO_VIEW_INCIDENT = Permission.of(
    "video.view_incident", Role.INSPECTOR, Role.REPORTER, Role.GUEST
)
"""The pictures of aircraft that fly for an incident one has a task in or is a guest of."""
