"""The guards of one aircraft in flight: what holds, since when, and what is told now.

Each rule says what holds at one look. Here it becomes an alarm once it has lasted as long as its
guard asks, is told when it begins and again every `REPEAT_S` while it lasts, and is over only when
it was away for `CLEAR_S`: a rule that flickers at its limit is one alarm, not twenty.
"""

from collections.abc import Callable

from fleet.watch.catalogue import GUARDS, Alarm, Limits
from fleet.watch.daylight import sunset
from fleet.watch.energy import BatteryHome
from fleet.watch.ground_ahead import GroundAhead
from fleet.watch.neighbours import separation, traffic
from fleet.watch.senses import FrozenPosition, down, ekf, gps, gps_poor, wind
from fleet.watch.sight import Sight
from mission_plans.ground.terrain import Terrain

__all__ = ["CLEAR_S", "REPEAT_S", "FlightWatch"]

REPEAT_S = 30.0
CLEAR_S = 5.0

Key = tuple[str, str]
"""A guard and what it is about."""


class FlightWatch:
    """The rules of one aircraft, with what they must remember."""

    def __init__(self, terrain: Terrain | None = None, limits: Limits | None = None) -> None:
        """Begin to watch.

        Args:
            terrain: ground model; None leaves out the rules that need one.
            limits: of this site.
        """
        limits = limits or Limits()
        self._ground = None if terrain is None else GroundAhead(terrain)
        self._battery = BatteryHome(terrain)
        self._rules: tuple[Callable[[Sight], Alarm | None], ...] = (
            FrozenPosition().look,
            down,
            gps,
            gps_poor,
            ekf,
            separation,
            traffic,
            lambda sight: wind(sight, limits),
            lambda sight: sunset(sight, limits),
        )
        self._since: dict[Key, float] = {}
        """When a condition began that was there at the last look."""
        self._last: dict[Key, float] = {}
        """When an alarm last held."""
        self._told: dict[Key, float] = {}
        self._sortie_id: str | None = None

    @property
    def holding(self) -> frozenset[str]:
        """The guards that hold, or did a moment ago."""
        return frozenset(guard for guard, _ in self._last)

    @property
    def minutes_left(self) -> float | None:
        """Until it must turn home, None where that is unknown or it flies no sortie."""
        return self._battery.minutes_left

    def look(self, sight: Sight) -> list[Alarm]:
        """Take a look; return what is to be told now."""
        self._new_sortie(sight)
        found = [alarm for rule in self._rules if (alarm := rule(sight)) is not None]
        found += self._battery.look(sight)
        if self._ground is not None:
            found += self._ground.look(sight)
        now_s = sight.now_s
        keys = [(alarm.id, alarm.about) for alarm in found]
        self._since = {key: self._since.get(key, now_s) for key in keys}
        held = [a for a in found if self._lasts(a, now_s)]
        self._last |= {(a.id, a.about): now_s for a in held}
        self._last = {key: s for key, s in self._last.items() if now_s - s < CLEAR_S}
        self._told = {k: s for k, s in self._told.items() if k in self._last or GUARDS[k[0]].once}
        due = [alarm for alarm in held if self._due(alarm, now_s)]
        self._told |= {(a.id, a.about): now_s for a in due}
        return due

    def _new_sortie(self, sight: Sight) -> None:
        sortie_id = sight.sortie.plan.id if sight.sortie is not None else None
        if sortie_id != self._sortie_id:
            self._sortie_id = sortie_id
            self._told = {k: s for k, s in self._told.items() if not GUARDS[k[0]].once}

    def _lasts(self, alarm: Alarm, now_s: float) -> bool:
        key = (alarm.id, alarm.about)
        # One that flickers after it was told needs no second patience.
        return key in self._last or now_s - self._since[key] >= GUARDS[alarm.id].after_s

    def _due(self, alarm: Alarm, now_s: float) -> bool:
        told_s = self._told.get((alarm.id, alarm.about))
        if told_s is None:
            return True
        return not GUARDS[alarm.id].once and now_s - told_s >= REPEAT_S
