"""Who asks for a drone's view of a place, and who answers."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["VIEW_ANSWER", "VIEW_ASK", "VIEW_OWN", "VIEW_REQUEST_VIEW"]

VIEW_REQUEST_VIEW = Permission.of("view_request.view", *STAFF)
VIEW_OWN = Permission.of("view_request.own", Role.INSPECTOR, Role.REPORTER)
"""See what was asked from one's own handheld."""
VIEW_ASK = Permission.of("view_request.ask", Role.INSPECTOR, Role.REPORTER)
"""Ask from one's own handheld, and take it back."""
VIEW_ANSWER = Permission.of("view_request.answer", Role.PILOT, Role.DUTY_OFFICER, Role.COMMANDER)
