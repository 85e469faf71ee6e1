"""The fleet node: links on one side, the command post on the other, aircraft in between."""

import asyncio
import contextlib
import time

import structlog

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    LinkState,
    NodeState,
    VehicleEvent,
    VehicleState,
)
from fleet.config import FleetConfig
from fleet.flown_track import FlownTrackLog
from fleet.links import Link, open_link
from fleet.mavlink import Message, dialect
from fleet.pilot import Pilot
from fleet.protocol.statustext import StatusText
from fleet.recorder import Recorder
from fleet.roster import Address, Roster
from fleet.router import Endpoint
from fleet.store import SortieStore
from fleet.telemetry import snapshot
from fleet.vehicle import RefusedError, Vehicle
from mission_plans.terrain_files import demo_terrain, load_terrain

__all__ = ["FleetNode"]

log = structlog.get_logger(__name__)

VERSION = "0.1.0"
TICK_S = 0.05
PUBLISH_S = 0.2
"""Every aircraft's state goes out this often, moved or not."""
MOVED_TYPES = frozenset({"GLOBAL_POSITION_INT", "HEARTBEAT"})
"""What is told at once: a map must not wait for the next round."""
HEALTH_S = 5.0
DUPLICATE_ALARM_S = 30.0
WARNING_SEVERITY = 3
CAUTION_SEVERITY = 4


class _Aircraft:
    """An aircraft that has been heard, with everything that belongs to it."""

    def __init__(
        self, vehicle: Vehicle, pilot: Pilot, recorder: Recorder, endpoint: Endpoint | None
    ) -> None:
        self.vehicle = vehicle
        self.pilot = pilot
        self.recorder = recorder
        self.endpoint = endpoint
        self.failsafe: str | None = None
        self.flown = FlownTrackLog()


