"""Guards in flight: pure rules over snapshots that say when somebody must look. They order nothing.

Each rule has an id, a severity, its words in two languages and the requirement it comes from; it is
told when it begins to hold and again every `REPEAT_S` while it does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from field_api.contract.messages import FlightPhase, LinkState, SortieState, VehicleState
from fleet.sortie import Sortie
from mission_plans.geodesy import distance_m
from mission_plans.plan import GeoPoint, SortiePlan

__all__ = ["Alarm", "FlightWatch", "home_fraction"]

REPEAT_S = 30.0
FROZEN_S = 5.0
HOVER_MS = 1.0
DOWN_S = 3.0
HOME_RESERVE = 0.15
"""What must be left of the battery when it has come home."""
DESCENT_MS = 1.5

_AIRBORNE = (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule that holds."""

    id: str
    severity: str
    text_zh: str
    text_en: str
    source: str


class FlightWatch:
    """The rules of one aircraft, with what they must remember."""

    def __init__(self) -> None:
        self._place: tuple[float | None, float | None, float | None] | None = None
        self._place_s = 0.0
        self._t_ms = 0
        self._air_s = 0.0
        self._told: dict[str, float] = {}

    def look(self, state: VehicleState, sortie: Sortie | None, now_s: float) -> list[Alarm]:
        """Take a snapshot; return what is to be told now."""
        place = (state.lat_deg, state.lon_deg, state.altitude_amsl_m)
        hovers = state.t_ms != self._t_ms and _speed_ms(state) < HOVER_MS
        if place != self._place or hovers or state.phase is not FlightPhase.AIR:
            self._place, self._place_s = place, now_s
        self._t_ms = state.t_ms
        flying = sortie is not None and sortie.state in _AIRBORNE
        if not flying or not state.armed or state.phase is not FlightPhase.GROUND:
            self._air_s = now_s
        rules: tuple[Callable[[VehicleState, Sortie | None, float], Alarm | None], ...] = (
            self._frozen,
            self._down,
            self._battery,
        )
        found = [alarm for rule in rules if (alarm := rule(state, sortie, now_s)) is not None]
        held = {alarm.id for alarm in found}
        self._told = {name: s for name, s in self._told.items() if name in held}
        due = [a for a in found if now_s - self._told.get(a.id, -REPEAT_S) >= REPEAT_S]
        for alarm in due:
            self._told[alarm.id] = now_s
        return due

    def _frozen(self, state: VehicleState, _sortie: Sortie | None, now_s: float) -> Alarm | None:
        """Heartbeats come; no new position does, or it stays where it is at speed."""
        still_s = now_s - self._place_s
        if state.link is not LinkState.LIVE or not state.armed or still_s < FROZEN_S:
            return None
        return Alarm(
            "position_frozen",
            "warning",
            f"位置已 {still_s:.0f} 秒未更新,心跳正常;地图上的位置不可信",
            f"its position has not changed for {still_s:.0f} s although heartbeats come: "
            "do not trust its place on the map",
            "O8",
        )

    def _down(self, state: VehicleState, sortie: Sortie | None, now_s: float) -> Alarm | None:
        down_s = now_s - self._air_s
        if down_s < DOWN_S or sortie is None:
            return None
        away = _away_m(state, sortie.plan.launch)
        where = (
            ("", "")
            if away is None
            else (f",距起飞点 {away:.0f} 米", f", {away:.0f} m from launch")
        )
        return Alarm(
            "down",
            "warning",
            f"飞行中已触地 {down_s:.0f} 秒,电机未停{where[0]}",
            f"on the ground for {down_s:.0f} s in flight, its motors armed{where[1]}",
            "O8",
        )

    def _battery(self, state: VehicleState, sortie: Sortie | None, _now_s: float) -> Alarm | None:
        left = state.battery.remaining_fraction
        if sortie is None or sortie.state not in _AIRBORNE or left is None:
            return None
        need = home_fraction(state, sortie.plan)
        if need is None or left >= need + HOME_RESERVE:
            return None
        return Alarm(
            "battery_home",
            "warning",
            f"电量 {left:.0%},返航约需 {need:.0%},落地将低于 {HOME_RESERVE:.0%};请立即返航",
            f"battery at {left:.0%}, coming home takes about {need:.0%}: less than "
            f"{HOME_RESERVE:.0%} will be left, order it home now",
            "O8",
        )


def _speed_ms(state: VehicleState) -> float:
    parts = (state.velocity_north_ms, state.velocity_east_ms, state.velocity_down_ms)
    return math.hypot(*(part or 0.0 for part in parts))


def home_fraction(state: VehicleState, plan: SortiePlan) -> float | None:
    """Return the share of a battery that the way home takes from here, None where unknown.

    By the plan's own use of energy per second, at its cruise speed and a descent of 1.5 m/s.
    """
    away_m = _away_m(state, state.home or plan.launch)
    if away_m is None or plan.duration_s <= 0 or plan.cruise_ms <= 0:
        return None
    height_m = max(0.0, state.altitude_relative_m or 0.0)
    seconds = away_m / plan.cruise_ms + height_m / DESCENT_MS
    return seconds * plan.energy_fraction / plan.duration_s


def _away_m(state: VehicleState, place: GeoPoint) -> float | None:
    if state.lat_deg is None or state.lon_deg is None:
        return None
    return distance_m(GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg), place)
