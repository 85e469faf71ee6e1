"""The command post's end of one node's connection, without sockets and without a clock."""

from enum import Enum

from pydantic import ValidationError

from field_api.contract.link.events import (
    Durable,
    Latest,
    LinkError,
    ServerEvent,
    SignedIn,
    SignInRequested,
)
from field_api.contract.link.frames import (
    CONTRACT_VERSION,
    AckFrame,
    CommandFrame,
    DurableFrame,
    ErrorFrame,
    FrameError,
    HelloFrame,
    LatestFrame,
    NodeFrame,
    RefusedFrame,
    RejectFrame,
    TimeFrame,
    TimeReplyFrame,
    WelcomeFrame,
    WishFrame,
    compatible,
    describe,
    parse_node_frame,
)
from field_api.contract.messages import Command, Wish, durable_adapter

__all__ = ["LinkServer", "NotSignedInError"]

MAX_ERRORS = 50
"""Senseless frames in one session before it is ended."""

MAX_KEYS = 5_000
"""Latest-wins keys followed per session."""


class NotSignedInError(RuntimeError):
    """The node of this session is not signed in, so nothing can be sent to it."""


class _State(Enum):
    WAITING = "waiting"
    """For hello."""
    ASKED = "asked"
    """The host decides about a hello."""
    READY = "ready"
    ENDED = "ended"