class FleetNode:
    """Everything one launch site needs; `await run()` until cancelled."""

    def __init__(self, config: FleetConfig, token: str) -> None:
        """Prepare the node.

        Raises:
            JournalError: the outbox can't be opened.
            TerrainFileError: the ground model can't be used.
        """
        self.config = config
        self._terrain = load_terrain(config.terrain) if config.terrain else demo_terrain()
        self._roster = Roster({v.vehicle_id: (v.link, v.sysid) for v in config.vehicles})
        self._settings = {v.vehicle_id: v for v in config.vehicles}
        self._links: dict[str, Link] = {
            link.id: open_link(link.id, link.url, self._receive) for link in config.links
        }
        self._aircraft: dict[str, _Aircraft] = {}
        self._store = SortieStore(config.data_dir / "sorties")
        self._alarmed: dict[str, float] = {}
        self._moved: set[str] = set()
        """Aircraft with news since they were last published."""
        self._news = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self.client = LinkClient(
            config.link_url,
            config.node_id,
            "fleet",
            token,
            config.data_dir / "outbox.db",
            VERSION,
            self.on_command,
        )

    # --- reading ----------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return UTC in milliseconds by the command post's clock."""
        return max(0, round(time.time() * 1000 + self.client.clock_offset_ms))

    def state(self, vehicle_id: str) -> VehicleState | None:
        """Return an aircraft's snapshot, None until it was heard."""
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None:
            return None
        vehicle, sortie = aircraft.vehicle, aircraft.pilot.sortie
        now_s = time.monotonic()
        return snapshot(
            vehicle.telemetry,
            vehicle_id,
            vehicle.presence.state(now_s),
            vehicle.presence.age_s(now_s),
            self._terrain,
            aircraft.failsafe,
            vehicle.mission_count,
            (sortie.plan.id, sortie.state.value) if sortie else None,
            self.now_ms(),
        )

    # --- running ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ExceptionGroup: a link or endpoint could not be opened (`OSError`, e.g. port in use).
        """
        try:
            async with asyncio.TaskGroup() as group:
                self._tasks = group
                group.create_task(self.client.run())
                for link in self._links.values():
                    group.create_task(link.run())
                group.create_task(self._tick())
                group.create_task(self._publish())
                group.create_task(self._heartbeat())
        finally:
            for aircraft in self._aircraft.values():
                aircraft.recorder.close()
            self.client.close()

    async def _tick(self) -> None:
        while True:
            now_s = time.monotonic()
            for vehicle_id, aircraft in list(self._aircraft.items()):
                self._texts(vehicle_id, aircraft, aircraft.vehicle.tick(now_s))
                change = aircraft.vehicle.presence.changed(now_s)
                if change is not None:
                    self._link_changed(vehicle_id, change)
                aircraft.pilot.watch()
                await aircraft.vehicle.tell_waiters()
            await asyncio.sleep(TICK_S)

    def _publish_state(self, vehicle_id: str) -> None:
        state = self.state(vehicle_id)
        if state is not None:
            self.client.send_latest(state)
            for piece in self._aircraft[vehicle_id].flown.observe(state):
                self.client.send_durable(piece)

    async def _publish(self) -> None:
        health_s, round_s = 0.0, 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, round_s - time.monotonic())):
                    await self._news.wait()
            self._news.clear()
            moved, self._moved = self._moved, set()
            if time.monotonic() >= round_s:
                round_s = time.monotonic() + PUBLISH_S
                moved = set(self._aircraft)
            for vehicle_id in moved:
                self._publish_state(vehicle_id)
            if time.monotonic() >= health_s:
                health_s = time.monotonic() + HEALTH_S
                text = f"{len(self._aircraft)} of {len(self._settings)} aircraft"
                self.client.send_latest(
                    NodeState(
                        node_id=self.config.node_id, t_ms=self.now_ms(), version=VERSION, text=text
                    )
                )
                for aircraft in self._aircraft.values():
                    aircraft.recorder.flush()

    async def _heartbeat(self) -> None:
        # From the same loop as everything else: a hung node must fall silent, so that its aircraft
        # come home by their own failsafe.
        while True:
            beat = dialect.MAVLink_heartbeat_message(
                dialect.MAV_TYPE_GCS,
                dialect.MAV_AUTOPILOT_INVALID,
                0,
                0,
                dialect.MAV_STATE_ACTIVE,
                3,
            )
            for vehicle_id in self._aircraft:
                self._send(vehicle_id, beat)
            await asyncio.sleep(1 / self.config.heartbeat_hz)

    # --- messages ---------------------------------------------------------------------------

    def _receive(self, link: str, address: Address, message: Message) -> None:
        heard = self._roster.heard(link, address, message)
        vehicle_id = heard.vehicle_id
        if vehicle_id is None:
            return
        now_s = time.monotonic()
        if heard.kind == "duplicate":
            if self._aircraft[vehicle_id].vehicle.presence.state(now_s) is not LinkState.LOST:
                self._alarm_duplicate(vehicle_id, address, now_s)
                return
            self._roster.moved(vehicle_id, address)
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None:
            if heard.kind != "bound":
                return
            aircraft = self._aircraft[vehicle_id] = self._meet(vehicle_id)
        frame = bytes(message.get_msgbuf())
        aircraft.recorder.write(frame, message.get_msgId(), time.time_ns() // 1000)
        if aircraft.endpoint is not None:
            aircraft.endpoint.from_vehicle(frame)
        if message.get_type() == "TIMESYNC" and message.tc1 == 0:
            reply = dialect.MAVLink_timesync_message(time.time_ns(), message.ts1)
            self._send(vehicle_id, reply)
        texts = aircraft.vehicle.receive(message, now_s, self.now_ms())
        self._texts(vehicle_id, aircraft, texts)
        if message.get_type() in MOVED_TYPES:
            self._moved.add(vehicle_id)
            self._news.set()

    def _meet(self, vehicle_id: str) -> _Aircraft:
        binding = self._roster.binding(vehicle_id)
        if binding is None:
            raise RuntimeError(f"{vehicle_id} was met before it was bound")
        log.info("aircraft found", vehicle_id=vehicle_id, link=binding.link, system=binding.system)
        vehicle = Vehicle(
            vehicle_id,
            binding.system,
            binding.component,
            lambda message: self._send(vehicle_id, message),
        )
        recorder = Recorder(self.config.data_dir / "logs", vehicle_id, self.now_ms())
        pilot = Pilot(
            vehicle,
            lambda: self._known_state(vehicle_id),
            self._terrain,
            self._store,
            self.client.send_durable,
            self.now_ms,
            self.config.node_id,
        )
        endpoint = None
        if self.config.endpoints:
            endpoint = Endpoint(
                vehicle_id,
                binding.system,
                self.config.endpoint_host,
                self.config.endpoint_base_port + binding.system,
                lambda message: self._forward(vehicle_id, message),
                self._settings[vehicle_id].read_only,
            )
            if self._tasks is not None:
                self._tasks.create_task(endpoint.run())
        return _Aircraft(vehicle, pilot, recorder, endpoint)

    def _known_state(self, vehicle_id: str) -> VehicleState:
        state = self.state(vehicle_id)
        if state is None:
            raise RuntimeError(f"{vehicle_id} has no state although it was met")
        return state

    def _send(self, vehicle_id: str, message: Message) -> None:
        """Send to exactly this aircraft's binding: the only way out."""
        binding = self._roster.binding(vehicle_id)
        if binding is None:
            return
        frame = self._links[binding.link].send(message, binding.address)
        self._log_frame(vehicle_id, frame, message.get_msgId())

    def _forward(self, vehicle_id: str, message: Message) -> None:
        """Pass a frame of another program on to the aircraft, unchanged."""
        binding = self._roster.binding(vehicle_id)
        if binding is None:
            return
        frame = bytes(message.get_msgbuf())
        self._links[binding.link].send_frame(frame, binding.address)
        self._log_frame(vehicle_id, frame, message.get_msgId())

    def _log_frame(self, vehicle_id: str, frame: bytes, message_id: int) -> None:
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is not None:
            aircraft.recorder.write(frame, message_id, time.time_ns() // 1000)

    # --- events -----------------------------------------------------------------------------

    def _texts(self, vehicle_id: str, aircraft: _Aircraft, texts: list[StatusText]) -> None:
        for text in texts:
            lower = text.text.lower()
            if "failsafe" in lower:
                aircraft.failsafe = None if "clear" in lower else text.text
            if text.severity > CAUTION_SEVERITY:
                continue
            severity = "warning" if text.severity <= WARNING_SEVERITY else "caution"
            code = "failsafe" if "failsafe" in lower else "statustext"
            self._event(vehicle_id, severity, code, text.text, text.text, "STATUSTEXT")
        if aircraft.failsafe is not None and not aircraft.vehicle.telemetry.armed:
            aircraft.failsafe = None

    def _link_changed(self, vehicle_id: str, state: LinkState) -> None:
        log.info("link", vehicle_id=vehicle_id, state=state.value)
        match state:
            case LinkState.LIVE:
                self._event(vehicle_id, "info", "link_live", "遥测正常", "telemetry is back", "O8")
            case LinkState.STALE:
                self._event(
                    vehicle_id,
                    "caution",
                    "link_stale",
                    "遥测中断 3 秒",
                    "no telemetry for 3 s",
                    "O8",
                )
            case LinkState.LOST:
                self._event(
                    vehicle_id,
                    "warning",
                    "link_lost",
                    "遥测丢失;飞机将按失联保护返航",
                    "telemetry lost; the aircraft will return by its own failsafe",
                    "O8",
                )

    def _alarm_duplicate(self, vehicle_id: str, address: Address, now_s: float) -> None:
        if now_s - self._alarmed.get(vehicle_id, -DUPLICATE_ALARM_S) < DUPLICATE_ALARM_S:
            return
        self._alarmed[vehicle_id] = now_s
        self._event(
            vehicle_id,
            "warning",
            "duplicate_system_id",
            f"另一台设备使用了同一系统号({address}),已忽略",
            f"another device uses its system id ({address}) and is ignored",
            "O7",
        )

    def _event(
        self, vehicle_id: str, severity: str, code: str, zh: str, en: str, source: str
    ) -> None:
        self.client.send_durable(
            VehicleEvent.model_validate(
                {
                    "id": new_id(),
                    "t_ms": self.now_ms(),
                    "vehicle_id": vehicle_id,
                    "severity": severity,
                    "code": code,
                    "text_zh": zh,
                    "text_en": en,
                    "source": source,
                }
            )
        )

    # --- orders -----------------------------------------------------------------------------

    async def on_command(self, command: Command) -> None:
        """Carry out one order of the command post and answer it."""
        vehicle_id = command.body.vehicle_id
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None:
            known = vehicle_id in self._settings
            code = "not_heard" if known else "unknown_vehicle"
            text = (
                f"{vehicle_id} has not been heard yet"
                if known
                else f"{vehicle_id} is not on this node; it has {', '.join(self._settings)}"
            )
            self._answer(command, CommandOutcome.REFUSED, code, text)
            return
        log.info("order", vehicle_id=vehicle_id, action=command.body.action, author=command.author)
        try:
            text = await aircraft.pilot.carry_out(command)
        except RefusedError as error:
            refused = error.code in ("check_failed", "unknown_sortie", "not_uploaded")
            outcome = CommandOutcome.REFUSED if refused else CommandOutcome.FAILED
            log.warning("order not done", vehicle_id=vehicle_id, code=error.code, text=error.text)
            self._answer(command, outcome, error.code, error.text)
            return
        self._answer(command, CommandOutcome.DONE, "", text)

    def _answer(self, command: Command, outcome: CommandOutcome, code: str, text: str) -> None:
        self.client.send_durable(
            CommandResult(
                id=new_id(),
                t_ms=self.now_ms(),
                command_id=command.id,
                outcome=outcome,
                code=code,
                text=text[:1000],
            )
        )
