"""Whether the batteries last, and where they don't: which figure breaks the plan, what would do."""

import math
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.shares import MOST_ROUNDS
from mission_plans.allocation.situation import Situation
from mission_plans.coverage.routing import BlockedError
from mission_plans.values.plan import Check, PlanRequest, Severity, SortiePlan

__all__ = ["check_endurance", "over_limit"]

MASTERED = 0.9
"""Wind above this part of the fastest flight leaves nothing to search with."""

HILLY = 0.7
"""Part of the reach over level ground that is promised to whoever moves a launch point."""

Advice = tuple[str, str]
"""Chinese and English."""


def over_limit(sortie: SortiePlan, request: PlanRequest) -> float:
    """Return how much more of the endurance a sortie uses than it may; 0 where it keeps to it."""
    aircraft = next(a for a in request.aircraft if a.vehicle_id == sortie.vehicle_id)
    return max(0.0, sortie.energy_fraction - request.usable_fraction(aircraft, sortie.order))


def check_endurance(
    sorties: Sequence[SortiePlan], situation: Situation, searched: BaseGeometry, *, complete: bool
) -> Check:
    """Check that every sortie keeps the reserve, and that all lanes were given to one.

    Args:
        sorties: as built.
        situation: of the request.
        searched: the ground of the search, metres.
        complete: whether all lanes found a sortie.
    """
    request = situation.request
    worst = max(sorties, key=lambda s: (over_limit(s, request), s.energy_fraction), default=None)
    used, limit, over = 0.0, 1 - request.reserve_fraction, 0.0
    if worst is not None:
        used, over = worst.energy_fraction, over_limit(worst, request)
        if over > 0:
            limit = used - over
    passed = complete and over <= 1e-6
    count = len(sorties)
    if passed:
        zh = f"最耗电架次用电 {used:.0%}(上限 {limit:.0%}),共 {count} 架次"
        en = f"thirstiest sortie uses {used:.0%} (limit {limit:.0%}); {count} "
        en += "sortie" if count == 1 else "sorties"
    else:
        zh, en = _reason(situation, searched, worst, complete=complete)
    return Check(
        id="endurance",
        severity=Severity.BLOCK,
        passed=passed,
        text_zh=zh,
        text_en=en,
        source="O3",
        value=used,
        limit=limit,
    )


def _reason(
    situation: Situation, searched: BaseGeometry, worst: SortiePlan | None, *, complete: bool
) -> Advice:
    return (
        _wind(situation)
        or _reach(situation, searched)
        or (_too_much(situation, searched) if not complete or worst is None else None)
        or _thirsty(situation, worst)
    )


def _wind(situation: Situation) -> Advice | None:
    """Say that no aircraft can search in this wind."""
    wind = situation.request.wind
    if wind is None:
        return None
    fastest_ms = max(model.max_airspeed_ms for model in situation.models)
    if wind.speed_ms < MASTERED * fastest_ms:
        return None
    return (
        f"风速 {wind.speed_ms:.0f} 米/秒,航空器最大空速 {fastest_ms:.0f} 米/秒,逆风无法飞行:"
        f"等风速低于 {MASTERED * fastest_ms:.1f} 米/秒再飞,或换更快的航空器",
        f"the wind blows at {wind.speed_ms:.0f} m/s and no aircraft flies faster than "
        f"{fastest_ms:.0f} m/s through the air: wait for less than "
        f"{MASTERED * fastest_ms:.1f} m/s, or take a faster aircraft",
    )


def _spare_s(situation: Situation, index: int, to: BaseGeometry) -> float:
    """Return the battery left for searching after the way to a place and home, search seconds.

    The place is taken to be as high as the launch point.
    """
    aircraft, model = situation.request.aircraft[index], situation.models[index]
    slot = situation.first_slot(index)
    here = shapely.Point(slot.launch)
    there = shapely.shortest_line(here, to)
    (x0, y0), (x1, y1) = shapely.get_coordinates(there)
    out = model.level(x1 - x0, y1 - y0, model.transit_ms)
    home = model.level(x0 - x1, y0 - y1, model.transit_ms)
    usable = situation.request.usable_fraction(aircraft, 1)
    return aircraft.endurance_s * usable - slot.overhead.energy_s - out.energy_s - home.energy_s


def _arrives(situation: Situation, index: int, corner: tuple[float, float]) -> bool:
    """Whether an aircraft gets to a place over the real ground and home again."""
    slot, ways = situation.first_slot(index), situation.ways
    try:
        there = ways.cost(slot.model, slot.launch, corner)
        back = ways.cost(slot.model, corner, slot.launch)
    except BlockedError:
        return False
    return slot.overhead.energy_s + there.energy_s + back.energy_s < slot.fresh_energy_s