class LinkServer:
    """One connection of one node, to be driven by whoever holds the socket.

    Pass every text frame to `receive`, act on its events, send what `frames` returns, and close
    the socket when `ended` is true and the frames are sent. The host answers `SignInRequested`
    with `welcome` or `refuse`, stores every `Durable` once by `message.id` and calls `acknowledge`
    only after its commit. A node has one session: the host ends the older one on a new sign-in.
    """

    def __init__(self, session: str) -> None:
        self.session = session
        self._state = _State.WAITING
        self._hello: HelloFrame | None = None
        self._out: list[str] = []
        self._wishes: dict[str, Wish] = {}
        """The newest of each key that is not sent yet."""
        self._newest: dict[str, int] = {}
        self._errors = 0

    @property
    def signed_in(self) -> bool:
        """Whether values, records and commands flow."""
        return self._state is _State.READY

    @property
    def ended(self) -> bool:
        """Whether the socket is to be closed."""
        return self._state is _State.ENDED

    @property
    def node_id(self) -> str | None:
        """The node's id once it has said hello."""
        return self._hello.node_id if self._hello else None

    def receive(self, text: str, now_ms: int) -> list[ServerEvent]:
        """Take in one text frame at server time `now_ms`; never raises on what it contains."""
        if self._state is _State.ENDED:
            return []
        try:
            frame = parse_node_frame(text)
        except FrameError as error:
            return self._complain(error.code, error.text)
        if self._state is _State.READY:
            return self._in_session(frame, now_ms)
        if isinstance(frame, HelloFrame) and self._state is _State.WAITING:
            return self._greet(frame)
        return self._complain("unexpected_frame", f"{frame.type} before welcome; say hello first")

    def frames(self) -> list[str]:
        """Return and forget the frames to send."""
        frames, self._out = self._out, []
        wishes, self._wishes = self._wishes, {}
        for wish in wishes.values():
            frames.append(WishFrame(wish=wish.model_dump(mode="json")).model_dump_json())
        return frames

    def welcome(self, now_ms: int, acked_seq: int = 0) -> SignedIn:
        """Let the node in.

        Args:
            now_ms: server time.
            acked_seq: every record of this `outbox_id` up to here is committed; 0, which is always
                right, when the host does not keep count per outbox.

        Raises:
            NotSignedInError: there is no hello to answer.
        """
        hello = self._hello
        if hello is None or self._state is not _State.ASKED:
            raise NotSignedInError("no hello to answer")
        self._state = _State.READY
        self._say(WelcomeFrame(session=self.session, server_time_ms=now_ms, acked_seq=acked_seq))
        return SignedIn(
            node_id=hello.node_id,
            kind=hello.kind,
            boot_id=hello.boot_id,
            outbox_id=hello.outbox_id,
            software_version=hello.software_version,
        )

    def refuse(self, code: str, text: str) -> None:
        """End the session with a reason, e.g. `bad_token`, `replaced`, `shutting_down`."""
        if self._state is not _State.ENDED:
            self._state = _State.ENDED
            self._wishes.clear()
            self._say(RefusedFrame(code=code, text=text))

    def acknowledge(self, seqs: list[int]) -> None:
        """Tell the node that these records are committed: it forgets them for good."""
        self._require_ready()
        if seqs:
            self._say(AckFrame(seqs=seqs))

    def reject(self, seq: int, code: str, text: str) -> None:
        """Tell the node that a record can never be stored; it keeps it aside with the reason."""
        self._require_ready()
        self._say(RejectFrame(seq=seq, code=code, text=text))

    def send_command(self, command: Command) -> None:
        """Send an order once; its `CommandResult` comes as a `Durable`.

        A lost order is not repeated by the link: the host sees no result before its expiry. A
        refusal with code `repeated` says nothing about the first copy's outcome.

        Raises:
            NotSignedInError: the node is not here.
        """
        self._require_ready()
        self._say(CommandFrame(command=command.model_dump(mode="json")))

    def send_wish(self, wish: Wish) -> None:
        """Tell the node what is wanted now; it replaces an unsent wish of the same key.

        Raises:
            NotSignedInError: the node is not here.
        """
        self._require_ready()
        self._wishes[wish.key] = wish

    # --- inside -----------------------------------------------------------------------------

    def _say(
        self,
        frame: WelcomeFrame
        | RefusedFrame
        | TimeReplyFrame
        | AckFrame
        | RejectFrame
        | CommandFrame
        | ErrorFrame,
    ) -> None:
        self._out.append(frame.model_dump_json())

    def _require_ready(self) -> None:
        if self._state is not _State.READY:
            raise NotSignedInError(f"node {self.node_id or '(unknown)'} is not signed in")

    def _complain(self, code: str, text: str) -> list[ServerEvent]:
        self._errors += 1
        if self._errors >= MAX_ERRORS:
            self.refuse("too_many_errors", f"{MAX_ERRORS} frames made no sense; the last: {text}")
        else:
            self._say(ErrorFrame(code=code, text=text))
        return [LinkError(code, text)]

    def _greet(self, hello: HelloFrame) -> list[ServerEvent]:
        self._hello = hello
        if not compatible(hello.contract_version):
            text = (
                f"node {hello.node_id} speaks contract {hello.contract_version}, this command post "
                f"{CONTRACT_VERSION}: install the same major version on both"
            )
            self.refuse("incompatible_version", text)
            return [LinkError("incompatible_version", text)]
        self._state = _State.ASKED
        return [SignInRequested(hello)]

    def _in_session(self, frame: NodeFrame, now_ms: int) -> list[ServerEvent]:
        match frame:
            case TimeFrame():
                self._say(TimeReplyFrame(t0_ms=frame.t0_ms, t1_ms=now_ms, t2_ms=now_ms))
                return []
            case LatestFrame():
                return self._latest(frame)
            case DurableFrame():
                return self._durable(frame)
            case ErrorFrame():
                return [LinkError(frame.code, frame.text)]
            case HelloFrame():
                return self._complain("unexpected_frame", "hello inside a session")

    def _latest(self, frame: LatestFrame) -> list[ServerEvent]:
        key = frame.message.key
        if frame.n <= self._newest.get(key, 0):
            return []
        if key not in self._newest and len(self._newest) >= MAX_KEYS:
            return self._complain("too_many_keys", f"at most {MAX_KEYS} different values per node")
        self._newest[key] = frame.n
        return [Latest(frame.message)]

    def _durable(self, frame: DurableFrame) -> list[ServerEvent]:
        try:
            message = durable_adapter.validate_python(frame.message)
        except ValidationError as error:
            text = describe(error)
            self.reject(frame.seq, "bad_message", text)
            return [LinkError("bad_message", text)]
        return [Durable(frame.seq, message)]
