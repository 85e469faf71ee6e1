"""Who writes, approves, publishes and sees warnings."""

from field_api.core.roles import STAFF, VIEW, Permission, Role

__all__ = [
    "WARNING_APPROVE",
    "WARNING_DRAFT",
    "WARNING_DRAFT_VIEW",
    "WARNING_PUBLISH",
    "WARNING_RECEIPT_OWN",
    "WARNING_RECEIPT_VIEW",
    "WARNING_SEEN",
    "WARNING_VIEW",
]

WARNING_VIEW = Permission.of("warning.view", *VIEW.roles)
"""See what was published or received: it is meant for everybody."""
WARNING_DRAFT_VIEW = Permission.of("warning_draft.view", *STAFF)
WARNING_DRAFT = Permission.of("warning.draft", Role.COMMANDER, Role.DUTY_OFFICER)
"""Write one, and take in the file of another body."""
WARNING_APPROVE = Permission.of("warning.approve", Role.COMMANDER)
WARNING_PUBLISH = Permission.of("warning.publish", Role.COMMANDER, Role.DUTY_OFFICER)
"""Publish what is approved, and lift what is in force."""
WARNING_SEEN = Permission.of("warning.seen", Role.INSPECTOR, Role.REPORTER, Role.PILOT)
"""Say on one's own handheld that one has seen it."""
WARNING_RECEIPT_VIEW = Permission.of("warning_receipt.view", *STAFF)
WARNING_RECEIPT_OWN = Permission.of("warning_receipt.own", Role.INSPECTOR, Role.REPORTER)
