"""Which clauses of the flight rules a mission triggers, and what they demand (stories O4, O14)."""

from mission_plans.rules.aircraft_class import aircraft_class
from mission_plans.rules.flight_conditions import CONDITIONS, Flight, Found, zone_code
from mission_plans.rules.rules_file import (
    FlightRule,
    FlightRules,
    FlightRulesError,
    load_flight_rules,
    shipped_rules,
)
from mission_plans.values.flight_facts import AircraftClass, FlightFacts
from mission_plans.values.plan import Check, SearchPlan, Severity

__all__ = [
    "AircraftClass",
    "FlightFacts",
    "FlightRule",
    "FlightRules",
    "FlightRulesError",
    "aircraft_class",
    "load_flight_rules",
    "shipped_rules",
    "triggered",
    "zone_code",
]

NOT_STATED = ("(未说明,从严)", " (not stated: the stricter rule)")


def triggered(plan: SearchPlan, facts: FlightFacts, rules: FlightRules) -> list[Check]:
    """Return a check for every clause the mission triggers, in the file's order.

    Exactly one of them says whether the flight must be applied for (`rules_file.VERDICTS`). What
    only has to be known passes; what demands an approval or a confirmation passes once it is there.
    """
    flight = Flight(plan, facts, rules)
    return [
        _check(rule, found)
        for rule in rules.rules
        if not (rule.article_59 and facts.service_aircraft is True)
        for found in CONDITIONS[rule.when](flight, rule)
    ]


def _check(rule: FlightRule, found: Found) -> Check:
    number = f"{rule.value:g}" if rule.value is not None else ""
    approved = ("", "")
    if found.approval_id is not None:
        approved = (f"(已批准 {found.approval_id})", f" (approved: {found.approval_id})")
    said = ("", "") if found.stated else NOT_STATED
    zh, en = rule.told(found.found, found.zone, number)
    return Check(
        id=rule.id,
        severity=rule.severity,
        passed=found.answered or rule.severity is Severity.INFO,
        text_zh=zh + approved[0] + said[0],
        text_en=en + approved[1] + said[1],
        source=rule.source,
        limit=rule.value,
        at=found.at,
    )
