"""Who sees and draws on the shared map of an incident, and who points."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["DRAWING_EDIT", "DRAWING_MAKE", "DRAWING_VIEW", "POINTER_MAKE", "POINTER_VIEW"]

DRAWING_VIEW = Permission.of("drawing.view", *STAFF, Role.REPORTER, Role.GUEST)
DRAWING_MAKE = Permission.of(
    "drawing.make", Role.COMMANDER, Role.DUTY_OFFICER, Role.PILOT, Role.INSPECTOR
)
"""Draw, and change what one has drawn oneself."""
DRAWING_EDIT = Permission.of("drawing.edit", Role.COMMANDER, Role.DUTY_OFFICER)
"""Change and delete what others have drawn."""
POINTER_VIEW = Permission.of("pointer.view", *STAFF, Role.REPORTER, Role.GUEST)
POINTER_MAKE = Permission.of(
    "pointer.make",
    Role.COMMANDER,
    Role.DUTY_OFFICER,
    Role.PILOT,
    Role.INSPECTOR,
    Role.REPORTER,
)
