"""Who may see, write, approve and start plans for emergencies."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["RESPONSE_APPROVE", "RESPONSE_START", "RESPONSE_VIEW", "RESPONSE_WRITE"]

RESPONSE_VIEW = Permission.of("response_plan.view", *STAFF)
RESPONSE_WRITE = Permission.of("response_plan.write", Role.COMMANDER, Role.DUTY_OFFICER)
"""Write editions, and say that a drill was held."""
RESPONSE_APPROVE = Permission.of("response_plan.approve", Role.COMMANDER)
"""Approve an edition, send it back, or withdraw it."""
RESPONSE_START = Permission.of("response_plan.start", Role.COMMANDER, Role.DUTY_OFFICER)
"""Start a plan's actions for an incident, and say that one is done."""
