"""Who may see alerts and judge them."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = [
    "DETECTION_EXPORT",
    "DETECTION_MASK",
    "DETECTION_MASK_VIEW",
    "DETECTION_REVIEW",
    "DETECTION_VIEW",
]

DETECTION_VIEW = Permission.of("detection.view", *STAFF, Role.GUEST)
DETECTION_REVIEW = Permission.of("detection.review", Role.COMMANDER, Role.DUTY_OFFICER)
DETECTION_MASK = Permission.of("detection.mask", Role.COMMANDER, Role.DUTY_OFFICER)
"""Silence a spot for a time, and let it be heard again."""
DETECTION_MASK_VIEW = Permission.of("detection_mask.view", *STAFF)
DETECTION_EXPORT = Permission.of("detection.export", Role.COMMANDER, Role.DUTY_OFFICER)
"""Take an alert's pictures out of the command post, with everybody in them unrecognisable or, for a
reason on record, as taken."""
