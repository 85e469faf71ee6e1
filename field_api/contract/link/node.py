"""The node's end of the field link, without sockets and without a clock.

Feed it text frames and the time, send what `poll` returns. Everything that must survive a crash
is in the `NodeJournal`; everything else is rebuilt by a new session.
"""

from dataclasses import dataclass
from enum import Enum

from pydantic import TypeAdapter, ValidationError

from field_api.contract.ids import RecordId, new_id
from field_api.contract.link.clock import ClockOffset
from field_api.contract.link.events import (
    Acknowledged,
    ClockMeasured,
    CommandReceived,
    CommandRefused,
    LinkError,
    NodeEvent,
    Refused,
    Rejected,
    Welcomed,
    WishReceived,
)
from field_api.contract.link.frames import (
    CONTRACT_VERSION,
    MAX_SAFE_INT,
    AckFrame,
    CommandFrame,
    ErrorFrame,
    FrameError,
    HelloFrame,
    LatestFrame,
    RefusedFrame,
    RejectFrame,
    ServerFrame,
    TimeFrame,
    TimeReplyFrame,
    WelcomeFrame,
    WishFrame,
    compatible,
    describe,
    parse_server_frame,
)
from field_api.contract.link.journal import NodeJournal
from field_api.contract.link.latest_queue import LatestQueue
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    DurableBody,
    LatestBody,
    wish_adapter,
)

__all__ = ["LinkNode", "LinkTimings", "NodeIdentity"]

MAX_ERROR_REPLIES = 16
"""Complaints waiting to be sent at most: a babbling peer must not fill the memory."""

_record_id: TypeAdapter[str] = TypeAdapter(RecordId)


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """Who signs in."""

    node_id: str
    kind: str
    token: str
    software_version: str = ""


@dataclass(frozen=True, slots=True)
class LinkTimings:
    """Waiting times and windows."""

    welcome_within_ms: int = 10_000
    """A hello without an answer for so long: the connection is dead."""
    silence_ms: int = 25_000
    """Nothing heard for so long: the connection is dead (a clock answer is due every 10 s)."""
    first_clock_every_ms: int = 1_000
    first_clock_count: int = 5
    clock_every_ms: int = 10_000
    resend_ms: int = 10_000
    """A record without acknowledgement for so long is sent again on the same connection."""
    window_records: int = 32
    """Unacknowledged records on the wire at most."""
    window_bytes: int = 4_000_000
    batch_bytes: int = 64_000
    """Records per poll: a large picture must not hold telemetry back for long."""


class _State(Enum):
    OFFLINE = "offline"
    CONNECTED = "connected"
    """The transport is open, hello not yet sent."""
    WAITING = "waiting"
    """Hello sent."""
    READY = "ready"
    REFUSED = "refused"


@dataclass(slots=True)
class _Flight:
    sent_ms: int
    size: int


