"""Making and changing accounts."""

from sqlmodel import select

from field_api.contract.ids import new_id
from field_api.core.areas import district_areas
from field_api.core.audit.trail import ERASED, erase_words
from field_api.core.change import Change
from field_api.core.errors import ApiError, refuse
from field_api.core.roles import Role
from field_api.core.texts import both
from field_api.features.accounts.messages import ChangeAccount
from field_api.features.accounts.passwords import hash_password
from field_api.features.accounts.rules import password_fault, username_fault
from field_api.features.accounts.sessions import Sessions
from field_api.features.accounts.tables import User
from field_api.features.roster.tables import Terminal

__all__ = ["change_account", "create_user", "erase_person", "find_user", "set_password"]


def find_user(change: Change, username: str) -> User:
    """Return an account by the name one signs in with.

    Raises:
        ApiError: 404, there is none.
    """
    user = change.session.exec(select(User).where(User.username == username).limit(1)).first()
    if user is None:
        raise refuse(404, "unknown_account")
    return user


def _require_fit(fault: tuple[str, str] | None, code: str, field: str) -> None:
    if fault is not None:
        raise ApiError(422, code, fault[0], fault[1], field=field)


def _require_terminal(change: Change, terminal_id: str | None) -> None:
    if terminal_id is not None and change.session.get(Terminal, terminal_id) is None:
        raise refuse(422, "unknown_terminal", field="terminal_id", id=terminal_id)


def _require_areas(areas: list[str]) -> None:
    for at, code in enumerate(areas):
        if not district_areas().known(code):
            raise refuse(422, "unknown_area", field=f"areas.{at}", code=code)


def create_user(
    change: Change,
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    user_id: str | None = None,
    terminal_id: str | None = None,
    areas: list[str] | None = None,
    request_sha256: str = "",
) -> User:
    """Make an account; what sign-in would not take is not taken here either.

    Raises:
        ApiError: 409 where the user name is taken, 422 for a weak password, a name that can't be
            signed in with, an unknown terminal or area.
    """
    _require_fit(username_fault(username), "bad_username", "username")
    _require_fit(password_fault(password, username), "weak_password", "password")
    _require_terminal(change, terminal_id)
    _require_areas(areas or [])
    taken = select(User.id).where(User.username == username).limit(1)
    if change.session.exec(taken).first() is not None:
        raise refuse(409, "username_taken", field="username", username=username)
    user = change.create(
        User(
            id=user_id or new_id(),
            username=username,
            name=name,
            role=role,
            password_hash=hash_password(password),
            terminal_id=terminal_id,
            areas=areas or [],
            created_ms=change.t_ms,
            request_sha256=request_sha256,
        )
    )
    change.record(
        "account.created",
        user.id,
        username=username,
        name=name,
        role=both(f"words.role.{role.value}"),
    )
    return user


def change_account(
    change: Change, sessions: Sessions | None, user: User, body: ChangeAccount
) -> None:
    """Change an account; a new role, areas or handheld end its sessions, as disabling does.

    Raises:
        ApiError: 409 where it was changed since, or the last administrator would go.
    """
    terminal_id = user.terminal_id if body.terminal_id is None else body.terminal_id or None
    _require_terminal(change, terminal_id)
    _require_areas(body.areas or [])
    role = body.role or user.role
    disabled = user.disabled if body.disabled is None else body.disabled
    areas = list(user.areas) if body.areas is None else body.areas
    if user.role is Role.ADMIN and (role is not Role.ADMIN or disabled):
        _keep_an_administrator(change, user)
    ends = (role, areas, terminal_id, disabled) != (
        user.role,
        list(user.areas),
        user.terminal_id,
        user.disabled,
    )
    change.put(user, seen_version=body.version)
    user.name = body.name or user.name
    user.role, user.areas, user.terminal_id, user.disabled = role, areas, terminal_id, disabled
    change.record(
        "account.changed",
        user.id,
        username=user.username,
        role=both(f"words.role.{role.value}"),
        areas=", ".join(areas) or "-",
        refs={"disabled": str(disabled), "terminal_id": terminal_id or ""},
    )
    if ends and sessions is not None:
        sessions.end(change, user)


def _keep_an_administrator(change: Change, leaving: User) -> None:
    others = select(User.id).where(
        User.role == Role.ADMIN,
        User.id != leaving.id,
        User.disabled == False,  # noqa: E712 - SQL
    )
    if change.session.exec(others.limit(1)).first() is None:
        raise refuse(409, "last_administrator")


def set_password(change: Change, user: User, password: str, *, own: bool) -> None:
    """Give an account a new password.

    Raises:
        ApiError: 422 for a weak one.
    """
    _require_fit(
        password_fault(password, user.username), "weak_password", "new" if own else "password"
    )
    user.password_hash = hash_password(password)
    user.failures, user.locked_until_ms = 0, 0
    change.put(user)
    change.record("account.password", user.id, username=user.username)


def erase_person(change: Change, sessions: Sessions | None, user: User, reason: str) -> int:
    """Erase a person's data (PIPL 47): the account stays as a number, the trail loses its words.

    The chain stays whole: it holds salted hashes, and the erasure is an act of its own.

    Returns:
        How many audit entries lost their words.

    Raises:
        ApiError: 409, the last administrator.
    """
    if user.role is Role.ADMIN:
        _keep_an_administrator(change, user)
    seqs = erase_words(change.session, user.username, user.name)
    user.username, user.name = f"erased-{user.id[-12:]}", "已删除"
    user.password_hash, user.totp_secret, user.totp_pending = "", None, None
    user.disabled, user.erased, user.terminal_id = True, True, None
    change.put(user)
    if sessions is not None:
        sessions.end(change, user)
    change.record(
        ERASED,
        user.id,
        count=len(seqs),
        reason=reason,
        refs={"seqs": ",".join(map(str, seqs))},
    )
    return len(seqs)
