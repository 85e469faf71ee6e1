"""Who may see and keep the roster."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["AIRSPACE_APPROVE", "ROSTER_OWN", "ROSTER_VIEW", "ROSTER_WRITE"]

ROSTER_VIEW = Permission.of("roster.view", *STAFF)
ROSTER_OWN = Permission.of("roster.own", Role.REPORTER)
"""One's own handheld's entry."""
ROSTER_WRITE = Permission.of("roster.write", Role.ADMIN)
AIRSPACE_APPROVE = Permission.of("airspace.approve", Role.COMMANDER, Role.DUTY_OFFICER)
"""Bind the aviation authority's approval to a controlled area."""
