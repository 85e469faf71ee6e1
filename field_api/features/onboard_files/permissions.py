"""Who may look into aircraft's files."""

from field_api.core.roles import Permission, Role

__all__ = ["FILES_READ"]

FILES_READ = Permission.of("onboard_files.read", Role.COMMANDER, Role.PILOT)