class LinkNode:
    """One node, over many connections.

    The transport calls `connected` and `disconnected`; between them it passes every text frame to
    `receive`, sends every frame of `poll`, and closes when `overdue` gives a reason.
    """

    def __init__(
        self,
        identity: NodeIdentity,
        journal: NodeJournal,
        now_ms: int,
        timings: LinkTimings | None = None,
    ) -> None:
        """Start a node; commands that its last run left unanswered are answered as failed."""
        self._identity = identity
        self._journal = journal
        self._timings = timings or LinkTimings()
        self._boot_id = new_id()
        self._state = _State.OFFLINE
        self._clock = ClockOffset()
        self._latest = LatestQueue()
        self._frame_number = 0
        self._hello_ms = 0
        self._heard_ms = 0
        self._clock_asked: set[int] = set()
        self._clock_due_ms = 0
        self._clock_count = 0
        self._sent_seq = 0
        self._flying: dict[int, _Flight] = {}
        self._replies: list[str] = []
        for command_id in journal.unanswered_commands():
            self.put_durable(
                CommandResult(
                    id=new_id(),
                    t_ms=now_ms,
                    command_id=command_id,
                    outcome=CommandOutcome.FAILED,
                    code="interrupted",
                    text="the node restarted before it answered",
                )
            )

    @property
    def ready(self) -> bool:
        """Whether the node is signed in."""
        return self._state is _State.READY

    @property
    def clock_offset_ms(self) -> float:
        """Server clock minus node clock, best estimate; 0 before the first answer."""
        return self._clock.offset_ms

    @property
    def clock_error_ms(self) -> float | None:
        """Largest possible error of `clock_offset_ms`, None before the first answer."""
        best = self._clock.best
        return best.error_ms if best else None

    @property
    def pending_count(self) -> int:
        """Records not yet acknowledged."""
        return self._journal.pending_count

    @property
    def latest_dropped(self) -> int:
        """Latest-wins values replaced or outdated before they were sent."""
        return self._latest.dropped

    # --- what the program says --------------------------------------------------------------

    def put_latest(self, message: LatestBody, now_ms: int) -> None:
        """Offer a latest-wins value; it replaces an unsent one of the same key."""
        self._latest.put(message, now_ms)

    def put_durable(self, message: DurableBody) -> int:
        """Store a record on disk, to be sent until it is acknowledged; return its number.

        Raises:
            MessageTooLargeError: longer than a frame may be.
            ValueError: another body under an id that is still waiting.
            JournalError: the disk refused.
        """
        return self._journal.put(message)

    # --- what the transport says ------------------------------------------------------------

    def connected(self, now_ms: int) -> None:
        """The transport is open: the next `poll` begins with hello."""
        self._state = _State.CONNECTED
        self._hello_ms = self._heard_ms = now_ms
        self._clock_asked.clear()
        self._clock_count = 0
        self._frame_number = 0
        self._sent_seq = 0
        self._flying.clear()
        self._replies.clear()

    def disconnected(self) -> None:
        """The transport is gone; what was not acknowledged will be sent again."""
        self._state = _State.OFFLINE

    def overdue(self, now_ms: int) -> str | None:
        """Return why the connection counts as dead, None while it is well."""
        if self._state is _State.WAITING:
            if now_ms - self._hello_ms > self._timings.welcome_within_ms:
                return "no answer to hello"
        elif self._state is _State.READY and now_ms - self._heard_ms > self._timings.silence_ms:
            return "nothing heard"
        return None

    def next_poll_ms(self, now_ms: int) -> int:
        """Return when `poll` or `overdue` may have something new without any other call."""
        if self._state is _State.WAITING:
            return self._hello_ms + self._timings.welcome_within_ms + 1
        if self._state is not _State.READY:
            return now_ms + self._timings.clock_every_ms
        due = [self._clock_due_ms, self._heard_ms + self._timings.silence_ms + 1]
        due += [flight.sent_ms + self._timings.resend_ms for flight in self._flying.values()]
        return min(due)

    def poll(self, now_ms: int) -> list[str]:
        """Return the frames to send now; call again until it returns none.

        Values that wait here while the transport is slow are still replaced by newer ones, so
        ask only when the transport can take more.
        """
        if self._state is _State.CONNECTED:
            self._state = _State.WAITING
            self._hello_ms = now_ms
            return [self._hello().model_dump_json()]
        if self._state is not _State.READY:
            return []
        self._notice_clock_step(now_ms)
        frames, self._replies = self._replies, []
        if now_ms >= self._clock_due_ms:
            frames.append(self._ask_clock(now_ms))
        for message in self._latest.take(64, now_ms):
            self._frame_number += 1
            frames.append(LatestFrame(n=self._frame_number, message=message).model_dump_json())
        frames += self._due_records(now_ms)
        return frames

    def receive(self, text: str, now_ms: int) -> list[NodeEvent]:
        """Take in one text frame of the server; never raises on what it contains."""
        try:
            frame = parse_server_frame(text)
        except FrameError as error:
            if self._state is _State.READY and len(self._replies) < MAX_ERROR_REPLIES:
                self._replies.append(ErrorFrame(code=error.code, text=error.text).model_dump_json())
            return [LinkError(error.code, error.text)]
        self._heard_ms = now_ms
        if self._state is _State.WAITING:
            return self._sign_in(frame, now_ms)
        if self._state is not _State.READY:
            return [LinkError("unexpected_frame", f"{frame.type} outside a session")]
        return self._in_session(frame, now_ms)

    # --- inside -----------------------------------------------------------------------------

    def _hello(self) -> HelloFrame:
        return HelloFrame(
            node_id=self._identity.node_id,
            kind=self._identity.kind,
            token=self._identity.token,
            contract_version=CONTRACT_VERSION,
            software_version=self._identity.software_version,
            boot_id=self._boot_id,
            outbox_id=self._journal.outbox_id,
        )

    def _notice_clock_step(self, now_ms: int) -> None:
        if now_ms >= self._heard_ms:
            return
        # The clock was set back: times noted before would let every timer sleep that long.
        self._heard_ms = self._clock_due_ms = now_ms
        for flight in self._flying.values():
            flight.sent_ms = min(flight.sent_ms, now_ms)

    def _ask_clock(self, now_ms: int) -> str:
        timings = self._timings
        self._clock_count += 1
        first = self._clock_count < timings.first_clock_count
        self._clock_due_ms = now_ms + (
            timings.first_clock_every_ms if first else timings.clock_every_ms
        )
        if len(self._clock_asked) >= 16:
            self._clock_asked.clear()
        self._clock_asked.add(now_ms)
        return TimeFrame(t0_ms=now_ms).model_dump_json()

    def _due_records(self, now_ms: int) -> list[str]:
        frames: list[str] = []
        batch = 0
        for seq, flight in list(self._flying.items()):
            if now_ms - flight.sent_ms < self._timings.resend_ms:
                continue
            if batch >= self._timings.batch_bytes:
                return frames
            record = self._journal.get(seq)
            if record is None:
                del self._flying[seq]
                continue
            flight.sent_ms = now_ms
            batch += flight.size
            frames.append(_durable_frame(seq, record.body))
        flying_bytes = sum(flight.size for flight in self._flying.values())
        while (
            self._sent_seq < self._journal.newest_seq
            and batch < self._timings.batch_bytes
            and len(self._flying) < self._timings.window_records
            and flying_bytes < self._timings.window_bytes
        ):
            # One by one: a record may be megabytes long, and most polls find none.
            records = self._journal.after(self._sent_seq, 1)
            if not records:
                break
            record = records[0]
            size = len(record.body)
            self._sent_seq = record.seq
            self._flying[record.seq] = _Flight(now_ms, size)
            batch += size
            flying_bytes += size
            frames.append(_durable_frame(record.seq, record.body))
        return frames

    def _sign_in(self, frame: ServerFrame, now_ms: int) -> list[NodeEvent]:
        if isinstance(frame, RefusedFrame):
            self._state = _State.REFUSED
            return [Refused(frame.code, frame.text)]
        if isinstance(frame, ErrorFrame):
            return [LinkError(frame.code, frame.text)]
        if not isinstance(frame, WelcomeFrame):
            return [LinkError("unexpected_frame", f"{frame.type} before welcome")]
        if not compatible(frame.contract_version):
            self._state = _State.REFUSED
            return [
                Refused(
                    "incompatible_version",
                    f"the server speaks contract {frame.contract_version}, "
                    f"this node {CONTRACT_VERSION}",
                )
            ]
        self._state = _State.READY
        self._clock_due_ms = now_ms
        # Hello and welcome are a clock exchange too: commands can be judged from the first on.
        stamp_ms = frame.server_time_ms
        self._clock.add(self._hello_ms, stamp_ms, stamp_ms, now_ms)
        if frame.acked_seq:
            self._journal.remove_through(frame.acked_seq)
        self._latest.renew(now_ms)
        return [Welcomed(frame.session, frame.contract_version)]

    def _in_session(self, frame: ServerFrame, now_ms: int) -> list[NodeEvent]:
        match frame:
            case TimeReplyFrame():
                return self._measure(frame, now_ms)
            case AckFrame():
                known = tuple(seq for seq in frame.seqs if self._flying.pop(seq, None))
                if known:
                    self._journal.remove(known)
                return [Acknowledged(known)] if known else []
            case RejectFrame():
                if self._flying.pop(frame.seq, None) is None:
                    return []
                self._journal.reject(frame.seq, frame.code, frame.text)
                return [Rejected(frame.seq, frame.code, frame.text)]
            case CommandFrame():
                return [self._judge(frame, now_ms)]
            case WishFrame():
                return self._wish(frame)
            case RefusedFrame():
                self._state = _State.REFUSED
                return [Refused(frame.code, frame.text)]
            case ErrorFrame():
                return [LinkError(frame.code, frame.text)]
            case WelcomeFrame():
                # A repeated welcome changes nothing.
                return []

    def _measure(self, frame: TimeReplyFrame, now_ms: int) -> list[NodeEvent]:
        if frame.t0_ms not in self._clock_asked:
            return []
        self._clock_asked.discard(frame.t0_ms)
        sample = self._clock.add(frame.t0_ms, frame.t1_ms, frame.t2_ms, now_ms)
        if sample is None:
            return [LinkError("bad_time", "clock answer with impossible stamps")]
        return [ClockMeasured(self._clock.offset_ms, sample.round_trip_ms)]

    def _wish(self, frame: WishFrame) -> list[NodeEvent]:
        try:
            return [WishReceived(wish_adapter.validate_python(frame.wish))]
        except ValidationError as error:
            return [LinkError("bad_wish", describe(error))]

    def _judge(self, frame: CommandFrame, now_ms: int) -> NodeEvent:
        try:
            command = Command.model_validate(frame.command)
        except ValidationError as error:
            text = describe(error)
            try:
                command_id = _record_id.validate_python(frame.command.get("id"))
            except ValidationError:
                return LinkError("bad_command", text)
            return self._refuse(command_id, "bad_command", text, now_ms)
        server_now_ms = round(now_ms + self.clock_offset_ms)
        if command.expires_ms <= server_now_ms:
            late_s = (server_now_ms - command.expires_ms) / 1000
            return self._refuse(command.id, "expired", f"expired {late_s:.1f} s ago", now_ms)
        expires_ms = min(command.expires_ms, MAX_SAFE_INT)
        if not self._journal.claim_command(command.id, expires_ms, server_now_ms):
            return self._refuse(command.id, "repeated", "already received once", now_ms)
        return CommandReceived(command)

    def _refuse(self, command_id: str, code: str, text: str, now_ms: int) -> NodeEvent:
        self._journal.put(
            CommandResult(
                id=new_id(),
                t_ms=max(0, round(now_ms + self.clock_offset_ms)),
                command_id=command_id,
                outcome=CommandOutcome.REFUSED,
                code=code,
                text=text,
            ),
            # The first copy of a repeated command may still be under way.
            closes_command=False,
        )
        return CommandRefused(command_id, code, text)


def _durable_frame(seq: int, body: str) -> str:
    # The body is already JSON text: parsing and printing it again would cost a picture's length.
    return f'{{"type":"durable","seq":{seq},"message":{body}}}'
