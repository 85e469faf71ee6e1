"""The command protocol: COMMAND_LONG out, COMMAND_ACK in, resent until answered.

https://mavlink.io/en/services/command.html. The first retry comes after 1 s, three tries fit into
3 s (story O7). A command that must not run twice (arming, take-off, starting a mission) is sent
once and answered or given up: an unanswered one may have been carried out, so the caller looks at
the telemetry before trying again.
"""

from collections import deque
from dataclasses import dataclass, field

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect

__all__ = ["ACCEPTED", "Answer", "CommandProtocol", "Order"]

ACCEPTED = dialect.MAV_RESULT_ACCEPTED
RETRY_S = 1.0
TRIES = 3
IN_PROGRESS_S = 5.0
"""Each IN_PROGRESS gives the vehicle this much longer."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to one vehicle."""

    command: int
    params: tuple[float, ...] = (0.0,) * 7
    repeatable: bool = True
    """Whether sending it twice does no more than sending it once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an order ended."""

    order: Order
    result: int | None
    """MAV_RESULT; None when the vehicle did not answer."""

    @property
    def accepted(self) -> bool:
        """Whether the vehicle took the order; what became of it is seen in the telemetry."""
        return self.result == ACCEPTED


@dataclass(slots=True)
class _Running:
    order: Order
    due_s: float
    tries: int = 0


@dataclass(slots=True)
class CommandProtocol:
    """Orders to one vehicle, one at a time, in the order they came."""

    system: int
    component: int
    _waiting: deque[Order] = field(default_factory=deque[Order])
    _running: _Running | None = None

    def request(self, order: Order) -> None:
        """Queue an order."""
        self._waiting.append(order)

    def receive(self, message: Message) -> list[Answer]:
        """Take in a message; answers of others, or for others, are not ours."""
        running = self._running
        if (
            running is None
            or message.get_type() != "COMMAND_ACK"
            or message.get_srcSystem() != self.system
            or message.get_srcComponent() != self.component
            or message.command != running.order.command
            or message.target_system not in (0, GCS_SYSTEM)
            or message.target_component not in (0, GCS_COMPONENT)
        ):
            return []
        if message.result == dialect.MAV_RESULT_IN_PROGRESS:
            running.due_s += IN_PROGRESS_S
            running.tries = TRIES
            return []
        self._running = None
        return [Answer(running.order, int(message.result))]

    def poll(self, now_s: float) -> tuple[list[Message], list[Answer]]:
        """Return messages to send and orders that found no answer."""
        answers: list[Answer] = []
        running = self._running
        if running is not None and now_s >= running.due_s:
            spent = running.tries >= (TRIES if running.order.repeatable else 1)
            if spent:
                self._running = None
                answers.append(Answer(running.order, None))
            else:
                return [self._send(running, now_s)], answers
        if self._running is None and self._waiting:
            order = self._waiting.popleft()
            self._running = _Running(order, now_s)
            return [self._send(self._running, now_s)], answers
        return [], answers

    def _send(self, running: _Running, now_s: float) -> Message:
        confirmation = running.tries
        running.tries += 1
        running.due_s = now_s + (RETRY_S if running.order.repeatable else TRIES * RETRY_S)
        return dialect.MAVLink_command_long_message(
            self.system,
            self.component,
            running.order.command,
            confirmation,
            *running.order.params,
        )
