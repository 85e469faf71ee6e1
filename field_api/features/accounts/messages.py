"""Accounts, sessions and devices on the wire."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from field_api.contract.ids import RecordId
from field_api.core.roles import Role
from field_api.core.wire import Body, Name, ShortText, View
from field_api.features.accounts.tables import DeviceKind, DeviceState

__all__ = [
    "AccountView",
    "AreaCode",
    "ChangeAccount",
    "ChangePassword",
    "ConfirmTotp",
    "Credentials",
    "DeviceToken",
    "DeviceView",
    "EnrolDevice",
    "GuestInvitation",
    "GuestToken",
    "Invitation",
    "InviteDevice",
    "InviteGuest",
    "MakeAccount",
    "NewPassword",
    "Reason",
    "SessionView",
    "TotpSecret",
    "UserView",
]

AreaCode = Annotated[str, Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")]
"""District (6 digits), street (9) or community (12)."""
Areas = Annotated[list[AreaCode], Field(max_length=200)]
Password = Annotated[str, Field(min_length=1, max_length=200)]
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class _Secret(Body):
    """Bodies with passwords: their spaces are part of them."""

    model_config = ConfigDict(str_strip_whitespace=False)


class Credentials(_Secret):
    """What a person signs in with."""

    username: Annotated[str, Field(min_length=1, max_length=60)]
    password: Password
    totp: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    """The six digits of the second factor, where the account has one."""


class Reason(Body):
    """Why something drastic is done; it goes on record."""

    reason: Annotated[str, Field(min_length=4, max_length=500)]


class UserView(View):
    """A signed-in person."""

    id: str
    username: str
    name: str
    role: Role
    terminal_id: str | None
    areas: list[str]
    incident_id: str | None = None
    permissions: list[str]


class SessionView(View):
    """A session; `token` is given once, at sign-in."""

    user: UserView
    token: str | None
    idle_s: float
    """The session ends after this long without a request."""
    handheld_pin: Literal["off", "optional", "required"]
    """Whether a handheld asks for a PIN to open it again."""


class AccountView(View):
    """An account as administrators see it."""

    id: str
    version: int
    username: str
    name: str
    role: Role
    terminal_id: str | None
    areas: list[str]
    disabled: bool
    locked_until_ms: int
    totp: bool
    """A second factor is set."""
    incident_id: str | None
    expires_ms: int | None
    erased: bool
    created_ms: int
    last_seen_ms: int | None
    sessions: int


class MakeAccount(_Secret):
    """A new account; the caller makes the id."""

    id: RecordId
    username: Annotated[str, Field(min_length=1, max_length=60)]
    name: ShortText
    role: Role
    password: Password
    terminal_id: Name | None = None
    areas: Areas = Field(default=[])


class ChangeAccount(Body):
    """What an administrator changes; what is left out stays."""

    version: int
    name: ShortText | None = None
    role: Role | None = None
    terminal_id: Annotated[str, Field(max_length=40)] | None = None
    """Empty takes the handheld away."""
    areas: Areas | None = None
    disabled: bool | None = None


class NewPassword(_Secret):
    """A password an administrator sets."""

    password: Password


class ChangePassword(_Secret):
    """A person's own new password."""

    old: Password
    new: Password


class TotpSecret(View):
    """The second factor to be put into an authenticator; shown once."""

    secret: str
    uri: str
    svg: str
    """QR code of `uri`."""


class ConfirmTotp(Body):
    """Proof that the authenticator has it."""

    code: Annotated[str, Field(pattern=r"^\d{6}$")]


class InviteDevice(Body):
    """A device to be enrolled; the caller makes the id."""

    id: RecordId
    kind: DeviceKind
    subject_id: Name
    name: Annotated[str, Field(max_length=120)] = ""


class DeviceView(View):
    """A device and how it stands."""

    id: str
    version: int
    kind: DeviceKind
    subject_id: str
    name: str
    state: DeviceState
    enrolled_ms: int | None
    last_seen_ms: int | None
    description: str


class Invitation(View):
    """A one-time code; shown now and never again."""

    device: DeviceView
    code: str
    expires_ms: int
    url: str
    svg: str
    """QR code of the enrolment address."""


class EnrolDevice(Body):
    """What a device says with its code."""

    code: Annotated[str, Field(min_length=6, max_length=40)]
    description: Annotated[str, Field(max_length=200)] = ""


class DeviceToken(View):
    """What a device holds from now on; shown once."""

    device_id: str
    subject_id: str
    token: str


class InviteGuest(Body):
    """Show one incident to somebody outside for some hours."""

    id: RecordId
    name: ShortText
    incident_id: RecordId
    hours: Annotated[float, Field(gt=0, le=72)]


class GuestInvitation(View):
    """A guest's link; shown now and never again."""

    account_id: str
    url: str
    expires_ms: int
    svg: str


class GuestToken(_Secret):
    """What stands behind the # of a guest's link."""

    token: Secret
