"""Who may see pictures, live or recorded, and who may take them out or have them kept."""

from field_api.core.roles import Permission, Role

__all__ = ["FOOTAGE_EXPORT", "VIDEO_VIEW"]

VIDEO_VIEW = Permission.of(
    "video.view", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT, Role.AUDITOR, Role.ADMIN
)
"""Every picture of one's areas, live and recorded."""
FOOTAGE_EXPORT = Permission.of("footage.export", Role.COMMANDER, Role.DUTY_OFFICER)
"""To take a still or a clip out, and to have footage kept; what was taken out is read by whoever
sees video, the auditor among them."""
