"""Who may see and make handovers."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["HANDOVER_VIEW", "HANDOVER_WRITE"]

HANDOVER_VIEW = Permission.of("handover.view", *STAFF)
HANDOVER_WRITE = Permission.of("handover.write", Role.COMMANDER, Role.DUTY_OFFICER)
"""Sign off a shift, and take one over."""
