"""Making accounts."""

from sqlmodel import select

from field_api.accounts.models import User
from field_api.accounts.passwords import hash_password
from field_api.accounts.rules import Role, password_fault
from field_api.contract.ids import new_id
from field_api.errors import ApiError
from field_api.store import Change

__all__ = ["create_user"]


def create_user(
    change: Change,
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    terminal_id: str | None = None,
) -> User:
    """Make an account.

    Raises:
        ApiError: 409 where the user name is taken, 422 for a weak password.
    """
    fault = password_fault(password, username)
    if fault is not None:
        raise ApiError(422, "weak_password", fault[0], fault[1], field="password")
    if change.session.exec(select(User).where(User.username == username)).first() is not None:
        raise ApiError(
            409,
            "username_taken",
            f"用户名 {username} 已被使用",
            f"The user name {username} is taken",
            field="username",
        )
    user = User(
        id=new_id(),
        username=username,
        name=name,
        role=role,
        password_hash=hash_password(password),
        terminal_id=terminal_id,
        created_ms=change.t_ms,
    )
    change.session.add(user)
    change.record(
        "account.created",
        user.id,
        f"建立账号 {username}({name},{role.value})",
        f"Account {username} ({role.value}) created",
    )
    return user
