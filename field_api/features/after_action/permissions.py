"""Who may take an incident's records out as one package."""

from field_api.core.roles import Permission, Role

__all__ = ["INCIDENT_PACKAGE"]

INCIDENT_PACKAGE = Permission.of("incident.package", Role.COMMANDER, Role.AUDITOR)
"""Everything known of an incident, names of people and pictures as taken included."""
