"""The command protocol: COMMAND_LONG or COMMAND_INT out, COMMAND_ACK in, resent until answered.

https://mavlink.io/en/services/command.html. The first retry comes after 1 s, three tries fit into
3 s (story O7). A command that must not run twice (arming, take-off, starting a mission) is sent
once and answered or given up: an unanswered one may have been carried out, so the caller looks at
the telemetry before trying again. A command the vehicle rejects for the moment was not carried out
and is sent again later. Nothing is sent after its deadline, and nothing after it was cancelled.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect

__all__ = ["ACCEPTED", "Answer", "CommandProtocol", "Order", "Outcome", "Progress"]

ACCEPTED = dialect.MAV_RESULT_ACCEPTED
RETRY_S = 1.0
TRIES = 3
IN_PROGRESS_S = 5.0
"""Each IN_PROGRESS gives the vehicle this much longer."""
LONGEST_S = 300.0
"""What an order may take in all, however often the vehicle says that it is working on it."""
REJECTIONS = 5
"""How often an order rejected for the moment is sent again, a second apart."""
LATE_S = 5.0
"""How long an answer may be on its way after the message it answers."""
UNKNOWN_PROGRESS = 255


class Outcome(StrEnum):
    """How an order ended."""

    ANSWERED = "answered"
    """The vehicle said what became of it: `Answer.result`."""
    SILENT = "silent"
    """It was sent and not answered; it may have been carried out."""
    CANCELLED = "cancelled"
    """We took it back, or a later order went in front of it."""
    EXPIRED = "expired"
    """Its deadline passed."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to one vehicle."""

    command: int
    params: tuple[float, ...] = (0.0,) * 7
    repeatable: bool = True
    """Whether sending it twice does no more than sending it once."""
    expires_s: float | None = None
    """It is not sent, the first time or again, at or after this time (the clock of `poll`)."""
    frame: int | None = None
    """MAV_FRAME of a place that must keep its precision: the order goes as COMMAND_INT, with the
    place in `x` and `y` instead of parameters 5 and 6, which as floats are off by up to a metre."""
    x: int = 0
    """Latitude in 1e-7 degrees."""
    y: int = 0
    """Longitude in 1e-7 degrees."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an order ended."""

    order: Order
    result: int | None
    """MAV_RESULT; None when the vehicle did not answer."""
    outcome: Outcome = Outcome.ANSWERED
    sent: bool = True
    """Whether it went out at all; if not, the vehicle can't have carried it out."""

    @property
    def accepted(self) -> bool:
        """Whether the vehicle took the order; what became of it is seen in the telemetry."""
        return self.result == ACCEPTED

    @property
    def name(self) -> str:
        """The result as MAVLink names it, without `MAV_RESULT_`; its number where it is unknown."""
        entry = dialect.enums["MAV_RESULT"].get(-1 if self.result is None else self.result)
        return entry.name.removeprefix("MAV_RESULT_") if entry else str(self.result)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the vehicle says of an order it is working on."""

    order: Order
    percent: int | None
    """None when it does not say how far it is."""


@dataclass(slots=True)
class _Running:
    order: Order
    began_s: float
    due_s: float
    tries: int = 0
    unanswered: int = 0
    """Messages sent whose answer has not come."""
    rejections: int = 0
    in_progress: bool = False
    percent: int | None = None


@dataclass(slots=True)
class _Late:
    """Answers to an earlier order that may still come."""

    count: int
    until_s: float


@dataclass(slots=True)
class CommandProtocol:
    """Orders to one vehicle, one at a time, in the order they came."""

    system: int
    component: int
    _waiting: deque[Order] = field(default_factory=deque[Order])
    _running: _Running | None = None
    _ended: list[Answer] = field(default_factory=list[Answer])
    """Ended between two polls; told by the next one."""
    _late: dict[int, _Late] = field(default_factory=dict[int, _Late])
    """By command: an answer names its command only, so a late one of an order that ended would be
    taken for the answer to the next order of the same command, e.g. another flight mode."""
    _now_s: float = 0.0

    @property
    def progress(self) -> Progress | None:
        """The order the vehicle is working on and how far it is; None when there is none."""
        running = self._running
        if running is None or not running.in_progress:
            return None
        return Progress(running.order, running.percent)

    def request(self, order: Order, *, first: bool = False) -> None:
        """Queue an order.

        Args:
            order: what the vehicle shall do.
            first: a stop: it goes before everything that waits, and an order under way, sent or in
                progress, is cancelled instead of waited for.
        """
        if not first:
            self._waiting.append(order)
            return
        if self._running is not None:
            self._end(self._running, None, Outcome.CANCELLED)
        self._waiting.appendleft(order)

    def cancel(self, order: Order) -> bool:
        """Take an order back: this very object, not its equals. True when it was not over yet.

        It is never sent again and ends as cancelled at the next poll. One that was sent may be
        carried out all the same: no autopilot of ours knows COMMAND_CANCEL.
        """
        running = self._running
        if running is not None and running.order is order:
            self._end(running, None, Outcome.CANCELLED)
            return True
        for index, waiting in enumerate(self._waiting):
            if waiting is order:
                del self._waiting[index]
                self._ended.append(Answer(order, None, Outcome.CANCELLED, sent=False))
                return True
        return False

    def cancel_all(self) -> None:
        """Take everything back that is not over yet."""
        if self._running is not None:
            self.cancel(self._running.order)
        while self._waiting:
            self.cancel(self._waiting[0])

    def receive(self, message: Message, now_s: float | None = None) -> list[Answer]:
        """Take in a message; answers of others, or for others, are not ours."""
        self._now_s = self._now_s if now_s is None else now_s
        if (
            message.get_type() != "COMMAND_ACK"
            or message.get_srcSystem() != self.system
            or message.get_srcComponent() != self.component
            or message.target_system not in (0, GCS_SYSTEM)
            or message.target_component not in (0, GCS_COMPONENT)
        ):
            return []
        running = self._running
        command, result = int(message.command), int(message.result)
        if self._is_late(command):
            if running is not None and running.order.command == command and self._may_go(running):
                running.due_s = self._now_s  # It was not ours; ask for ours again without waiting.
                running.tries -= 1
            return []
        if running is None or running.order.command != command:
            return []
        match result:
            case dialect.MAV_RESULT_IN_PROGRESS:
                running.in_progress = True
                running.percent = message.progress if message.progress <= 100 else None
                running.due_s = self._now_s + RETRY_S + IN_PROGRESS_S
                return []
            case dialect.MAV_RESULT_TEMPORARILY_REJECTED if running.rejections < REJECTIONS:
                running.rejections += 1
                running.unanswered = max(0, running.unanswered - 1)
                running.tries = 0
                running.in_progress = False
                running.due_s = self._now_s + RETRY_S
                return []
            case _:
                running.unanswered -= 1
                self._end(running, result, Outcome.ANSWERED)
                return [self._ended.pop()]

    def poll(self, now_s: float) -> tuple[list[Message], list[Answer]]:
        """Return messages to send and orders that ended without an answer."""
        self._now_s = now_s
        out: list[Message] = []
        running = self._running
        if running is not None and now_s >= min(running.due_s, running.began_s + LONGEST_S):
            if self._may_go(running) and not self._expired(running.order):
                out.append(self._send(running))
            else:
                late = self._expired(running.order) and self._may_go(running)
                self._end(running, None, Outcome.EXPIRED if late else Outcome.SILENT)
        while self._running is None and self._waiting:
            order = self._waiting.popleft()
            if self._expired(order):
                self._ended.append(Answer(order, None, Outcome.EXPIRED, sent=False))
                continue
            self._running = _Running(order, now_s, now_s)
            out.append(self._send(self._running))
        answers, self._ended = self._ended, []
        return out, answers

    def _may_go(self, running: _Running) -> bool:
        """Whether the order may be sent (again), its deadline apart."""
        if running.in_progress or self._now_s >= running.began_s + LONGEST_S:
            return False
        return running.tries < (TRIES if running.order.repeatable else 1)

    def _expired(self, order: Order) -> bool:
        return order.expires_s is not None and self._now_s >= order.expires_s

    def _is_late(self, command: int) -> bool:
        """Whether an answer belongs to an order that ended before."""
        late = self._late.get(command)
        if late is None:
            return False
        late.count -= 1
        if late.count <= 0 or self._now_s >= late.until_s:
            del self._late[command]
        return self._now_s < late.until_s

    def _end(self, running: _Running, result: int | None, outcome: Outcome) -> None:
        order = running.order
        self._running = None
        late = self._late.pop(order.command, None)
        count = running.unanswered
        if late is not None and self._now_s < late.until_s:
            count += late.count
        if count > 0:
            self._late[order.command] = _Late(count, self._now_s + LATE_S)
        self._ended.append(Answer(order, result, outcome))

    def _send(self, running: _Running) -> Message:
        order, confirmation = running.order, running.tries
        running.tries += 1
        running.unanswered += 1
        tries = 1 if order.repeatable else TRIES
        running.due_s = self._now_s + tries * RETRY_S
        if order.frame is None:
            return dialect.MAVLink_command_long_message(
                self.system, self.component, order.command, confirmation, *order.params
            )
        p1, p2, p3, p4, _, _, p7 = order.params
        return dialect.MAVLink_command_int_message(
            self.system,
            self.component,
            order.frame,
            order.command,
            0,
            0,
            p1,
            p2,
            p3,
            p4,
            order.x,
            order.y,
            p7,
        )
