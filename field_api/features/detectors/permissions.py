"""Who may see and change how vision nodes look."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["DETECTOR_TUNE", "DETECTOR_VIEW"]

DETECTOR_VIEW = Permission.of("detector.view", *STAFF)
DETECTOR_TUNE = Permission.of("detector.tune", Role.COMMANDER, Role.DUTY_OFFICER)
"""What is not looked for is not found: whoever answers for the alerts."""
