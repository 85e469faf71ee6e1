"""Who may send files and see them."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["MEDIA_OWN", "MEDIA_VIEW", "MEDIA_WRITE"]

MEDIA_VIEW = Permission.of("media.view", *STAFF, Role.GUEST)
MEDIA_OWN = Permission.of("media.own", Role.REPORTER)
"""One's own files and those that belong to one's own tasks."""
MEDIA_WRITE = Permission.of(
    "media.write",
    Role.COMMANDER,
    Role.DUTY_OFFICER,
    Role.PILOT,
    Role.INSPECTOR,
    Role.REPORTER,
)
