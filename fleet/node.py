"""The fleet node: links on one side, the command post on the other, aircraft in between."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from functools import partial

import structlog

from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    ConfirmIdentity,
    DetectorRules,
    FollowTo,
    LinkState,
    NodeState,
    OnboardBody,
    TakePhoto,
    VehicleState,
    Wish,
)
from fleet.aircraft import Aircraft
from fleet.alarms import Alarms
from fleet.asking import UID, gcs_heartbeat
from fleet.camera import Camera
from fleet.certainty import confirm_identity, refuse_uncertain
from fleet.claims import Claims
from fleet.clock import SteadyClock
from fleet.config import FleetConfig
from fleet.controls import Controls
from fleet.departures import Departures
from fleet.guarding import Guarded, Guarding
from fleet.health import link_reports, way_states
from fleet.landing_order import Approach
from fleet.landings import Landings
from fleet.last_known import LastKnown
from fleet.links import Link, LinkWatch, open_link, parse_link_url
from fleet.mavlink import Message
from fleet.onboard import Onboard
from fleet.pilot import Pilot
from fleet.protocol.statustext import StatusText
from fleet.receiving import Receiving
from fleet.recorder import Recorder
from fleet.reports import Reports
from fleet.roster import Address, Origin, Roster
from fleet.said import take_texts
from fleet.sending import Sending
from fleet.sharing import Sharing
from fleet.signing import Signatures, SigningTimes, load_keys
from fleet.sortie_book import SortieBook
from fleet.store import SortieStore
from fleet.strangers import Stranger
from fleet.telemetry import snapshot
from fleet.vehicle import RefusedError, Vehicle
from fleet.ways import Switch, Way, Ways
from mission_plans.ground.terrain_files import demo_terrain, load_terrain

__all__ = ["FleetNode"]

log = structlog.get_logger(__name__)

VERSION = "0.1.0"
TICK_S = 0.05
PUBLISH_S = 0.2
"""Every aircraft's state goes out this often, moved or not."""
MOVED_TYPES = frozenset({"GLOBAL_POSITION_INT", "HEARTBEAT"})
"""What is told at once: a map must not wait for the next round."""
HEALTH_S = 5.0
NOTHING_SENT = frozenset(
    {
        "check_failed",
        "fence",
        "fence_changed",
        "identity_in_doubt",
        "in_flight",
        "mission_changed",
        "not_heard",
        "not_uploaded",
        "parameter_refused",
        "replay",
        "start_ordered",
        "too_late",
        "unknown_sortie",
    }
)
"""Refusals before anything was ordered of the aircraft."""


def _planned_pitch_deg(pilot: Pilot) -> float | None:
    return pilot.sortie.plan.camera_pitch_deg if pilot.sortie else None


