"""The JSON text frames of the field link, and the only place where their bytes are parsed.

| frame | from | meaning |
|---|---|---|
| `hello` | node | who it is, its token, the contract version it speaks |
| `welcome` / `refused` | server | signed in, or why not |
| `time` / `time_reply` | node / server | four-timestamp clock measurement (as in NTP, RFC 5905) |
| `latest` | node | a latest-wins value; `n` grows with every frame of a session |
| `durable` | node | a record with its sequence number in the node's outbox |
| `ack` | server | these sequence numbers are committed |
| `reject` | server | this record can't be stored, and why |
| `command` | server | an order to the node |
| `wish` | server | a latest-wins wish, e.g. where a camera shall look |
| `error` | both | the other side's last frame made no sense |
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from field_api.contract.messages import LatestMessage

__all__ = [
    "CONTRACT_VERSION",
    "MAX_FRAME_BYTES",
    "AckFrame",
    "CommandFrame",
    "DurableFrame",
    "ErrorFrame",
    "FrameError",
    "HelloFrame",
    "LatestFrame",
    "NodeFrame",
    "RefusedFrame",
    "RejectFrame",
    "ServerFrame",
    "TimeFrame",
    "TimeReplyFrame",
    "WelcomeFrame",
    "WishFrame",
    "compatible",
    "describe",
    "parse_node_frame",
    "parse_server_frame",
]

CONTRACT_VERSION = "1.0"
"""Major.minor of this contract; equal majors understand each other."""

MAX_FRAME_BYTES = 2_000_000
"""Longest frame either side accepts; a detection with two JPEG pictures stays well below."""

MAX_SAFE_INT = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly."""

Whole = Annotated[int, Field(ge=0, le=MAX_SAFE_INT)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Text = Annotated[str, Field(max_length=2000)]


class Frame(BaseModel):
    """A parsed frame; unknown fields are ignored so that minor versions can add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class HelloFrame(Frame):
    """First frame of a node."""

    type: Literal["hello"] = "hello"
    node_id: Short
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
    """`fleet`, `vision`, ..."""
    token: Annotated[str, Field(min_length=1, max_length=400)]
    contract_version: Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}$")]
    software_version: Annotated[str, Field(max_length=80)] = ""
    boot_id: Short
    """New at every start of the node's process."""
    outbox_id: Short
    """New for every fresh outbox: sequence numbers count within it."""


class WelcomeFrame(Frame):
    """The node is signed in."""

    type: Literal["welcome"] = "welcome"
    session: Short
    server_time_ms: Whole
    acked_seq: Whole = 0
    """Every record of this outbox up to here is committed; 0 when the server doesn't keep count."""
    contract_version: str = CONTRACT_VERSION


class RefusedFrame(Frame):
    """Sign-in failed; the server closes the connection after it."""

    type: Literal["refused"] = "refused"
    code: Short
    text: Text


class TimeFrame(Frame):
    """Clock question: `t0_ms` is the node's clock when it was sent."""

    type: Literal["time"] = "time"
    t0_ms: Whole


class TimeReplyFrame(Frame):
    """Clock answer: server clock at arrival (`t1_ms`) and at departure (`t2_ms`)."""

    type: Literal["time_reply"] = "time_reply"
    t0_ms: Whole
    t1_ms: Whole
    t2_ms: Whole


class LatestFrame(Frame):
    """A latest-wins value."""

    type: Literal["latest"] = "latest"
    n: Whole
    """Grows with every latest frame of the session, so that a late one is recognised."""
    message: LatestMessage


class DurableFrame(Frame):
    """A record that stays in the outbox until acknowledged; its body is parsed by the receiver."""

    type: Literal["durable"] = "durable"
    seq: Annotated[int, Field(ge=1, le=MAX_SAFE_INT)]
    message: dict[str, Any]


class AckFrame(Frame):
    """These records are committed at the command post."""

    type: Literal["ack"] = "ack"
    seqs: Annotated[list[Whole], Field(max_length=10_000)]


class RejectFrame(Frame):
    """The command post can't store this record; the node keeps it aside for a person to see."""

    type: Literal["reject"] = "reject"
    seq: Whole
    code: Short
    text: Text


class CommandFrame(Frame):
    """An order; its body is parsed by the node, so that it can refuse an unknown one by id."""

    type: Literal["command"] = "command"
    command: dict[str, Any]


class WishFrame(Frame):
    """A wish; its body is parsed by the node, which leaves alone what it does not know."""

    type: Literal["wish"] = "wish"
    wish: dict[str, Any]


class ErrorFrame(Frame):
    """The other side's last frame was not understood and changed nothing."""

    type: Literal["error"] = "error"
    code: Short
    text: Text


NodeFrame = HelloFrame | TimeFrame | LatestFrame | DurableFrame | ErrorFrame
ServerFrame = (
    WelcomeFrame
    | RefusedFrame
    | TimeReplyFrame
    | AckFrame
    | RejectFrame
    | CommandFrame
    | WishFrame
    | ErrorFrame
)

_node_frames: TypeAdapter[NodeFrame] = TypeAdapter(
    Annotated[NodeFrame, Field(discriminator="type")]
)
_server_frames: TypeAdapter[ServerFrame] = TypeAdapter(
    Annotated[ServerFrame, Field(discriminator="type")]
)


F = TypeVar("F")


class FrameError(ValueError):
    """A frame that can't be understood; the text says which field is wrong and what is allowed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def describe(error: ValidationError) -> str:
    """Return up to three findings of `error` as `field: what is wrong`, never the values."""
    findings = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [
        f"{'.'.join(str(part) for part in finding['loc'])[:120] or 'frame'}: {finding['msg'][:300]}"
        for finding in findings[:3]
    ]
    if len(findings) > len(lines):
        lines.append(f"and {len(findings) - len(lines)} more")
    return "; ".join(lines)


def _parse(adapter: TypeAdapter[F], text: str) -> F:
    if len(text) > MAX_FRAME_BYTES or len(text.encode(errors="replace")) > MAX_FRAME_BYTES:
        raise FrameError("too_large", f"a frame may have at most {MAX_FRAME_BYTES} bytes")
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise FrameError("bad_frame", describe(error)) from None


def parse_node_frame(text: str) -> NodeFrame:
    """Parse what a node sent.

    Raises:
        FrameError: not JSON, too large, an unknown `type`, or a field out of its range.
    """
    return _parse(_node_frames, text)


def parse_server_frame(text: str) -> ServerFrame:
    """Parse what a server sent.

    Raises:
        FrameError: not JSON, too large, an unknown `type`, or a field out of its range.
    """
    return _parse(_server_frames, text)


def compatible(theirs: str, ours: str = CONTRACT_VERSION) -> bool:
    """Whether two contract versions have the same major number."""
    return theirs.split(".")[0] == ours.split(".")[0]
