"""Who reports from the field, calls for help, and answers."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["REPORT_ANSWER", "REPORT_OWN", "REPORT_SEND", "REPORT_VIEW", "SOS_END", "SOS_SEND"]

REPORT_VIEW = Permission.of("field_report.view", *STAFF)
REPORT_OWN = Permission.of("field_report.own", Role.INSPECTOR, Role.REPORTER)
REPORT_SEND = Permission.of("field_report.send", Role.INSPECTOR, Role.REPORTER)
REPORT_ANSWER = Permission.of("field_report.answer", Role.COMMANDER, Role.DUTY_OFFICER)
SOS_SEND = Permission.of("sos.send", Role.INSPECTOR, Role.REPORTER)
"""Raise one on one's own handheld, and cancel it with a reason."""
SOS_END = Permission.of("sos.end", Role.INSPECTOR, Role.REPORTER, Role.COMMANDER, Role.DUTY_OFFICER)
"""Cancel one: command any, others their own."""
