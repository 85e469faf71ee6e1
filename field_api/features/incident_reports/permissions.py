"""Who may see, write, approve and send reports of incidents."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["REPORT_APPROVE", "REPORT_VIEW", "REPORT_WRITE"]

REPORT_VIEW = Permission.of("incident_report.view", *STAFF)
REPORT_WRITE = Permission.of("incident_report.write", Role.COMMANDER, Role.DUTY_OFFICER)
"""State facts, draft and edit reports, say that one was sent and acknowledged."""
REPORT_APPROVE = Permission.of("incident_report.approve", Role.COMMANDER)
"""Issue a report, or send it back."""
