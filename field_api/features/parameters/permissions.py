"""Who may see and change what is set in aircraft."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["PARAMETER_CHANGE", "PARAMETER_VIEW"]

PARAMETER_VIEW = Permission.of("parameter.view", *STAFF)
PARAMETER_CHANGE = Permission.of("parameter.change", Role.PILOT)
"""Read them anew, set them, keep sets of them."""
