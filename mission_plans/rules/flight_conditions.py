"""What a clause is triggered by: one small function a trigger, on what is known of a flight."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import shapely

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.request_shapes import fence_shapes
from mission_plans.rules.aircraft_class import CLASS_NAMES, CLASSES, Classed, aircraft_class
from mission_plans.rules.rules_file import FlightRule, FlightRules, Reason
from mission_plans.values.flight_facts import FlightFacts
from mission_plans.values.plan import Fence, GeoPoint, SearchPlan

__all__ = ["CONDITIONS", "REASONS", "Flight", "Found", "height_limit_m", "zone_code"]

KMH_PER_MS = 3.6
FIT_CLASSES = frozenset({"micro", "light", "small"})
FIT_AGL_M = 120.0
"""Higher is controlled airspace, everywhere (Art. 19)."""


@dataclass(frozen=True)
class Found:
    """One case in which a clause applies."""

    found: tuple[str, str] = ("", "")
    """Put into the clause's `{found}`, zh and en."""
    zone: tuple[str, str] = ("", "")
    stated: bool = True
    """False: nobody said otherwise, and the stricter rule is taken."""
    answered: bool = False
    """What it demands is there."""
    approval_id: str | None = None
    at: GeoPoint | None = None


def height_limit_m(rules: FlightRules) -> float:
    """Return above which true height airspace is controlled."""
    return next((r.value for r in rules.rules if r.when == "agl_above_m" and r.value), FIT_AGL_M)


