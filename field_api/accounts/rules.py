"""Roles and what they permit, lock-out and session expiry, on plain values."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "LoginState",
    "Permission",
    "Role",
    "after_failure",
    "locked_for_ms",
    "password_fault",
    "permits",
]


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


class Permission(StrEnum):
    """One thing a route may ask for."""

    VIEW = "view"
    """See incidents, vehicles, video and detections."""
    INCIDENT_OPEN = "incident.open"
    INCIDENT_CLOSE = "incident.close"
    PLAN_MAKE = "plan.make"
    PLAN_AUTHORISE = "plan.authorise"
    PLAN_OVERRIDE = "plan.override"
    """Authorise against a failed blocking check."""
    FLIGHT_COMMAND = "flight.command"
    DETECTION_REVIEW = "detection.review"
    TASK_ASSIGN = "task.assign"
    TASK_WORK = "task.work"
    """Receipt, report and position of one's own terminal."""
    MEDIA_WRITE = "media.write"
    AIRSPACE_APPROVE = "airspace.approve"
    """Bind the aviation authority's approval to a controlled area."""
    AUDIT_READ = "audit.read"
    USER_ADMIN = "user.admin"
    ACCOUNT_UNLOCK = "account.unlock"
    """Break-glass: open a locked account in an emergency, with a reason on record."""


_P = Permission

_PERMITS: dict[Role, frozenset[Permission]] = {
    Role.COMMANDER: frozenset(
        {
            _P.VIEW,
            _P.INCIDENT_OPEN,
            _P.INCIDENT_CLOSE,
            _P.PLAN_MAKE,
            _P.PLAN_AUTHORISE,
            _P.PLAN_OVERRIDE,
            _P.FLIGHT_COMMAND,
            _P.DETECTION_REVIEW,
            _P.TASK_ASSIGN,
            _P.MEDIA_WRITE,
            _P.AIRSPACE_APPROVE,
            _P.ACCOUNT_UNLOCK,
        }
    ),
    Role.DUTY_OFFICER: frozenset(
        {
            _P.VIEW,
            _P.INCIDENT_OPEN,
            _P.INCIDENT_CLOSE,
            _P.PLAN_MAKE,
            _P.DETECTION_REVIEW,
            _P.TASK_ASSIGN,
            _P.MEDIA_WRITE,
            _P.AIRSPACE_APPROVE,
        }
    ),
    Role.PILOT: frozenset({_P.VIEW, _P.PLAN_MAKE, _P.PLAN_AUTHORISE, _P.FLIGHT_COMMAND}),
    Role.INSPECTOR: frozenset({_P.VIEW, _P.TASK_WORK, _P.MEDIA_WRITE}),
    Role.REPORTER: frozenset({_P.VIEW, _P.TASK_WORK, _P.MEDIA_WRITE}),
    # The three administrative roles are apart (GB/T 22239): who runs accounts can't read the
    # trail away, and who reads the trail can't act.
    Role.AUDITOR: frozenset({_P.VIEW, _P.AUDIT_READ}),
    Role.ADMIN: frozenset({_P.VIEW, _P.USER_ADMIN}),
    Role.GUEST: frozenset(),
}


def permits(role: Role, permission: Permission) -> bool:
    """Whether `role` may do what `permission` names."""
    return permission in _PERMITS[role]


@dataclass(frozen=True, slots=True)
class LoginState:
    """Failed tries of one account."""

    failures: int
    locked_until_ms: int


def locked_for_ms(state: LoginState, now_ms: int) -> int:
    """Return how long the account stays locked, 0 when it is open."""
    return max(0, state.locked_until_ms - now_ms)


def after_failure(state: LoginState, now_ms: int, *, tries: int, lock_ms: int) -> LoginState:
    """Return the account's state after one more wrong password; the last allowed one locks it."""
    failures = state.failures + 1
    if failures >= tries:
        return LoginState(0, now_ms + lock_ms)
    return LoginState(failures, 0)


MIN_PASSWORD = 10


def password_fault(password: str, username: str) -> tuple[str, str] | None:
    """Return what is wrong with a new password in both languages, None where nothing is."""
    if len(password) < MIN_PASSWORD:
        return (
            f"密码至少 {MIN_PASSWORD} 个字符",
            f"A password has at least {MIN_PASSWORD} characters",
        )
    if username.lower() in password.lower():
        return "密码不能包含用户名", "A password must not contain the user name"
    if len(set(password)) < 5:
        return "密码字符种类过少", "A password needs at least 5 different characters"
    return None
