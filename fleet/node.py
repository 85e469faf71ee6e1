"""The fleet node: links on one side, the command post on the other, aircraft in between."""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from functools import partial

import structlog

from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    LinkState,
    NodeState,
    TakePhoto,
    VehicleState,
    Wish,
)
from fleet.camera import Camera
from fleet.clock import SteadyClock
from fleet.config import FleetConfig
from fleet.controls import Controls
from fleet.departures import Departures
from fleet.fence_watch import FenceWatch
from fleet.flown_track import FlownTrackLog
from fleet.guarding import Guarded, Guarding
from fleet.identity import Claims, Likeness
from fleet.landing_order import Approach
from fleet.landings import Landings
from fleet.links import Link, open_link
from fleet.mavlink import Message, dialect
from fleet.pilot import Pilot
from fleet.protocol.statustext import StatusText
from fleet.recorder import Recorder
from fleet.reports import Reports
from fleet.roster import Address, Roster
from fleet.router import Endpoint
from fleet.sortie_book import SortieBook
from fleet.store import SortieStore
from fleet.telemetry import snapshot
from fleet.vehicle import RefusedError, Vehicle
from fleet.words import DOUBT_EN, DOUBT_ZH, LINK_EVENTS, MIXED_EN, MIXED_ZH
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
IDENTITY_MESSAGES = (
    dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION,
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
)
NOTHING_SENT = frozenset(
    {
        "check_failed",
        "fence",
        "fence_changed",
        "mission_changed",
        "not_uploaded",
        "start_ordered",
        "too_late",
        "unknown_sortie",
    }
)
"""Refusals before anything was ordered of the aircraft."""
WARNING_SEVERITY = 3
CAUTION_SEVERITY = 4


class _Aircraft:
    """An aircraft that has been heard, with everything that belongs to it."""

    def __init__(
        self,
        vehicle: Vehicle,
        pilot: Pilot,
        camera: Camera,
        recorder: Recorder,
        endpoint: Endpoint | None,
    ) -> None:
        self.vehicle = vehicle
        self.pilot = pilot
        self.camera = camera
        self.recorder = recorder
        self.endpoint = endpoint
        self.failsafes: dict[str, str] = {}
        """The vehicle's words by which of its failsafes acts."""
        self.fence_watch = FenceWatch()
        self.flown = FlownTrackLog()
        self.claims = Claims(time.monotonic())