class FleetNode:
    """Everything one launch site needs; `await run()` until cancelled."""

    def __init__(self, config: FleetConfig, token: str) -> None:
        """Prepare the node.

        Raises:
            JournalError: the outbox can't be opened.
            TerrainFileError: the ground model can't be used.
            KeyFileError: the signing keys can't be used.
        """
        self.config = config
        self._clock = SteadyClock()
        self._terrain = load_terrain(config.terrain) if config.terrain else demo_terrain()
        self._roster = Roster({v.vehicle_id: (v.ways, v.sysid) for v in config.vehicles})
        self._settings = {v.vehicle_id: v for v in config.vehicles}
        self._kinds = {link.id: parse_link_url(link.url).kind for link in config.links}
        watch = LinkWatch(lambda name, why: self._alarms.link_unusable(name, why))
        self._links: dict[str, Link] = {
            link.id: open_link(link.id, link.url, self._hear, watch) for link in config.links
        }
        self._aircraft: dict[str, Aircraft] = {}
        self._signatures = self._signing()
        self._sending = Sending(self._links, self._roster, self._aircraft, self._signatures)
        self._receiving = Receiving(
            self._links,
            self._roster,
            self._aircraft,
            self._sending,
            self._signatures,
            self,
            self.now_ms,
        )
        self._receive = self._receiving.receive
        self._store = SortieStore(config.data_dir / "sorties")
        self._last_known = LastKnown(config.data_dir / "identities.json")
        self._moved: set[str] = set()
        """Aircraft with news since they were last published."""
        self._news = asyncio.Event()
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
        self._alarms = Alarms(self._reports, config.node_id)
        self._sharing = Sharing(
            config, self._sending, self._reports, self._alarms.endpoint_unusable
        )
        self._guarding = Guarding(config, self._terrain, self._reports, self.now_ms)
        self._landings = Landings()

    def _signing(self) -> Signatures:
        config = self.config
        keys = load_keys(config.signing_keys) if config.signing_keys else {}
        return Signatures(
            keys,
            {v.vehicle_id: (v.ways, v.sysid) for v in config.vehicles},
            [link.id for link in config.links],
            SigningTimes(config.data_dir / "signing.json"),
            lambda: self._clock() * 1000,
        )

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
        doubt = aircraft.claims.doubt(now_s)
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
            onboard_work=aircraft.onboard.work,
            clock=aircraft.onboard.clock,
            remote_id=aircraft.onboard.remote_id(now_s),
            camera=aircraft.camera.state(now_s),
            ways=way_states(aircraft.ways, self._links, now_s),
            doubt=doubt.value if doubt is not None else None,
        )

    # --- running ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._sharing.run(group.create_task)
                group.create_task(self.client.run())
                for link in self._links.values():
                    group.create_task(link.run_for_ever())
                group.create_task(self._tick())
                group.create_task(self._publish())
                group.create_task(self._heartbeat())
        finally:
            self._guarding.close()
            self._remember()
            self._signatures.save()
            self._landings.close()
            for aircraft in self._aircraft.values():
                aircraft.recorder.close()
            self.client.close()

    async def _tick(self) -> None:
        while True:
            now_s = time.monotonic()
            for vehicle_id, aircraft in list(self._aircraft.items()):
                self._look_at_ways(vehicle_id, aircraft, now_s)
                self.texts(vehicle_id, aircraft, aircraft.vehicle.tick(now_s))
                aircraft.onboard.poll(now_s)
                change = aircraft.vehicle.presence.changed(now_s)
                if change is not None:
                    log.info("link", vehicle_id=vehicle_id, state=change.value)
                    self._alarms.link_changed(vehicle_id, change)
                aircraft.pilot.watch()
                heard = aircraft.vehicle.presence.state(now_s) is not LinkState.LOST
                if heard and aircraft.claims.doubt(now_s) is None:
                    aircraft.camera.tick(now_s)
                if words := aircraft.fence_watch.look(aircraft.vehicle.telemetry):
                    self._reports.event(vehicle_id, "warning", "fence_breach", *words, "O9")
                await aircraft.vehicle.tell_waiters()
            if self._guarding.due(now_s):
                self._guarding.look([self._guarded(name) for name in self._aircraft], now_s)
                self._signatures.look(now_s)
                self._alarms.look(self._links, now_s, time.time)
            self._landings.look(list(self._approaches()), now_s)
            self._reports.store_waiting()
            await asyncio.sleep(TICK_S)

    def _guarded(self, vehicle_id: str) -> Guarded:
        aircraft = self._aircraft[vehicle_id]
        state = self._known_state(vehicle_id)
        return Guarded(state, aircraft.vehicle, aircraft.pilot, state.doubt is None)

    def _look_at_ways(self, vehicle_id: str, aircraft: Aircraft, now_s: float) -> None:
        """Take the best way for orders, and tell where it is not certain who the aircraft is."""
        switch = aircraft.ways.look(now_s)
        if switch is not None:
            log.info("orders go over", vehicle_id=vehicle_id, link=switch.new.link)
            self._switch(vehicle_id, aircraft, switch)
            self._alarms.switched(
                vehicle_id,
                switch,
            )
        self._alarms.doubt(vehicle_id, aircraft, aircraft.claims.doubt(now_s))

    def _switch(self, vehicle_id: str, aircraft: Aircraft, switch: Switch) -> None:
        if switch.fail_over:
            self._sending.give_up(vehicle_id, switch.old.link)
        binding = self._roster.binding(vehicle_id, switch.new.link)
        if binding is not None:
            aircraft.claims.activate(binding.origin)
        aircraft.vehicle.way_changed()
        heard_s = switch.new.presence.heard_s
        if switch.new.heartbeat is not None and heard_s > aircraft.vehicle.presence.heard_s:
            # What it said last there: the mode there is newer than what came the old way.
            aircraft.vehicle.receive(switch.new.heartbeat, heard_s, self.now_ms())

    def _approaches(self) -> Iterator[tuple[Approach, Pilot]]:
        for vehicle_id, aircraft in self._aircraft.items():
            sortie = aircraft.pilot.sortie
            if sortie is not None and aircraft.claims.doubt(time.monotonic()) is None:
                yield Approach(self._known_state(vehicle_id), sortie), aircraft.pilot

    def _publish_state(self, vehicle_id: str) -> None:
        state = self.state(vehicle_id)
        if state is not None:
            self.client.send_latest(state)
            for piece in self._aircraft[vehicle_id].flown.observe(state):
                self._reports.tell(piece)

    async def _publish(self) -> None:
        health_s, round_s = 0.0, 0.0
        told: set[str] = set()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, round_s - time.monotonic())):
                    await self._news.wait()
            self._news.clear()
            moved, self._moved = self._moved, set()
            if time.monotonic() >= round_s:
                round_s = time.monotonic() + PUBLISH_S
                # Who has moved since the last round was told of at once.
                moved |= set(self._aircraft) - told
                told = set()
            told |= moved
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
                        links=link_reports(self._links.values(), self._kinds, time.monotonic()),
                        strangers=self._receiving.strangers.reports(self.now_ms()),
                    )
                )
                for aircraft in self._aircraft.values():
                    aircraft.recorder.flush()
                self._remember()

    def _remember(self) -> None:
        """Write down who the aircraft are, for this node's next start."""
        now_s = time.monotonic()
        found = {name: aircraft.claims.certain(now_s) for name, aircraft in self._aircraft.items()}
        self._last_known.save({name: known for name, known in found.items() if known is not None})

    async def _heartbeat(self) -> None:
        # From the same loop as everything else: a hung node must fall silent, so that its aircraft
        # come home by their own failsafe.
        while True:
            self._sending.beat(gcs_heartbeat())
            await asyncio.sleep(1 / self.config.heartbeat_hz)

    # --- what is heard (`Listener`) -----------------------------------------------------------

    def _hear(self, link: str, address: Address, message: Message) -> None:
        self._receiving.receive(link, address, message)

    def news(self, vehicle_id: str, aircraft: Aircraft, message: Message) -> None:
        """Publish what has moved at once."""
        now_s = time.monotonic()
        aircraft.camera.receive(message, now_s)
        aircraft.onboard.receive(message, now_s)
        if message.get_type() in MOVED_TYPES:
            self._moved.add(vehicle_id)
            self._news.set()

    def texts(self, vehicle_id: str, aircraft: Aircraft, texts: list[StatusText]) -> None:
        """Take what an aircraft says in words."""
        take_texts(self._reports, vehicle_id, aircraft, texts)

    def duplicate(self, vehicle_id: str, origin: Origin) -> None:
        """Tell of a device that is ignored."""
        self._alarms.duplicate(vehicle_id, origin)

    def unsigned(self, vehicle_id: str, origin: Origin) -> None:
        """Tell of frames that lack a vehicle's signature."""
        self._alarms.unsigned(vehicle_id, origin)

    def stranger(self, stranger: Stranger) -> None:
        """Tell of a device in quarantine."""
        self._alarms.stranger(stranger)

    def way_added(self, vehicle_id: str, way: Way) -> None:
        """Tell of a second way."""
        self._alarms.way_added(vehicle_id, way)

    def meet(self, vehicle_id: str, origin: Origin) -> Aircraft:
        """Make what belongs to an aircraft that is heard for the first time."""
        binding = self._roster.binding(vehicle_id, origin[0])
        if binding is None:
            raise RuntimeError(f"{vehicle_id} was met before it was bound")
        log.info("aircraft found", vehicle_id=vehicle_id, link=binding.link, system=binding.system)
        vehicle = Vehicle(
            vehicle_id,
            binding.system,
            binding.component,
            lambda message: self._sending.send(vehicle_id, message),
        )
        recorder = Recorder(self.config.data_dir / "logs", vehicle_id, self.now_ms())
        camera = Camera(
            binding.system,
            binding.component,
            lambda message: self._sending.send(vehicle_id, message),
            self._terrain,
            lambda: _planned_pitch_deg(self._aircraft[vehicle_id].pilot),
            lambda: vehicle.telemetry.home_amsl_m,
        )
        pilot = Pilot(self._controls(vehicle, camera))
        onboard = Onboard(
            vehicle,
            lambda message: self._sending.send(vehicle_id, message),
            self.config.data_dir,
            self._reports,
            lambda: self._known_state(vehicle_id),
            self._clock.ns,
            self.now_ms,
            self._settings[vehicle_id].remote_id,
            self.config.heartbeat_hz,
        )
        # Its place comes with the streams; asked for besides, they would seem to have begun.
        self._sending.ask(vehicle_id, origin, UID)
        ways, now_s = self._settings[vehicle_id].ways, time.monotonic()
        aircraft = Aircraft(
            vehicle,
            pilot,
            onboard,
            camera,
            recorder,
            Claims(origin, now_s, self._last_known.of(vehicle_id, now_s)),
            Ways(ways, origin[0]),
            several=len(ways) > 1,
        )
        self._sharing.add(self._settings[vehicle_id], aircraft)
        return aircraft

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
        log.info("order", vehicle_id=vehicle_id, action=command.body.action, author=command.author)
        try:
            with self._guarding.person(command):
                text = await self._carry_out(command, aircraft)
        except RefusedError as error:
            refused = error.code in NOTHING_SENT
            outcome = CommandOutcome.REFUSED if refused else CommandOutcome.FAILED
            log.warning("order not done", vehicle_id=vehicle_id, code=error.code, text=error.text)
            self._reports.answer(command, outcome, error.code, error.text)
            return
        self._reports.answer(command, CommandOutcome.DONE, "", text)

    def on_wish(self, wish: Wish) -> None:
        """Follow what the command post wants of an aircraft that is known for certain."""
        if isinstance(wish, DetectorRules):
            return  # meant for a vision node
        aircraft = self._aircraft.get(wish.vehicle_id)
        if aircraft is not None and aircraft.claims.doubt(time.monotonic()) is None:
            if isinstance(wish, FollowTo):
                aircraft.pilot.wish(wish, self.now_ms())
            else:
                aircraft.camera.wish(wish, self.now_ms())

    async def _carry_out(self, command: Command, aircraft: Aircraft) -> str:
        if isinstance(command.body, ConfirmIdentity):
            return confirm_identity(aircraft, command.author)
        await refuse_uncertain(aircraft, self._links)
        if isinstance(command.body, OnboardBody):
            return await aircraft.onboard.carry_out(command, command.body)
        if isinstance(command.body, TakePhoto):
            return await aircraft.camera.photo()
        return await aircraft.pilot.carry_out(command)