def _reach(situation: Situation, searched: BaseGeometry) -> Advice | None:
    """Say that no aircraft gets to the search, or to all of it, and home again."""
    simple = searched.simplify(situation.spacing_m)
    corners = [(x, y) for x, y in shapely.get_coordinates(simple).tolist()]
    alike = {
        (launch, model, aircraft.endurance_s): index
        for index, (launch, model, aircraft) in enumerate(
            zip(situation.launches, situation.models, situation.request.aircraft, strict=True)
        )
    }
    out = [c for c in corners if not any(_arrives(situation, i, c) for i in alike.values())]
    if not out:
        return None
    pads = {index: shapely.Point(situation.launches[index]) for index in alike.values()}
    best = max(pads, key=lambda i: _level_reach_m(situation, i) - searched.distance(pads[i]))
    aircraft, pad = situation.request.aircraft[best], pads[best]
    # Over level ground it would be the first; hills bring it down to the nearest place not reached.
    reach_m = min(
        _level_reach_m(situation, best), min(math.dist(c, situation.launches[best]) for c in out)
    )
    away_m = searched.distance(pad)
    if len(out) == len(corners) and away_m > 0:
        reach_m = min(reach_m * HILLY, away_m * HILLY)
        return (
            f"{aircraft.vehicle_id} 的起降点离搜索区 {away_m / 1000:.1f} 公里,一块电池飞不到再飞回:"
            f"起降点改到 {reach_m / 1000:.1f} 公里以内",
            f"{aircraft.vehicle_id} starts {away_m / 1000:.1f} km from the search, too far to get "
            f"there and home on one battery: launch within {reach_m / 1000:.1f} km",
        )
    near_ha = (
        shapely.union_all([pads[i].buffer(reach_m) for i in pads]).intersection(searched).area / 1e4
    )
    far_km = max(min(math.dist(c, situation.launches[i]) for i in pads) for c in out) / 1000
    return (
        f"搜索区最远处离起降点 {far_km:.1f} 公里,一块电池在这样的地形上只能往返约 "
        f"{reach_m / 1000:.1f} 公里:先搜约 {near_ha:.0f} 公顷,其余另设起降点",
        f"the far end of the search is {far_km:.1f} km from the launch point; over this ground a "
        f"battery lasts for about {reach_m / 1000:.1f} km out and home: search about "
        f"{near_ha:.0f} ha, and the rest from another launch point",
    )


def _level_reach_m(situation: Situation, index: int) -> float:
    """Return how far an aircraft gets over level ground and home again."""
    at_the_pad = _spare_s(situation, index, shapely.Point(situation.launches[index]))
    return max(0.0, at_the_pad / 2 * situation.models[index].transit_ms)


def _too_much(situation: Situation, searched: BaseGeometry) -> Advice | None:
    """Say how much can be searched at all, and how many aircraft the whole would take."""
    middle = shapely.Point(searched.centroid)
    each_m2 = [
        max(0.0, _spare_s(situation, index, middle))
        * model.cruise_ms
        * situation.spacing_m
        * MOST_ROUNDS
        for index, model in enumerate(situation.models)
    ]
    most_m2 = sum(each_m2)
    if not 0 < most_m2 < searched.area:
        return None
    more = math.ceil((searched.area - most_m2) / max(each_m2))
    return (
        f"区域 {searched.area / 1e4:.0f} 公顷,每架 {MOST_ROUNDS} 块电池约可搜 "
        f"{most_m2 / 1e4:.0f} 公顷:缩小区域,或增加 {more} 架航空器",
        f"the area has {searched.area / 1e4:.0f} ha; with {MOST_ROUNDS} batteries each, the "
        f"aircraft search about {most_m2 / 1e4:.0f} ha: take a smaller area or {more} more "
        "aircraft",
    )


def _thirsty(situation: Situation, worst: SortiePlan | None) -> Advice:
    """Say which sortie uses too much."""
    if worst is None:
        return ("没有架次可飞", "there is no sortie to fly")
    request = situation.request
    limit = worst.energy_fraction - over_limit(worst, request)
    aircraft = next(a for a in request.aircraft if a.vehicle_id == worst.vehicle_id)
    if worst.order == 0 and aircraft.battery_fraction < 1:
        return (
            f"{worst.vehicle_id} 电池剩余 {aircraft.battery_fraction:.0%},首架次需 "
            f"{worst.energy_fraction:.0%}(可用 {limit:.0%}):先换电池",
            f"{worst.vehicle_id} has {aircraft.battery_fraction:.0%} of its battery left and its "
            f"first sortie takes {worst.energy_fraction:.0%} (it may use {limit:.0%}): "
            "change the battery first",
        )
    return (
        f"{worst.vehicle_id} 第 {worst.order + 1} 架次用电 {worst.energy_fraction:.0%}"
        f"(上限 {limit:.0%}):起降点移近搜索区,或缩小区域、增加一架航空器",
        f"sortie {worst.order + 1} of {worst.vehicle_id} uses {worst.energy_fraction:.0%} "
        f"(limit {limit:.0%}): launch nearer to the search, shrink the area or add an aircraft",
    )
