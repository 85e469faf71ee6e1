"""Who may see and keep registers of the bureau."""

from field_api.core.roles import STAFF, Permission, Role

__all__ = ["REGISTER_VIEW", "REGISTER_WRITE"]

REGISTER_VIEW = Permission.of("register.view", *STAFF)
REGISTER_WRITE = Permission.of("register.write", Role.ADMIN, Role.DUTY_OFFICER, Role.INSPECTOR)
"""An inspector keeps the entries of their own areas: areas bind whoever has any."""
