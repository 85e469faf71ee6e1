"""Who may see, make, approve and close inspections and their documents."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = [
    "INSPECTION_APPROVE",
    "INSPECTION_ASSIGN",
    "INSPECTION_OPEN",
    "INSPECTION_SETUP",
    "INSPECTION_VIEW",
    "INSPECTION_WORK",
    "NUMBERS_VIEW",
]

INSPECTION_VIEW = Permission.of("inspection.view", *STAFF)
INSPECTION_OPEN = Permission.of(
    "inspection.open", Role.INSPECTOR, Role.COMMANDER, Role.DUTY_OFFICER
)
"""Plan an inspection, or begin one on the spot."""
INSPECTION_WORK = Permission.of("inspection.work", Role.INSPECTOR)
"""Enter, write, sign and serve; the chain says who of them may do what."""
INSPECTION_SETUP = Permission.of("inspection.setup", Role.ADMIN)
"""Offices, and officers with their certificates."""
INSPECTION_ASSIGN = Permission.of("inspection.assign", Role.COMMANDER, Role.DUTY_OFFICER)
"""Plan inspections and give them to officers and handhelds."""
INSPECTION_APPROVE = Permission.of("inspection.approve", Role.COMMANDER)
"""Approve plans, coercive measures and cases: the head of the bureau or who acts for them."""
NUMBERS_VIEW = Permission.of(
    "inspection.numbers.view", Role.COMMANDER, Role.DUTY_OFFICER, Role.AUDITOR, Role.ADMIN
)
"""The account of drawn, used and unused document numbers."""
