"""Who comes down where several land: one at a time, the others wait apart from it. Pure.

Aircraft whose launch points lie together don't descend at the same time. Who reaches the zone round
them first has it; the others stop at its edge, each at its own height of return, until the one
before has landed. Nobody waits on a low battery or in a failsafe: those land beside whoever is
there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from field_api.contract.messages import FlightPhase, SortieState, VehicleState
from fleet.sortie import Sortie
from fleet.watch.energy import way_home
from fleet.watch.sight import airborne, heard, place
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["Approach", "LandingOrder", "Turn"]

TOGETHER_M = 10.0
"""Launch points closer than this are one place to land."""
ZONE_M = 90.0
"""Stopped from its way home at this distance, it stands 50 m and more from who descends (O12)."""
LANDING_RESERVE = 0.10
"""Who would have less left than this after landing does not wait any longer."""
LONGEST_S = 240.0
"""However much the battery seems to hold, and where it says nothing."""
WAY_MODES = frozenset({"RTL", "SMART_RTL", "AUTO"})


@dataclass(frozen=True, slots=True)
class Approach:
    """One aircraft with a sortie."""

    state: VehicleState
    sortie: Sortie

    @property
    def vehicle_id(self) -> str:
        """Which."""
        return self.state.vehicle_id

    @property
    def home(self) -> GeoPoint:
        """Where it lands."""
        return self.state.home or self.sortie.plan.launch

    @property
    def near(self) -> bool:
        """Whether it is in the zone, or may be."""
        at = place(self.state)
        return at is None or distance_m(at, self.home) < ZONE_M

    @property
    def descends(self) -> bool:
        """Whether it uses the zone: comes down there, or takes off from it."""
        if self.sortie.state is SortieState.STARTING:
            return True
        coming = self.sortie.state is SortieState.RETURNING and not self.sortie.waits_to_land
        return coming and airborne(self.state) and self.near

    @property
    def must_land(self) -> bool:
        """Whether it can't wait."""
        if self.state.failsafe is not None or not heard(self.state):
            return True
        left = self.state.battery.remaining_fraction
        way = way_home(self.state, self.sortie.plan, self.sortie.return_m)
        return left is not None and way is not None and left - way.fraction < LANDING_RESERVE


@dataclass(frozen=True, slots=True)
class Turn:
    """What one aircraft is to do now."""

    vehicle_id: str
    waits: bool
    """Wait where it is, else come down."""
    for_id: str = ""
    """Who is before it."""


class LandingOrder:
    """The order of landing of a node's aircraft."""

    def __init__(self) -> None:
        self._landing: list[str] = []
        """Who has the zone of its launch point, in the order they came."""
        self._since_s: dict[str, float] = {}
        """Since when others wait."""

    def look(self, aircraft: Sequence[Approach], now_s: float) -> list[Turn]:
        """Return who is to wait now, and who that waited is to come down."""
        by_id = {one.vehicle_id: one for one in aircraft}
        self._landing = [i for i in self._landing if i in by_id and by_id[i].descends]
        waiting = [one for one in aircraft if one.sortie.waits_to_land]
        self._since_s = {o.vehicle_id: self._since_s.get(o.vehicle_id, now_s) for o in waiting}
        turns: list[Turn] = []
        # The lowest first: it is the nearest to the ground.
        arriving = [o for o in aircraft if o.descends and o.vehicle_id not in self._landing]
        for one in sorted(arriving, key=_height_m):
            before = self._before(one, by_id)
            if before is None or one.must_land or not _may_be_held(one.state):
                self._landing.append(one.vehicle_id)
            else:
                turns.append(Turn(one.vehicle_id, True, before))
        for one in sorted(waiting, key=lambda o: (not o.must_land, self._since_s[o.vehicle_id])):
            waited_s = now_s - self._since_s[one.vehicle_id]
            free = self._before(one, by_id) is None
            if free or one.must_land or waited_s > LONGEST_S:
                self._landing.append(one.vehicle_id)
                turns.append(Turn(one.vehicle_id, False))
        return turns

    def _before(self, one: Approach, by_id: dict[str, Approach]) -> str | None:
        """Return who has the zone that this one wants."""
        for other_id in self._landing:
            together = distance_m(by_id[other_id].home, one.home) < TOGETHER_M
            if other_id != one.vehicle_id and together:
                return other_id
        return None


def _height_m(one: Approach) -> float:
    return one.state.altitude_relative_m or 0.0


def _may_be_held(state: VehicleState) -> bool:
    """Whether it is on its way home by our order, and not flown by hand or about to touch down."""
    return state.mode in WAY_MODES and state.phase is not FlightPhase.LANDING
