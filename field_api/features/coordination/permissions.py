"""Who may see and set up the command of an incident."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["COORDINATION_VIEW", "COORDINATION_WRITE"]

COORDINATION_VIEW = Permission.of("coordination.view", *STAFF)
"""Names and telephone numbers of people: not for reporters and guests."""
COORDINATION_WRITE = Permission.of("coordination.write", Role.COMMANDER, Role.DUTY_OFFICER)
"""Fill command groups, and say that a neighbour was told."""
