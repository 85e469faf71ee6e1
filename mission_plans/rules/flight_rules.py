"""Flight rules as data: which clauses a mission triggers, and what they demand (stories O4, O14).

The shipped file follows the Interim Regulations on the Administration of the Flight of Unmanned
Aircraft (State Council order 761, in force 2024-01-01). Emergency services may have rules of their
own (Art. 59): a deployment gives another file of the same form.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import shapely
from pydantic import Field, ValidationError

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.base import Value
from mission_plans.values.plan import Check, Fence, GeoPoint, SearchPlan, Severity

__all__ = [
    "AircraftClass",
    "FlightFacts",
    "FlightRule",
    "FlightRules",
    "FlightRulesError",
    "LeadTime",
    "aircraft_class",
    "load_flight_rules",
    "shipped_rules",
    "triggered",
    "zone_code",
]

Trigger = Literal[
    "always",
    "enters_controlled_zone",
    "agl_above_m",
    "internet_relay",
    "drops",
    "over_people",
    "from_moving_vehicle",
    "several_per_pilot",
    "night",
    "bvlos",
    "class_needs_licence",
    "loudspeaker",
]
AircraftClass = Literal["micro", "light", "small", "medium", "large"]
CLASS_NAMES: dict[AircraftClass, tuple[str, str]] = {
    "micro": ("微型", "micro"),
    "light": ("轻型", "light"),
    "small": ("小型", "small"),
    "medium": ("中型", "medium"),
    "large": ("大型", "large"),
}
LICENSED: frozenset[AircraftClass] = frozenset({"small", "medium", "large"})


class FlightRulesError(ValueError):
    """A rules file can't be used; the text says where and what is allowed."""


class FlightRule(Value):
    """One clause."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    article: str
    when: Trigger
    value: float | None = None
    severity: Severity
    demands: Literal[
        "approval", "application", "confirm_1h", "lights", "traffic_awareness", "licence", "reason"
    ]
    zh: str
    en: str


class LeadTime(Value):
    """How long before take-off an application is handed in and answered."""

    submit_before_min: Annotated[int, Field(ge=0)]
    reply_before_min: Annotated[int, Field(ge=0)]


class DayTime(Value):
    """An hour of an earlier day, local time."""

    days: Annotated[int, Field(ge=0, le=30)]
    hour: Annotated[int, Field(ge=0, le=24)]


class NormalLead(Value):
    """Lead time of applications that are not urgent."""

    submit_before: DayTime
    reply_before: DayTime


class ApplicationTimes(Value):
    """Lead times by kind of application."""

    normal: NormalLead
    emergency: LeadTime
    urgent: LeadTime
    utc_offset_min: Annotated[int, Field(ge=-840, le=840)]


class Zone(Value):
    """A kind of controlled airspace, and words by which a fence's reason is recognised."""

    zh: str
    en: str
    words: list[str]


class FlightRules(Value):
    """Everything a rules file holds."""

    source: str
    application: ApplicationTimes
    zones: dict[str, Zone]
    rules: list[FlightRule]


class FlightFacts(Value):
    """What a plan can't know of its flight."""

    aircraft_class: AircraftClass = "light"
    night: bool = False
    bvlos: bool = True
    internet_relay: bool = False
    drops: bool = False
    loudspeaker: bool = False
    over_people: bool = False
    from_moving_vehicle: bool = False
    pilots: Annotated[int, Field(ge=1)] = 1


def aircraft_class(empty_kg: float, takeoff_kg: float, top_speed_kmh: float) -> AircraftClass:
    """Return the class of an aircraft by weight and speed (Art. 62)."""
    if empty_kg < 0.25:
        return "micro"
    if empty_kg <= 4 and takeoff_kg <= 7 and top_speed_kmh <= 100:
        return "light"
    if empty_kg <= 15 and takeoff_kg <= 25:
        return "small"
    return "medium" if takeoff_kg <= 150 else "large"


