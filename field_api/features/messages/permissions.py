"""Who reads and writes in an incident's channel."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["MESSAGE_OWN", "MESSAGE_SEND", "MESSAGE_VIEW"]

MESSAGE_VIEW = Permission.of("message.view", *STAFF)
MESSAGE_OWN = Permission.of("message.own", Role.INSPECTOR, Role.REPORTER)
"""Read what belongs to the tasks of one's own handheld."""
MESSAGE_SEND = Permission.of(
    "message.send",
    Role.COMMANDER,
    Role.DUTY_OFFICER,
    Role.PILOT,
    Role.INSPECTOR,
    Role.REPORTER,
)