def zone_code(fence: Fence, rules: FlightRules) -> str:
    """Return the reason code of a controlled area, `other` where its words tell none.

    The longest word that stands in the fence's reason or name decides.
    """
    said = f"{fence.reason or ''} {fence.name}".lower()
    found = [
        (len(word), code)
        for code, zone in rules.zones.items()
        for word in zone.words
        if word.lower() in said
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else "other"


@dataclass(frozen=True)
class Flight:
    """A plan, what was stated of it and the rules it is held against."""

    plan: SearchPlan
    facts: FlightFacts
    rules: FlightRules

    @cached_property
    def vehicle_ids(self) -> list[str]:
        """Aircraft that fly."""
        return sorted({sortie.vehicle_id for sortie in self.plan.sorties})

    @cached_property
    def classes(self) -> dict[str, Classed]:
        """The class of each aircraft that flies."""
        specs = {spec.vehicle_id: spec for spec in self.plan.request.aircraft}
        return {
            one: aircraft_class(
                specs[one].airframe,
                max(specs[one].cruise_ms, specs[one].transit_ms or 0.0) * KMH_PER_MS,
                self.plan.metrics.max_agl_m,
            )
            for one in self.vehicle_ids
        }

    @cached_property
    def entered(self) -> list[tuple[Fence, GeoPoint]]:
        """The controlled areas the tracks enter, each with the first place inside."""
        entered: list[tuple[Fence, GeoPoint]] = []
        if not self.plan.sorties:
            return entered
        frame = LocalFrame(self.plan.sorties[0].launch)
        shapes = fence_shapes(self.plan.request, frame)
        for fence, shape in zip(self.plan.request.fences, shapes, strict=True):
            if fence.kind != "controlled":
                continue
            for sortie in self.plan.sorties:
                x, y = frame.to_metres(
                    [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
                )
                track = shapely.LineString(list(zip(x.tolist(), y.tolist(), strict=True)))
                crossing = track.intersection(shape)
                if not crossing.is_empty:
                    first = shapely.get_coordinates(crossing)[0]
                    entered.append((fence, frame.point(float(first[0]), float(first[1]))))
                    break
        return entered

    @property
    def high(self) -> bool:
        """Whether it rises above the airspace that is free."""
        return self.plan.metrics.max_agl_m > height_limit_m(self.rules)

    @cached_property
    def at_once(self) -> int:
        """How many aircraft are in the air at the same time."""
        flown = [(s.start_s, s.start_s + s.duration_s, s.vehicle_id) for s in self.plan.sorties]
        most = 1 if flown else 0
        for one, other in combinations(flown, 2):
            if one[2] != other[2] and one[0] < other[1] and other[0] < one[1]:
                moment = max(one[0], other[0])
                most = max(most, len({v for begin, end, v in flown if begin <= moment < end}))
        return most

    @cached_property
    def reasons(self) -> list[tuple[Reason, Found]]:
        """Why it must be applied for, whatever exemption is looked for."""
        return [
            (reason, found) for reason in self.rules.reasons for found in REASONS[reason.when](self)
        ]

    @cached_property
    def verdict(self) -> str:
        """The one trigger of `VERDICTS` that this flight is."""
        if any(reason.voids == "every" for reason, _ in self.reasons):
            return "application_needed"
        if not self.reasons:
            return "fit_airspace_flight"
        own = self.facts.service_aircraft is True and self.facts.own_ground is True
        return "own_ground_flight" if own and not self.high else "application_needed"


def _fact(value: bool | None) -> list[Found]:
    return [] if value is False else [Found(stated=value is True)]


def _cluster(flight: Flight) -> list[Found]:
    if flight.at_once < 2:
        return []
    count = str(flight.at_once)
    return [
        Found(found=(count, count), stated=found.stated) for found in _fact(flight.facts.one_system)
    ]


def _grouped(pairs: Iterable[tuple[tuple[str, str], str]]) -> list[Found]:
    """One case for each wording, with the aircraft it is said of."""
    of: dict[tuple[str, str], list[str]] = {}
    for words, vehicle_id in pairs:
        of.setdefault(words, []).append(vehicle_id)
    return [
        Found(found=(f"{'、'.join(ids)} {zh}", f"{', '.join(ids)} {en}"))
        for (zh, en), ids in of.items()
    ]


def _of_class(flight: Flight, names: frozenset[str]) -> list[Found]:
    return _grouped(
        (CLASS_NAMES[classed.name], one)
        for one, classed in flight.classes.items()
        if classed.name in names
    )


def _class_unknown(flight: Flight, _rule: FlightRule) -> list[Found]:
    return _grouped((c.words, one) for one, c in flight.classes.items() if c.unknown)


def _outside_fit_airspace(flight: Flight) -> list[Found]:
    return [Found()] if flight.high or flight.entered else []


def _identity(flight: Flight) -> list[Found]:
    specs = {spec.vehicle_id: spec.airframe for spec in flight.plan.request.aircraft}
    said = [specs[v].reports_identity for v, c in flight.classes.items() if c.name != "micro"]
    if not said or all(said):
        return []
    return [Found(stated=False in said)]


REASONS: dict[str, Callable[[Flight], list[Found]]] = {
    "internet_relay": lambda f: _fact(f.facts.internet_relay),
    "drops": lambda f: _fact(f.facts.drops),
    "over_people": lambda f: _fact(f.facts.over_people),
    "from_moving_vehicle": lambda f: _fact(f.facts.from_moving_vehicle),
    "distributed": lambda f: _fact(f.facts.distributed),
    "cluster": _cluster,
    "identity_not_reported": _identity,
    "class_above_small": lambda f: _of_class(f, frozenset(CLASSES) - FIT_CLASSES),
    "outside_fit_airspace": _outside_fit_airspace,
}


def _zones(flight: Flight, _rule: FlightRule) -> list[Found]:
    found: list[Found] = []
    for fence, at in flight.entered:
        zone = flight.rules.zones[zone_code(fence, flight.rules)]
        item = f",{zone.item}" if zone.item else ""
        found.append(
            Found(
                found=(fence.name, fence.said_en),
                zone=(f"{zone.zh}{item}", f"{zone.en}{item}"),
                answered=fence.approval_id is not None,
                approval_id=fence.approval_id,
                at=at,
            )
        )
    return found


def _height(flight: Flight, rule: FlightRule) -> list[Found]:
    highest_m = flight.plan.metrics.max_agl_m
    if rule.value is None or highest_m <= rule.value:
        return []
    approval_id = flight.facts.height_approval_id
    at = next((check.at for check in flight.plan.checks if check.id == "max_agl"), None)
    words = f"{highest_m:.0f}"
    return [
        Found(
            found=(words, words),
            answered=approval_id is not None,
            approval_id=approval_id,
            at=at,
        )
    ]


def _integrated(flight: Flight, _rule: FlightRule) -> list[Found]:
    """Micro and light aircraft may share fit airspace with crewed ones; nobody else unasked."""
    light = all(classed.name in ("micro", "light") for classed in flight.classes.values())
    if light and not _outside_fit_airspace(flight):
        return []
    return _fact(flight.facts.crewed_traffic)


def _dark(flight: Flight, _rule: FlightRule) -> list[Found]:
    said = (flight.facts.night, flight.facts.low_visibility)
    if said == (False, False):
        return []
    return [Found(stated=True in said)]


def _micro_out_of_sight(flight: Flight, _rule: FlightRule) -> list[Found]:
    return _fact(flight.facts.bvlos) if _of_class(flight, frozenset({"micro"})) else []


def _light_in_controlled(flight: Flight, _rule: FlightRule) -> list[Found]:
    return _of_class(flight, frozenset({"light"})) if _outside_fit_airspace(flight) else []


def _small_in_fit_airspace(flight: Flight, _rule: FlightRule) -> list[Found]:
    return [] if _outside_fit_airspace(flight) else _of_class(flight, frozenset({"small"}))


def _application(flight: Flight, _rule: FlightRule) -> list[Found]:
    if flight.verdict != "application_needed":
        return []
    told = [(r.told(f.found), r.source, f.stated) for r, f in flight.reasons]
    zh = [f"{words[0]}({source})" for words, source, stated in told if stated]
    en = [f"{words[1]} ({source})" for words, source, stated in told if stated]
    silent = [words for words, _, stated in told if not stated]
    if silent:
        zh.append("尚未说明而从严:" + "、".join(words[0] for words in silent))
        en.append("not stated, so held to be so: " + ", ".join(words[1] for words in silent))
    return [Found(found=(";".join(zh), "; ".join(en)))]


def _report(flight: Flight, _rule: FlightRule) -> list[Found]:
    if flight.verdict != "application_needed":
        return []
    return [Found(answered=flight.facts.atc_confirmed is True)]


def _confirm(flight: Flight, rule: FlightRule) -> list[Found]:
    if flight.verdict != rule.when:
        return []
    return [Found(answered=flight.facts.atc_confirmed is True)]


CONDITIONS: dict[str, Callable[[Flight, FlightRule], list[Found]]] = {
    "application_needed": _application,
    "own_ground_flight": _confirm,
    "fit_airspace_flight": lambda flight, rule: [Found()] if flight.verdict == rule.when else [],
    "enters_controlled_zone": _zones,
    "agl_above_m": _height,
    "integrated": _integrated,
    "dark": _dark,
    "bvlos": lambda flight, _rule: _fact(flight.facts.bvlos),
    "micro_out_of_sight": _micro_out_of_sight,
    "class_unknown": _class_unknown,
    "classes": lambda flight, rule: _of_class(flight, frozenset(rule.classes)),
    "light_in_controlled": _light_in_controlled,
    "small_in_fit_airspace": _small_in_fit_airspace,
    "mapping": lambda flight, _rule: (
        [Found()] if flight.plan.request.pattern.kind == "mapping" else []
    ),
    "service_aircraft": lambda flight, _rule: (
        [Found()] if flight.facts.service_aircraft is True else []
    ),
    "application_to_report": _report,
    "always": lambda _flight, _rule: [Found()],
    "loudspeaker": lambda flight, _rule: [Found()] if flight.facts.loudspeaker else [],
}