def _planned_pitch_deg(pilot: Pilot) -> float | None:
    return pilot.sortie.plan.camera_pitch_deg if pilot.sortie else None


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
        self._clock = SteadyClock()
        self._departures = Departures(self.now_ms)
        self.client = LinkClient(
            config.link_url,
            config.node_id,
            "fleet",
            token,
            config.data_dir / "outbox.db",
            VERSION,
            self.on_command,
            on_wish=self.on_wish,
            now_ms=self._clock,
        )
        self._reports = Reports(self.client, self.now_ms)
        self._guarding = Guarding(config, self._terrain, self._reports, self.now_ms)
        self._landings = Landings()

    # --- reading ----------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return UTC in milliseconds by the command post's clock."""
        return max(0, round(self._clock() + self.client.clock_offset_ms))

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
            "; ".join(aircraft.failsafes.values()) or None,
            vehicle.mission_count,
            (sortie.plan.id, sortie.state.value) if sortie else None,
            self.now_ms(),
            minutes_left=self._guarding.minutes_left(vehicle_id),
            fence_confirmed=vehicle.fence_confirmed,
            camera=aircraft.camera.state(now_s),
        )

    # --- running ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            ExceptionGroup: a link could not be opened (`OSError`, e.g. port in use).
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
            self._guarding.close()
            self._landings.close()
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
                heard = aircraft.vehicle.presence.state(now_s) is not LinkState.LOST
                if heard and not aircraft.claims.doubtful:
                    aircraft.camera.tick(now_s)
                if words := aircraft.fence_watch.look(aircraft.vehicle.telemetry):
                    self._reports.event(vehicle_id, "warning", "fence_breach", *words, "O9")
                await aircraft.vehicle.tell_waiters()
            if self._guarding.due(now_s):
                self._guarding.look([self._guarded(name) for name in self._aircraft], now_s)
            self._landings.look(list(self._approaches()), now_s)
            self._reports.store_waiting()
            await asyncio.sleep(TICK_S)

    def _guarded(self, vehicle_id: str) -> Guarded:
        aircraft = self._aircraft[vehicle_id]
        state = self._known_state(vehicle_id)
        return Guarded(state, aircraft.vehicle, aircraft.pilot, not aircraft.claims.doubtful)

    def _approaches(self) -> Iterator[tuple[Approach, Pilot]]:
        for vehicle_id, aircraft in self._aircraft.items():
            sortie = aircraft.pilot.sortie
            if sortie is not None and not aircraft.claims.doubtful:
                yield Approach(self._known_state(vehicle_id), sortie), aircraft.pilot

    def _publish_state(self, vehicle_id: str) -> None:
        state = self.state(vehicle_id)
        if state is not None:
            self.client.send_latest(state)
            for piece in self._aircraft[vehicle_id].flown.observe(state):
                self._reports.tell(piece)

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
                if self._reports.disk_refuses:
                    text += "; its disk can't be written"
                self.client.send_latest(
                    NodeState(
                        node_id=self.config.node_id,
                        t_ms=self.now_ms(),
                        version=VERSION,
                        text=text,
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
        if heard.kind == "duplicate" and not self._claimed(vehicle_id, address, message, now_s):
            return
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None:
            if heard.kind != "bound":
                return
            aircraft = self._aircraft[vehicle_id] = self._meet(vehicle_id)
        own = message.get_srcComponent() == aircraft.vehicle.component
        if own and aircraft.claims.heard(message, now_s):
            self._tell_certain(vehicle_id)
        if aircraft.claims.mixed:
            self._alarm(vehicle_id, "identity_in_doubt", MIXED_ZH, MIXED_EN, now_s)
        frame = bytes(message.get_msgbuf())
        aircraft.recorder.write(frame, message.get_msgId(), time.time_ns() // 1000)
        if aircraft.endpoint is not None:
            aircraft.endpoint.from_vehicle(frame)
        if message.get_type() == "TIMESYNC" and message.tc1 == 0:
            reply = dialect.MAVLink_timesync_message(time.time_ns(), message.ts1)
            self._send(vehicle_id, reply)
        aircraft.camera.receive(message, now_s)
        texts = aircraft.vehicle.receive(message, now_s, self.now_ms())
        self._texts(vehicle_id, aircraft, texts)
        if message.get_type() in MOVED_TYPES:
            self._moved.add(vehicle_id)
            self._news.set()

    def _claimed(self, vehicle_id: str, address: Address, message: Message, now_s: float) -> bool:
        """Judge a device that speaks with an aircraft's system id from elsewhere.

        Returns:
            Whether it is the aircraft, which has moved there.
        """
        aircraft = self._aircraft[vehicle_id]
        if aircraft.vehicle.presence.state(now_s) is not LinkState.LOST:
            text = f"另一台设备使用了同一系统号({address}),已忽略"
            en = f"another device uses its system id ({address}) and is ignored"
            self._alarm(vehicle_id, "duplicate_system_id", text, en, now_s)
            return False
        if message.get_srcComponent() != aircraft.vehicle.component:
            return False
        likeness, ask = aircraft.claims.claimed(address, message, now_s)
        if ask:
            self._ask_who_it_is(vehicle_id, address)
        if likeness is Likeness.OTHER:
            self._alarm(vehicle_id, "identity_in_doubt", DOUBT_ZH, DOUBT_EN, now_s)
        if likeness is not Likeness.SAME:
            return False
        self._roster.moved(vehicle_id, address)
        if aircraft.claims.moved():
            self._tell_certain(vehicle_id)
        return True

    def _ask_who_it_is(
        self, vehicle_id: str, address: Address, wanted_ids: Sequence[int] = IDENTITY_MESSAGES
    ) -> None:
        """Ask a device for its hardware, place and clock: it moves nothing."""
        binding = self._roster.binding(vehicle_id)
        if binding is None:
            return
        for wanted in wanted_ids:
            ask = dialect.MAVLink_command_long_message(
                *(binding.system, binding.component),
                *(dialect.MAV_CMD_REQUEST_MESSAGE, 0, wanted, 0, 0, 0, 0, 0, 0),
            )
            self._links[binding.link].send(ask, address)

    def _tell_certain(self, vehicle_id: str) -> None:
        zh, en = "飞机身份已确认", "it is known again which device is this aircraft"
        self._reports.event(vehicle_id, "info", "identity_certain", zh, en, "O7")

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
        camera = Camera(
            binding.system,
            binding.component,
            lambda message: self._send(vehicle_id, message),
            self._terrain,
            lambda: _planned_pitch_deg(self._aircraft[vehicle_id].pilot),
            lambda: vehicle.telemetry.home_amsl_m,
        )
        pilot = Pilot(self._controls(vehicle, camera))
        endpoint = None
        if self.config.endpoints:
            endpoint = Endpoint(
                vehicle_id,
                binding.system,
                self.config.endpoint_host,
                self.config.endpoint_base_port + binding.system,
                lambda message: self._forward(vehicle_id, message),
                lambda why: self._endpoint_unusable(vehicle_id, why),
                self._settings[vehicle_id].read_only,
            )
            if self._tasks is not None:
                self._tasks.create_task(endpoint.run())
        # Its place comes with the streams; asked for besides, they would seem to have begun.
        self._ask_who_it_is(vehicle_id, binding.address, IDENTITY_MESSAGES[:1])
        return _Aircraft(vehicle, pilot, camera, recorder, endpoint)

    def _controls(self, vehicle: Vehicle, camera: Camera) -> Controls:
        vehicle_id = vehicle.vehicle_id
        book = SortieBook(
            vehicle_id, self._store, self._reports.tell, self.now_ms, self.config.node_id
        )
        return Controls(
            vehicle,
            camera,
            lambda: self._known_state(vehicle_id),
            self._terrain,
            book,
            self._departures,
            self.now_ms,
            partial(self._reports.event, vehicle_id),
        )

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
                # "GCS Failsafe Cleared" says nothing of a battery's.
                which = lower.partition("failsafe")[0].strip()
                if "clear" in lower:
                    aircraft.failsafes.pop(which, None)
                else:
                    aircraft.failsafes[which] = text.text
            if text.severity > CAUTION_SEVERITY:
                continue
            severity = "warning" if text.severity <= WARNING_SEVERITY else "caution"
            code = "failsafe" if "failsafe" in lower else "statustext"
            self._reports.event(vehicle_id, severity, code, text.text, text.text, "STATUSTEXT")
        if aircraft.failsafes and not aircraft.vehicle.telemetry.armed:
            aircraft.failsafes.clear()

    def _link_changed(self, vehicle_id: str, state: LinkState) -> None:
        log.info("link", vehicle_id=vehicle_id, state=state.value)
        self._reports.event(vehicle_id, *LINK_EVENTS[state], "O8")

    def _endpoint_unusable(self, vehicle_id: str, why: str) -> None:
        zh = f"MAVLink 转发端口不可用,每 5 秒重试:{why}"
        en = f"its MAVLink endpoint can't be opened and is tried again every 5 s: {why}"
        self._reports.event(vehicle_id, "caution", "endpoint_unusable", zh, en, "P1")

    def _alarm(self, vehicle_id: str, code: str, zh: str, en: str, now_s: float) -> None:
        if now_s - self._alarmed.get(vehicle_id, -DUPLICATE_ALARM_S) < DUPLICATE_ALARM_S:
            return
        self._alarmed[vehicle_id] = now_s
        self._reports.event(vehicle_id, "warning", code, zh, en, "O7")

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
            self._reports.answer(command, CommandOutcome.REFUSED, code, text)
            return
        if aircraft.claims.doubtful:
            zh, en = (MIXED_ZH, MIXED_EN) if aircraft.claims.mixed else (DOUBT_ZH, DOUBT_EN)
            text = f"{zh} / {en}"
            self._reports.answer(command, CommandOutcome.REFUSED, "identity_in_doubt", text)
            return
        log.info("order", vehicle_id=vehicle_id, action=command.body.action, author=command.author)
        try:
            with self._guarding.person(command):
                if isinstance(command.body, TakePhoto):
                    text = await aircraft.camera.photo()
                else:
                    text = await aircraft.pilot.carry_out(command)
        except RefusedError as error:
            refused = error.code in NOTHING_SENT
            outcome = CommandOutcome.REFUSED if refused else CommandOutcome.FAILED
            log.warning("order not done", vehicle_id=vehicle_id, code=error.code, text=error.text)
            self._reports.answer(command, outcome, error.code, error.text)
            return
        self._reports.answer(command, CommandOutcome.DONE, "", text)

    def on_wish(self, wish: Wish) -> None:
        """Follow what the command post wants of an aircraft that is known for certain."""
        aircraft = self._aircraft.get(wish.vehicle_id)
        if aircraft is not None and not aircraft.claims.doubtful:
            aircraft.camera.wish(wish, self.now_ms())
