"""Accounts and sessions: tables and wire shapes."""

from typing import Annotated

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.accounts.rules import Role
from field_api.wire import Body, View

__all__ = ["Credentials", "SessionView", "UnlockAccount", "User", "UserSession", "UserView"]


class User(SQLModel, table=True):
    """A named person, or a handheld's holder; no shared accounts."""

    id: str = Field(primary_key=True)
    username: str = Field(unique=True, index=True)
    name: str
    role: Role
    password_hash: str
    """argon2id."""
    terminal_id: str | None = None
    """The handheld this account works on."""
    areas: str = ""
    """Area codes the account is limited to, comma-separated; empty for the whole district."""
    disabled: bool = False
    failures: int = 0
    locked_until_ms: int = 0
    created_ms: int


class UserSession(SQLModel, table=True):
    """A signed-in browser or handheld; its token is kept as a hash only."""

    token_hash: str = Field(primary_key=True)
    user_id: str = Field(index=True, foreign_key="user.id")
    created_ms: int
    last_seen_ms: int


class Credentials(Body):
    """What a person signs in with."""

    username: Annotated[str, Limited(min_length=1, max_length=60)]
    password: Annotated[str, Limited(min_length=1, max_length=200)]


class UnlockAccount(Body):
    """Why a locked account must open now."""

    reason: Annotated[str, Limited(min_length=5, max_length=500)]


class UserView(View):
    """A signed-in person."""

    id: str
    username: str
    name: str
    role: Role
    terminal_id: str | None
    areas: list[str]
    permissions: list[str]


class SessionView(View):
    """A session; `token` is given once, at sign-in."""

    user: UserView
    token: str | None
    idle_s: float
    """The session ends after this long without a request."""
