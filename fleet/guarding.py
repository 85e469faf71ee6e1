"""The guards of a node's aircraft: looks at all of them, tells people, and gives the few orders."""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import structlog

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Command,
    FlyTo,
    LandVehicle,
    LookAgain,
    PauseVehicle,
    ResumeVehicle,
    RetaskSortie,
    ReturnVehicle,
    VehicleState,
)
from fleet.config import FleetConfig
from fleet.pilot import Pilot
from fleet.reflexes import Reflexes
from fleet.reports import Reports
from fleet.traffic import drone_key, merged
from fleet.vehicle import RefusedError, Vehicle
from fleet.watch import GUARDS, Action, FlightWatch, Sight, airborne
from mission_plans.ground.terrain import Terrain

__all__ = ["Guarded", "Guarding"]

log = structlog.get_logger(__name__)

LOOK_S = 0.2
"""Between two looks; an alarm may take 2 s in all (story O12)."""
ORDER_MS = 10_000
"""How long an order of a guard is good for."""
SETTLE_S = 15.0
"""An aircraft found in the air, by a node that restarted, may have been ordered to go on although a
guard held: what holds from the first on only warns."""
STOPS = (PauseVehicle, ReturnVehicle, LandVehicle)
GOING_ON = (ResumeVehicle, FlyTo, LookAgain, RetaskSortie)
WORDS = {"hold": ("悬停", "hold"), "return": ("返航", "return")}


@dataclass(frozen=True, slots=True)
class Guarded:
    """One aircraft as the guards see it."""

    state: VehicleState
    vehicle: Vehicle
    pilot: Pilot
    certain: bool
    """Whether it is known which device it is."""


class _Aircraft:
    def __init__(self, watch: FlightWatch, reflexes: Reflexes) -> None:
        self.watch = watch
        self.reflexes = reflexes
        self.ordering: asyncio.Task[None] | None = None
        """The guards' order that is under way."""
        self.ordered_ms = 0
        self.settled_s: float | None = None
        """From when on its guards may order; None until the first look."""


class Guarding:
    """The guards in flight of a whole node."""

    def __init__(
        self, config: FleetConfig, terrain: Terrain, reports: Reports, now_ms: Callable[[], int]
    ) -> None:
        self._config = config
        self._terrain = terrain
        self._reports = reports
        self._now_ms = now_ms
        self._aircraft: dict[str, _Aircraft] = {}
        self._due_s = 0.0
        self._transponders = frozenset(
            [int(v.icao, 16) for v in config.vehicles if v.icao]
            + [
                drone_key(bytes.fromhex(v.remote_id.mac))
                for v in config.vehicles
                if v.remote_id and v.remote_id.mac
            ]
        )

    def due(self, now_s: float) -> bool:
        """Whether it is time for a look; if so, the next one is `LOOK_S` later."""
        if now_s < self._due_s:
            return False
        self._due_s = now_s + LOOK_S
        return True

    def look(self, guarded: Sequence[Guarded], now_s: float) -> None:
        """Look at every aircraft, tell what is to be told, order what is to be ordered."""
        now_ms = self._now_ms()
        heard = (one.vehicle.telemetry.traffic for one in guarded)
        strangers = merged(heard, now_ms, self._transponders)
        for one in guarded:
            vehicle_id = one.state.vehicle_id
            others = [g.state for g in guarded if g is not one]
            sight = Sight(one.state, one.pilot.sortie, now_s, now_ms, others, strangers)
            aircraft = self._of(vehicle_id)
            for alarm in aircraft.watch.look(sight):
                self._reports.event(
                    vehicle_id,
                    *(alarm.severity, alarm.id, alarm.text_zh, alarm.text_en, alarm.source),
                )
            self._react(aircraft, one, now_s)

    def minutes_left(self, vehicle_id: str) -> float | None:
        """Return how long until an aircraft must turn home, None where that is unknown."""
        aircraft = self._aircraft.get(vehicle_id)
        return None if aircraft is None else aircraft.watch.minutes_left

    @contextlib.contextmanager
    def person(self, command: Command) -> Generator[None]:
        """While a person's order is carried out the guards order nothing; it ends theirs."""
        if not isinstance(command.body, (*STOPS, *GOING_ON)):
            yield
            return
        aircraft = self._of(command.body.vehicle_id)
        aircraft.reflexes.person_begins()
        # One to go on that was given before the guard's order is refused by the pilot as late.
        later = isinstance(command.body, STOPS) or command.issued_ms > aircraft.ordered_ms
        if aircraft.ordering is not None and later:
            aircraft.ordering.cancel()
        try:
            yield
        finally:
            aircraft.reflexes.person_ends()

    def close(self) -> None:
        """Drop the guards' orders that are under way."""
        for aircraft in self._aircraft.values():
            if aircraft.ordering is not None:
                aircraft.ordering.cancel()

    def _of(self, vehicle_id: str) -> _Aircraft:
        if vehicle_id not in self._aircraft:
            self._aircraft[vehicle_id] = _Aircraft(
                FlightWatch(self._terrain, self._config.limits), Reflexes(self._config.guards)
            )
        return self._aircraft[vehicle_id]

    # --- orders -----------------------------------------------------------------------------

    def _react(self, aircraft: _Aircraft, one: Guarded, now_s: float) -> None:
        holding = aircraft.watch.holding
        if aircraft.settled_s is None:
            aircraft.settled_s = now_s + SETTLE_S if airborne(one.state) else now_s
        if now_s < aircraft.settled_s:
            aircraft.reflexes.pass_over(holding)
            return
        if aircraft.ordering is not None:
            return
        wanted = aircraft.reflexes.look(holding, one.state, certain=one.certain)
        if wanted is not None:
            self._order(aircraft, one, *wanted)

    def _order(self, aircraft: _Aircraft, one: Guarded, guard: str, action: Action) -> None:
        vehicle_id, now_ms = one.state.vehicle_id, self._now_ms()
        body = (ReturnVehicle if action == "return" else PauseVehicle)(vehicle_id=vehicle_id)
        command = Command(
            id=new_id(),
            author=self._config.node_id,
            issued_ms=now_ms,
            expires_ms=now_ms + ORDER_MS,
            body=body,
        )
        zh, en = WORDS[action]
        log.warning("guard orders", vehicle_id=vehicle_id, guard=guard, action=action)
        self._tell(one, guard, f"{guard} 规则命令{zh}", f"guard {guard} orders it to {en}")
        aircraft.ordered_ms = now_ms
        aircraft.ordering = asyncio.create_task(self._carry_out(one, guard, command))
        aircraft.ordering.add_done_callback(lambda task: self._ordered(aircraft, task))

    async def _carry_out(self, one: Guarded, guard: str, command: Command) -> None:
        """Give the order by the same way as a person's, once."""
        try:
            await one.pilot.carry_out(command)
        except RefusedError as error:
            self._tell(
                one,
                guard,
                f"{guard} 规则的命令未被执行:{error.text}",
                f"the order of guard {guard} was not carried out: {error.text}",
            )

    def _tell(self, one: Guarded, guard: str, zh: str, en: str) -> None:
        source = GUARDS[guard].source
        self._reports.event(one.state.vehicle_id, "warning", "guard_order", zh, en, source)

    def _ordered(self, aircraft: _Aircraft, task: asyncio.Task[None]) -> None:
        aircraft.ordering = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("guard's order failed", error=repr(error))
