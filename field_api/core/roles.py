"""Roles, permissions and actors, as plain values."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DISTRICT", "STAFF", "SYSTEM", "VIEW", "Actor", "Permission", "Role"]

DISTRICT = "530112"
"""Xishan: every street's and community's code begins with it."""


class Role(StrEnum):
    """What a person does in the field; everyone has exactly one."""

    COMMANDER = "commander"
    DUTY_OFFICER = "duty_officer"
    PILOT = "pilot"
    INSPECTOR = "inspector"
    REPORTER = "reporter"
    AUDITOR = "auditor"
    ADMIN = "admin"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that a route, an operation or a record's reader must be permitted."""

    name: str
    roles: frozenset[Role]

    @classmethod
    def of(cls, name: str, *roles: Role) -> "Permission":
        """Return the permission `name` of these roles."""
        return cls(name, frozenset(roles))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where."""

    id: str
    """User name, `node:ID`, or `system`."""
    name: str
    source: str


STAFF = (
    Role.COMMANDER,
    Role.DUTY_OFFICER,
    Role.PILOT,
    Role.INSPECTOR,
    Role.AUDITOR,
    Role.ADMIN,
)
"""Who works with the whole picture of their areas; reporters see their own tasks."""

VIEW = Permission.of("view", *(role for role in Role if role is not Role.GUEST))
"""The map, areas, and whatever says nothing about people or operations."""

SYSTEM = Actor("system", "系统", "command post")
"""The command post itself: timers."""
