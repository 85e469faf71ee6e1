"""Who sees, sets and answers check-in timers and roll calls."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["CHECK_IN_OWN", "CHECK_IN_SAY", "CHECK_IN_SET", "CHECK_IN_VIEW"]

CHECK_IN_VIEW = Permission.of("check_in.view", *STAFF)
CHECK_IN_OWN = Permission.of("check_in.own", Role.INSPECTOR, Role.REPORTER)
"""See the timer and the roll calls of one's own handheld."""
CHECK_IN_SET = Permission.of("check_in.set", Role.COMMANDER, Role.DUTY_OFFICER)
"""Set and stop timers, call the roll."""
CHECK_IN_SAY = Permission.of("check_in.say", Role.INSPECTOR, Role.REPORTER)
"""Say on one's own handheld that one is well."""
