"""Accounts, sessions and devices: the tables."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from field_api.core.roles import Role

__all__ = ["Device", "DeviceKind", "DeviceState", "User", "UserSession"]


class User(Requested, table=True):
    """A named person, or a handheld's holder; no shared accounts."""

    username: str = Field(unique=True, index=True)
    name: str
    role: Role = choice(Role)
    password_hash: str
    """argon2id; empty for an account that has no password."""
    terminal_id: str | None = Field(default=None, index=True)
    """The handheld this account works on."""
    areas: list[str] = shape(list[str], default_factory=list)
    """Area codes the account is limited to; empty for the whole district."""
    disabled: bool = False
    failures: int = 0
    locked_until_ms: int = integer64(default=0)
    totp_secret: str | None = None
    """Second factor; the secret waits in `totp_pending` until it is confirmed."""
    totp_pending: str | None = None
    totp_step: int = integer64(default=0)
    """Last time step used: a code counts once."""
    incident_id: str | None = None
    """A guest sees this incident only."""
    expires_ms: int | None = integer64(default=None)
    """A guest's account ends then."""
    erased: bool = False
    created_ms: int = integer64()


class UserSession(SQLModel, table=True):
    """A signed-in browser or handheld; its token is kept as a hash only."""

    token_hash: str = Field(primary_key=True)
    user_id: str = Field(index=True, foreign_key="user.id")
    created_ms: int = integer64()
    last_seen_ms: int = integer64(index=True)
    source: str = ""


class DeviceKind(StrEnum):
    """What a device is."""

    HANDHELD = "handheld"
    FLEET = "fleet"
    VISION = "vision"


class DeviceState(StrEnum):
    """Life of a device."""

    INVITED = "invited"
    """A code was given out and not used yet."""
    ENROLLED = "enrolled"
    LOCKED = "locked"
    """Its requests are refused; what it holds stays."""
    WIPING = "wiping"
    """It is told to delete what it holds at its next contact."""
    WIPED = "wiped"
    """It said that it did."""
    REVOKED = "revoked"


class Device(Requested, table=True):
    """A handheld or a node that holds a token of its own."""

    kind: DeviceKind = choice(DeviceKind)
    subject_id: str = Field(index=True)
    """The terminal or the node it is."""
    name: str = ""
    state: DeviceState = choice(DeviceState)
    token_hash: str | None = Field(default=None, unique=True)
    """SHA-256 of a random token of 256 bits."""
    code_hash: str | None = Field(default=None, index=True)
    code_expires_ms: int = integer64(default=0)
    enrolled_ms: int | None = integer64(default=None)
    last_seen_ms: int | None = integer64(default=None)
    description: str = ""
    """What the device says it is."""