def load_flight_rules(path: Path) -> FlightRules:
    """Load rules from a file of the shipped form.

    Raises:
        FlightRulesError: unreadable, or a field that is not allowed; names it.
    """
    try:
        return FlightRules.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FlightRulesError(f"{path.name}: {where}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise FlightRulesError(f"{path.name}: {error}") from error


@lru_cache(maxsize=1)
def shipped_rules() -> FlightRules:
    """Return the rules in force as shipped."""
    return load_flight_rules(Path(__file__).parents[1] / "data" / "flight_rules_cn.json")


def zone_code(fence: Fence, rules: FlightRules) -> str:
    """Return the reason code of a controlled area, `other` where its reason says none."""
    said = f"{fence.reason or ''} {fence.name}".lower()
    for code, zone in rules.zones.items():
        if any(word.lower() in said for word in zone.words):
            return code
    return "other"


def triggered(plan: SearchPlan, facts: FlightFacts, rules: FlightRules) -> list[Check]:
    """Return a check for every clause the mission triggers, in the file's order.

    What only has to be known or reported passes; an approval passes once it is bound.
    """
    checks: list[Check] = []
    for rule in rules.rules:
        checks += _applied(rule, plan, facts, rules)
    return checks


def _applied(
    rule: FlightRule, plan: SearchPlan, facts: FlightFacts, rules: FlightRules
) -> list[Check]:
    aircraft = len({s.vehicle_id for s in plan.sorties})
    match rule.when:
        case "enters_controlled_zone":
            return [
                _check(
                    rule,
                    passed=fence.approval_id is not None,
                    at=at,
                    zone=(zone.zh, zone.en),
                )
                for fence, at in _entered(plan)
                for zone in [rules.zones.get(zone_code(fence, rules)) or rules.zones["other"]]
            ]
        case "agl_above_m":
            limit = rule.value or 120.0
            if plan.metrics.max_agl_m <= limit:
                return []
            at = next((c.at for c in plan.checks if c.id == "max_agl"), None)
            found = f"{plan.metrics.max_agl_m:.0f}"
            return [_check(rule, passed=False, at=at, found=(found, found), value=limit)]
        case "several_per_pilot":
            per_pilot = -(-aircraft // facts.pilots)
            if per_pilot < 2:
                return []
            return [_check(rule, passed=False, found=(str(per_pilot), str(per_pilot)))]
        case "class_needs_licence":
            if facts.aircraft_class not in LICENSED:
                return []
            return [_check(rule, passed=True, found=CLASS_NAMES[facts.aircraft_class])]
        case "always":
            return [_check(rule, passed=True)]
        case _:
            if not getattr(facts, rule.when):
                return []
            return [_check(rule, passed=rule.severity is Severity.INFO)]


def _check(
    rule: FlightRule,
    *,
    passed: bool,
    at: GeoPoint | None = None,
    zone: tuple[str, str] = ("", ""),
    found: tuple[str, str] = ("", ""),
    value: float | None = None,
) -> Check:
    number = f"{value:.0f}" if value is not None else ""
    return Check(
        id=rule.id,
        severity=rule.severity,
        passed=passed,
        text_zh=rule.zh.format(zone=zone[0], found=found[0], value=number),
        text_en=rule.en.format(zone=zone[1], found=found[1], value=number),
        source=rule.article,
        limit=value,
        at=at,
    )


def _entered(plan: SearchPlan) -> list[tuple[Fence, GeoPoint]]:
    """Return the controlled areas the tracks enter, each with the first place inside."""
    entered: list[tuple[Fence, GeoPoint]] = []
    if not plan.sorties:
        return entered
    frame = LocalFrame(plan.sorties[0].launch)
    for fence in plan.request.fences:
        if fence.kind != "controlled":
            continue
        if fence.centre is not None and fence.radius_m is not None:
            x, y = frame.to_metres(fence.centre.lat_deg, fence.centre.lon_deg)
            shape = shapely.Point(float(x), float(y)).buffer(fence.radius_m)
        else:
            x, y = frame.to_metres(
                [p.lat_deg for p in fence.polygon], [p.lon_deg for p in fence.polygon]
            )
            shape = shapely.Polygon(list(zip(x.tolist(), y.tolist(), strict=True)))
        for sortie in plan.sorties:
            x, y = frame.to_metres(
                [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
            )
            inside = shapely.LineString(list(zip(x.tolist(), y.tolist(), strict=True)))
            crossing = inside.intersection(shape)
            if not crossing.is_empty:
                first = shapely.get_coordinates(crossing)[0]
                entered.append((fence, frame.point(float(first[0]), float(first[1]))))
                break
    return entered
