"""One aircraft: its protocols, its telemetry, and calls that wait for their outcome.

All messages go out through `send`, which the node ties to this aircraft's binding and to nothing
else. `receive` and `tick` are called by the node; the `async` methods only wait.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from field_api.contract.messages import LinkState
from fleet.autopilots import UNKNOWN, Autopilot, autopilot_of
from fleet.mavlink import Message, dialect
from fleet.protocol.command import Answer, CommandProtocol, Order
from fleet.protocol.guided_target import GuidedTarget, position_target
from fleet.protocol.mission import (
    MissionDownload,
    Transfer,
    TransferDone,
    TransferFailed,
    first_difference,
)
from fleet.protocol.mission_write import MissionWrite
from fleet.protocol.parameter import ParameterRead, ParameterResult, ParameterSet
from fleet.protocol.parameter_value import ParameterValue
from fleet.protocol.presence import Presence
from fleet.protocol.statustext import StatusText, StatusTexts
from fleet.protocol.streams import StreamRequests
from fleet.telemetry import Telemetry, follow
from mission_plans.formats.mission_items import MissionItem

__all__ = ["RefusedError", "Vehicle"]

FORCE_NOTHING = 0.0
CHOOSE_TRIES = 3
MISSION = dialect.MAV_MISSION_TYPE_MISSION


class RefusedError(RuntimeError):
    """The vehicle did not do what it was asked; the text says why, in its own words if it spoke."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Vehicle:
    """A bound aircraft."""

    def __init__(
        self, vehicle_id: str, system: int, component: int, send: Callable[[Message], None]
    ) -> None:
        self.vehicle_id = vehicle_id
        self.system = system
        self.component = component
        self.telemetry = Telemetry()
        self.presence = Presence()
        self.autopilot: Autopilot = UNKNOWN
        """What is known of its make; as its heartbeats tell."""
        self.mission_count: int | None = None
        self.fence_confirmed = False
        """Its fence was read back and is as ordered."""
        self.restarts = 0
        self._send = send
        self._commands = CommandProtocol(system, component)
        self._streams = StreamRequests(system, component)
        self._texts = StatusTexts()
        self._transfer: Transfer | None = None
        self._transfer_done: asyncio.Future[TransferDone | TransferFailed] | None = None
        self._transfer_lock = asyncio.Lock()
        self._parameter: ParameterSet | ParameterRead | None = None
        self._parameter_done: asyncio.Future[Any] | None = None
        self._parameter_lock = asyncio.Lock()
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._recent_texts: list[tuple[float, StatusText]] = []
        self._changed = asyncio.Condition()

    # --- called by the node -----------------------------------------------------------------

    def receive(self, message: Message, now_s: float, t_ms: int) -> list[StatusText]:
        """Take in one message of this aircraft's system; return whole status texts."""
        kind = message.get_type()
        if kind == "OPEN_DRONE_ID_LOCATION":
            # Of strangers, by whatever receiver is on board.
            self.telemetry = follow(self.telemetry, message, t_ms)
        if message.get_srcComponent() != self.component:
            return []
        if kind == "HEARTBEAT":
            self.presence.heartbeat(now_s)
            self.autopilot = autopilot_of(int(message.autopilot), self.autopilot)
        boot_ms = getattr(message, "time_boot_ms", None)
        if boot_ms and self.presence.boot_clock(int(boot_ms)):
            self.restarts += 1
            self.telemetry = Telemetry()
            self._streams.restart()
        self._streams.received(message.get_msgId(), now_s)
        self.telemetry = follow(self.telemetry, message, t_ms)
        self._streams.answered(message)
        for answer in self._commands.receive(message, now_s):
            self._answered(answer)
        if self._transfer is not None and kind.startswith("MISSION_"):
            out, events = self._transfer.receive(message, now_s)
            self._send_all(out)
            self._transferred(events)
        if self._parameter is not None:
            self._parameter_ended(self._parameter.receive(message))
        texts = self._texts.receive(message, now_s)
        self._note(texts, now_s)
        return texts

    def tick(self, now_s: float) -> list[StatusText]:
        """Send what is due; return status texts whose end got lost."""
        out, answers = self._commands.poll(now_s)
        self._send_all(out)
        for answer in answers:
            self._answered(answer)
        if self._transfer is not None:
            out, events = self._transfer.poll(now_s)
            self._send_all(out)
            self._transferred(events)
        if self._parameter is not None:
            out, results = self._parameter.poll(now_s)
            self._send_all(out)
            self._parameter_ended(results)
        if self.presence.state(now_s) is not LinkState.LOST:
            self._send_all(self._streams.poll(now_s))
        texts = self._texts.poll(now_s)
        self._note(texts, now_s)
        return texts

    @property
    def busy(self) -> bool:
        """Whether a transfer with it is under way that others must not disturb."""
        return self._transfer is not None or self._parameter is not None

    async def tell_waiters(self) -> None:
        """Wake everyone who waits for telemetry."""
        async with self._changed:
            self._changed.notify_all()

    def way_changed(self) -> None:
        """Begin anew with what was asked of one link: the aircraft is heard over another now."""
        self._streams.restart()

    # --- orders -----------------------------------------------------------------------------

    async def order(self, order: Order) -> Answer:
        """Send an order and return how it ended."""
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[id(order)] = done
        self._commands.request(order)
        try:
            return await done
        finally:
            self._answers.pop(id(order), None)
            # Nobody waits for it any more: it must not be sent again.
            self._commands.cancel(order)

    async def set_mode(self, mode: str) -> None:
        """Change the flight mode and see it in the heartbeat.

        Raises:
            RefusedError: the vehicle refused or did not change.
        """
        try:
            numbers = tuple(self.autopilot.mode_order(mode))
        except ValueError as error:
            raise RefusedError("no_such_mode", str(error)) from error
        order = Order(dialect.MAV_CMD_DO_SET_MODE, (*numbers, *(0.0,) * (7 - len(numbers))))
        ordered_s = time.monotonic()
        await self._require(await self.order(order), f"mode {mode}")
        # A heartbeat from before the order, or before a stall of the link, proves nothing.
        await self.wait_for(
            lambda t: t.mode == mode and self.presence.heard_s > ordered_s, 5.0, f"mode {mode}"
        )

    async def arm(self) -> None:
        """Arm the motors and see it in the heartbeat; never forced.

        Raises:
            RefusedError: with the autopilot's reason.
        """
        order = Order(
            dialect.MAV_CMD_COMPONENT_ARM_DISARM,
            (1, FORCE_NOTHING, 0, 0, 0, 0, 0),
            repeatable=False,
        )
        answer = await self.order(order)
        if answer.result is not None:
            await self._require(answer, "arming")
        # An unanswered order may have been carried out: the telemetry tells.
        await self.wait_for(lambda t: t.armed, 5.0, "arming")

    async def disarm(self) -> None:
        """Stop the motors; never forced, so that an autopilot in the air refuses.

        Raises:
            RefusedError: with the autopilot's reason.
        """
        order = Order(dialect.MAV_CMD_COMPONENT_ARM_DISARM, (0, FORCE_NOTHING, 0, 0, 0, 0, 0))
        await self._require(await self.order(order), "disarming")
        await self.wait_for(lambda t: not t.armed, 5.0, "disarming")

    def forget_orders(self) -> None:
        """Drop every order that waits or whose answer is waited for: a stop must be the next."""
        self._commands.cancel_all()

    async def start_mission(self) -> None:
        """Begin the uploaded mission; the vehicle must be armed and in AUTO.

        Raises:
            RefusedError: with the autopilot's reason.
        """
        order = Order(dialect.MAV_CMD_MISSION_START, repeatable=False)
        answer = await self.order(order)
        if answer.result is not None:
            await self._require(answer, "mission start")

    async def choose_item(self, first: int, last: int) -> None:
        """Make a mission item the current one, and see that it, or one up to `last`, became it.

        Raises:
            RefusedError: it did not.
        """
        choose = dialect.MAVLink_mission_set_current_message(self.system, self.component, first)
        for number in range(1, CHOOSE_TRIES + 1):
            self._send(choose)
            try:
                await self.wait_for(
                    lambda t: t.mission_seq is not None and first <= t.mission_seq <= last,
                    2.0,
                    f"mission item {first}",
                )
            except RefusedError:
                if number == CHOOSE_TRIES:
                    raise
            else:
                return

    def guide(self, target: GuidedTarget) -> None:
        """Send it there; it goes only in GUIDED, and only its telemetry says whether it does."""
        self._send(position_target(self.system, self.component, target))

    async def wait_for(
        self, condition: Callable[[Telemetry], bool], within_s: float, what: str
    ) -> None:
        """Wait until the telemetry fulfils a condition.

        Raises:
            RefusedError: it did not within `within_s`.
        """
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: condition(self.telemetry))
        except TimeoutError:
            text = f"{what}: not seen within {within_s:.0f} s{self._reason()}"
            raise RefusedError("not_confirmed", text) from None

    # --- transfers --------------------------------------------------------------------------

    async def upload_mission(self, items: Sequence[MissionItem]) -> None:
        """Upload a mission, read it back and compare.

        Raises:
            RefusedError: refused, timed out, or what came back differs.
        """
        self.mission_count = None
        await self.write_items(items)
        self.mission_count = len(items)

    async def write_items(self, items: Sequence[MissionItem], mission_type: int = MISSION) -> None:
        """Replace a mission, fence or rally points (MAV_MISSION_TYPE), read back and compare.

        Raises:
            RefusedError: refused, timed out, or what came back differs.
        """
        async with self._transfer_lock:
            await self._transfer_run(MissionWrite(self.system, self.component, items, mission_type))

    async def confirm_mission(self, items: Sequence[MissionItem]) -> None:
        """Read the mission back and compare: another program may have changed it since.

        Raises:
            RefusedError: it is another one, or could not be read.
        """
        read = await self.read_items()
        difference = first_difference(items, read)
        if difference is not None:
            self.mission_count = None
            raise RefusedError("mission_changed", f"the mission on board was changed: {difference}")

    async def read_items(self, mission_type: int = MISSION) -> tuple[MissionItem, ...]:
        """Return the mission, fence or rally points (MAV_MISSION_TYPE) that the vehicle holds.

        Raises:
            RefusedError: refused or timed out.
        """
        async with self._transfer_lock:
            return await self._transfer_run(
                MissionDownload(self.system, self.component, mission_type)
            )

    async def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter and see its value come back.

        Raises:
            RefusedError: the vehicle holds another value, or did not answer.
        """
        kind = dialect.MAV_PARAM_TYPE_REAL32
        if self.autopilot.bytewise and (held := await self.ask_parameter(name)) is not None:
            kind = held.kind
        result = await self.try_parameter(name, value, kind)
        if not result.confirmed:
            said = "no answer" if result.value is None else f"it holds {result.value:g}"
            raise RefusedError("parameter", f"parameter {name} = {value:g} not confirmed: {said}")

    async def try_parameter(
        self, name: str, value: float, kind: int = dialect.MAV_PARAM_TYPE_REAL32
    ) -> ParameterResult:
        """Set a parameter and return what the vehicle holds then."""
        bytewise = self.autopilot.bytewise
        return await self._parameter_run(
            ParameterSet(self.system, self.component, name, value, kind, bytewise=bytewise)
        )

    async def read_parameter(self, name: str) -> float:
        """Return a parameter's value.

        Raises:
            RefusedError: the vehicle did not answer.
        """
        read = await self.ask_parameter(name)
        if read is None:
            raise RefusedError("parameter", f"parameter {name} not read: no answer")
        return read.value

    async def ask_parameter(self, name: str) -> ParameterValue | None:
        """Return a parameter; None when no answer came within the protocol's tries."""
        return await self._parameter_run(
            ParameterRead(self.system, self.component, name, bytewise=self.autopilot.bytewise)
        )

    # --- inside -----------------------------------------------------------------------------

    async def _transfer_run(self, transfer: Transfer) -> tuple[MissionItem, ...]:
        self._transfer_done = asyncio.get_running_loop().create_future()
        self._transfer = transfer
        try:
            end = await self._transfer_done
        finally:
            if not transfer.finished:
                # A stop ended it: the vehicle is told, so that it does not go on asking.
                self._send_all(transfer.cancel()[0])
            self._transfer = None
        if isinstance(end, TransferFailed):
            raise RefusedError(f"mission_{end.code}", f"{end.text}{self._reason()}")
        return end.items

    async def _parameter_run(self, machine: ParameterSet | ParameterRead) -> Any:
        async with self._parameter_lock:
            self._parameter_done = asyncio.get_running_loop().create_future()
            self._parameter = machine
            try:
                return await self._parameter_done
            finally:
                self._parameter = None

    async def _require(self, answer: Answer, what: str) -> None:
        if answer.accepted:
            return
        if answer.result is None:
            raise RefusedError("no_answer", f"{what}: the vehicle did not answer")
        # ArduPilot says why in a text that comes with, or just after, the refusal.
        await asyncio.sleep(0.3)
        raise RefusedError("vehicle_refused", f"{what}: {answer.name}{self._reason()}")

    def _reason(self) -> str:
        texts = [text.text for _, text in self._recent_texts[-3:]]
        return f" ({'; '.join(texts)})" if texts else ""

    def _note(self, texts: Sequence[StatusText], now_s: float) -> None:
        self._recent_texts += [(now_s, text) for text in texts if text.severity <= 4]
        self._recent_texts = [(s, t) for s, t in self._recent_texts if now_s - s < 4.0]

    def _send_all(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._send(message)

    def _answered(self, answer: Answer) -> None:
        done = self._answers.get(id(answer.order))
        if done is not None and not done.done():
            done.set_result(answer)

    def _transferred(self, events: Sequence[TransferDone | TransferFailed]) -> None:
        done = self._transfer_done
        for event in events:
            if done is not None and not done.done():
                done.set_result(event)

    def _parameter_ended(
        self, results: Sequence[ParameterResult] | Sequence[ParameterValue | None]
    ) -> None:
        done = self._parameter_done
        for result in results:
            if done is not None and not done.done():
                done.set_result(result)
