"""Who may see, make and authorise plans."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["PLAN_AUTHORISE", "PLAN_MAKE", "PLAN_OVERRIDE", "PLAN_VIEW"]

PLAN_VIEW = Permission.of("plan.view", *STAFF)
PLAN_MAKE = Permission.of("plan.make", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT)
PLAN_AUTHORISE = Permission.of("plan.authorise", Role.COMMANDER, Role.PILOT)
PLAN_OVERRIDE = Permission.of("plan.override", Role.COMMANDER)
"""Authorise against a failed blocking check."""
