"""What the two ends of a link report to the program around them."""

from dataclasses import dataclass

from field_api.contract.link.frames import HelloFrame
from field_api.contract.messages import Command, DurableBody, LatestBody, Wish

__all__ = [
    "Acknowledged",
    "ClockMeasured",
    "CommandReceived",
    "CommandRefused",
    "Durable",
    "Latest",
    "LinkError",
    "NodeEvent",
    "Refused",
    "Rejected",
    "ServerEvent",
    "SignInRequested",
    "SignedIn",
    "Welcomed",
    "WishReceived",
]


@dataclass(frozen=True, slots=True)
class LinkError:
    """The other side sent something that makes no sense; nothing was changed by it."""

    code: str
    text: str


# --- at the node ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Signed in; records and values flow from now on."""

    session: str
    contract_version: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server does not let this node in."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ClockMeasured:
    """A clock measurement changed the estimate."""

    offset_ms: float
    """Server clock minus node clock."""
    round_trip_ms: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """These records are committed at the command post and have left the outbox."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command post can't store this record; it is kept aside with the reason."""

    seq: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class CommandReceived:
    """A fresh, unexpired, never seen order: carry it out."""

    command: Command


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """An order that was not passed on; the refusal is already in the outbox."""

    command_id: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class WishReceived:
    """What is wanted now; older wishes of its key are void."""

    wish: Wish


NodeEvent = (
    Welcomed
    | Refused
    | ClockMeasured
    | Acknowledged
    | Rejected
    | CommandReceived
    | CommandRefused
    | WishReceived
    | LinkError
)


# --- at the server -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignInRequested:
    """A node of a compatible version asks to come in: check its token, then `welcome`/`refuse`."""

    hello: HelloFrame


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The host let the node in."""

    node_id: str
    kind: str
    boot_id: str
    outbox_id: str
    software_version: str


@dataclass(frozen=True, slots=True)
class Latest:
    """A latest-wins value, newer than any of the same key before it in this session."""

    message: LatestBody


@dataclass(frozen=True, slots=True)
class Durable:
    """A record to store once by `message.id`, and then to acknowledge by `seq`."""

    seq: int
    message: DurableBody


ServerEvent = SignInRequested | SignedIn | Latest | Durable | LinkError
