"""Who may see where handhelds are, and say where one's own is."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["POSITION_OWN", "POSITION_SEND", "POSITION_VIEW"]

POSITION_VIEW = Permission.of("position.view", *STAFF)
POSITION_OWN = Permission.of("position.own", Role.INSPECTOR, Role.REPORTER)
POSITION_SEND = Permission.of("position.send", Role.INSPECTOR, Role.REPORTER)
