"""Who may see alerts and judge them."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["DETECTION_REVIEW", "DETECTION_VIEW"]

DETECTION_VIEW = Permission.of("detection.view", *STAFF, Role.GUEST)
DETECTION_REVIEW = Permission.of("detection.review", Role.COMMANDER, Role.DUTY_OFFICER)
