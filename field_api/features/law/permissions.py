"""Who may read the law as it is kept here, and who may change it."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["LAW_VIEW", "LAW_WRITE", "SOURCES_WRITE"]

LAW_VIEW = Permission.of("law.view", *STAFF)
LAW_WRITE = Permission.of("law.write", Role.ADMIN)
"""Clauses, checklists and holidays; confirming a clause is such an edit, with its history."""
SOURCES_WRITE = Permission.of("law.sources", Role.ADMIN, Role.DUTY_OFFICER, Role.INSPECTOR)
"""Dangerous sources: an inspector keeps those of their own areas."""
