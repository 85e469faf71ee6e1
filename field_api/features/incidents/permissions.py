"""Who may see, open and close incidents."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["INCIDENT_CLOSE", "INCIDENT_EDIT", "INCIDENT_OPEN", "INCIDENT_VIEW", "TIMELINE_VIEW"]

INCIDENT_VIEW = Permission.of("incident.view", *STAFF, Role.REPORTER, Role.GUEST)
INCIDENT_OPEN = Permission.of("incident.open", Role.COMMANDER, Role.DUTY_OFFICER)
INCIDENT_EDIT = Permission.of("incident.edit", Role.COMMANDER, Role.DUTY_OFFICER)
"""Title, text, place, and how many people are missing, found and injured."""
INCIDENT_CLOSE = Permission.of("incident.close", Role.COMMANDER, Role.DUTY_OFFICER)
TIMELINE_VIEW = Permission.of("timeline.view", *STAFF)
"""Who did what and when: names of people, so not for reporters and guests."""
