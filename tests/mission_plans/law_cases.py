"""The law article by article: cases in which each rule holds and in which not, and the page.

`python -m tests.mission_plans.law_cases > docs/flight_rules.md` writes the page; a test compares.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.rules.rules_file import FlightRule, Reason, shipped_rules
from mission_plans.search.planning import plan_search
from mission_plans.values.flight_facts import Airframe, FlightFacts
from mission_plans.values.plan import Fence, SearchPlan
from tests.mission_plans.areas import demo_request, ring

LIGHT: dict[str, Any] = {
    "empty_kg": 3.2,
    "takeoff_kg": 5.0,
    "top_speed_kmh": 72,
    "keeps_airspace": True,
    "trackable": True,
    "can_intervene": True,
    "reports_identity": True,
}
MICRO: dict[str, Any] = {
    "empty_kg": 0.24,
    "takeoff_kg": 0.3,
    "top_speed_kmh": 40,
    "max_height_m": 50,
    "short_range_radio": True,
    "can_intervene": True,
}
SMALL = LIGHT | {"empty_kg": 12, "takeoff_kg": 25}
MEDIUM = LIGHT | {"empty_kg": 30, "takeoff_kg": 60}
NOTHING: dict[str, Any] = {
    name: False for name in FlightFacts.model_fields if name != "height_approval_id"
}
"""Everything stated, and nothing of it so: the plainest flight."""
SILENT: dict[str, Any] = {name: None for name in NOTHING if name != "loudspeaker"}
OWN_GROUND = {"service_aircraft": True, "own_ground": True}
ZONE = {"zone": "易燃易爆等危险品仓储"}

Outcome = Literal["passes", "fails", "absent", "named", "not named"]
"""Of a reason: named or not in the verdict that asks for an application."""


@dataclass(frozen=True)
class Case:
    """One flight held against one clause."""

    rule: str
    """Id of a rule or a reason."""
    says: str
    """What is special about the flight."""
    outcome: Outcome
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    flight: dict[str, Any] = field(default_factory=dict[str, Any])
    """`airframe`, `agl_m`, `zone` (and its `approval`), `aircraft`, `in_turn`, `mapping`."""

    @property
    def id(self) -> str:
        """Return the name of the test."""
        return f"{self.rule}: {self.says}"


def flown(**flight: Any) -> SearchPlan:
    """Return the plan of a case: the demo's search, changed where the rules look."""
    plan = _planned(flight.get("aircraft", 1))
    frame = Airframe.model_validate(flight.get("airframe", LIGHT))
    request = plan.request.model_copy(
        update={
            "aircraft": [
                spec.model_copy(update={"airframe": frame}) for spec in plan.request.aircraft
            ],
            "fences": _zones(flight),
        }
    )
    if flight.get("mapping"):
        pattern = plan.request.pattern.model_copy(update={"kind": "mapping"})
        request = request.model_copy(update={"pattern": pattern})
    metrics = plan.metrics.model_copy(update={"max_agl_m": flight.get("agl_m", 48.0)})
    sorties = plan.sorties
    if flight.get("in_turn"):
        first, second = sorties[:2]
        sorties = [first, second.model_copy(update={"start_s": first.duration_s})]
    changed = {"request": request, "metrics": metrics, "sorties": sorties}
    return plan.model_copy(update=changed)


@cache
def _planned(aircraft: int) -> SearchPlan:
    return plan_search(demo_request(aircraft), demo_terrain(), "p")


def _zones(flight: dict[str, Any]) -> list[Fence]:
    if "zone" not in flight:
        return []
    place, reason, approval = ring((0.0, 0.0))[0], flight["zone"], flight.get("approval")
    fence = Fence(id="G", kind="controlled", name="G", reason=reason, centre=place, radius_m=200.0)
    return [fence.model_copy(update={"approval_id": approval})]


CASES: tuple[Case, ...] = (
    Case("law_19_zone", "through a controlled area", "fails", flight=ZONE),
    Case("law_19_zone", "with its approval", "passes", flight=ZONE | {"approval": "AP-2"}),
    Case("law_19_zone", "clear of it", "absent"),
    Case("law_19_height", "121 m", "fails", flight={"agl_m": 121.0}),
    Case(
        "law_19_height",
        "with an approval",
        "passes",
        {"height_approval_id": "H-1"},
        {"agl_m": 121.0},
    ),
    Case("law_19_height", "120 m", "absent", flight={"agl_m": 120.0}),
    Case("law_31_relay", "flown over the internet", "named", {"internet_relay": True}),
    Case("law_31_relay", "not stated", "named", {"internet_relay": None}),
    Case("law_31_relay", "stated not to be", "not named"),
    Case("law_31_drop", "drops or dangerous goods", "named", {"drops": True}),
    Case("law_31_drop", "not stated", "named", {"drops": None}),
    Case("law_31_drop", "stated not to be", "not named"),
    Case("law_31_crowd", "over gathered people", "named", {"over_people": True}),
    Case("law_31_crowd", "not stated", "named", {"over_people": None}),
    Case("law_31_crowd", "stated not to be", "not named"),
    Case("law_31_moving", "from a moving vehicle", "named", {"from_moving_vehicle": True}),
    Case("law_31_moving", "not stated", "named", {"from_moving_vehicle": None}),
    Case("law_31_moving", "stated not to be", "not named"),
    Case("law_31_distributed", "divided among stations", "named", {"distributed": True}),
    Case("law_31_distributed", "not stated", "named", {"distributed": None}),
    Case("law_31_distributed", "stated not to be", "not named"),
    Case(
        "law_31_cluster", "two at once, one system", "named", {"one_system": True}, {"aircraft": 2}
    ),
    Case("law_31_cluster", "two, not stated", "named", {"one_system": None}, {"aircraft": 2}),
    Case("law_31_cluster", "two, separate systems", "not named", flight={"aircraft": 2}),
    Case(
        "law_31_cluster",
        "two in turn",
        "not named",
        {"one_system": True},
        {"aircraft": 2, "in_turn": True},
    ),
    Case("law_31_cluster", "one aircraft", "not named", {"one_system": True}),
    Case(
        "law_61_identity",
        "can't report itself",
        "named",
        flight={"airframe": LIGHT | {"reports_identity": False}},
    ),
    Case(
        "law_61_identity",
        "not registered whether",
        "named",
        flight={"airframe": LIGHT | {"reports_identity": None}},
    ),
    Case("law_61_identity", "reports itself", "not named"),
    Case("law_61_identity", "micro", "not named", flight={"airframe": MICRO}),
    Case("law_31_class", "medium", "named", flight={"airframe": MEDIUM}),
    Case("law_31_class", "no figures", "named", flight={"airframe": {}}),
    Case("law_31_class", "small", "not named", flight={"airframe": SMALL}),
    Case("law_31_airspace", "121 m", "named", flight={"agl_m": 121.0}),
    Case("law_31_airspace", "approved controlled area", "named", flight=ZONE | {"approval": "A"}),
    Case("law_31_airspace", "fit airspace", "not named"),
    Case("law_26_application", "a reason of Art. 31", "fails", {"drops": True}),
    Case("law_26_application", "nothing stated at all", "fails", SILENT),
    Case("law_26_application", "own ground, but drops", "fails", OWN_GROUND | {"drops": True}),
    Case("law_26_application", "own ground, but 121 m", "fails", OWN_GROUND, {"agl_m": 121.0}),
    Case("law_26_application", "light in fit airspace", "absent"),
    Case("law_30_report", "to be applied for", "fails", {"drops": True}),
    Case("law_30_report", "confirmed", "passes", {"drops": True, "atc_confirmed": True}),
    Case("law_30_report", "nothing to apply for", "absent"),
    Case("law_31_own_ground", "medium, own ground", "fails", OWN_GROUND, {"airframe": MEDIUM}),
    Case(
        "law_31_own_ground",
        "confirmed",
        "passes",
        OWN_GROUND | {"atc_confirmed": True},
        {"airframe": MEDIUM},
    ),
    Case(
        "law_31_own_ground",
        "own ground, somebody else's aircraft",
        "absent",
        {"own_ground": True},
        {"airframe": MEDIUM},
    ),
    Case(
        "law_31_own_ground",
        "elsewhere",
        "absent",
        {"service_aircraft": True},
        {"airframe": MEDIUM},
    ),
    Case(
        "law_31_own_ground",
        "not stated where",
        "absent",
        {"service_aircraft": True, "own_ground": None},
        {"airframe": MEDIUM},
    ),
    Case("law_31_fit", "light", "passes"),
    Case("law_31_fit", "small", "passes", flight={"airframe": SMALL}),
    Case("law_31_fit", "micro", "passes", flight={"airframe": MICRO}),
    Case("law_31_fit", "light over its own ground", "passes", OWN_GROUND),
    Case("law_31_fit", "medium", "absent", flight={"airframe": MEDIUM}),
    Case("law_31_fit", "121 m", "absent", flight={"agl_m": 121.0}),
    Case("law_62_class", "no figures", "fails", flight={"airframe": {}}),
    Case(
        "law_62_class",
        "only the class registered",
        "fails",
        flight={"airframe": {"registered_class": "light"}},
    ),
    Case("law_62_class", "all figures", "absent"),
    Case(
        "law_22_integrated",
        "small beside helicopters",
        "fails",
        {"crewed_traffic": True},
        {"airframe": SMALL},
    ),
    Case(
        "law_22_integrated",
        "small, not stated",
        "fails",
        {"crewed_traffic": None},
        {"airframe": SMALL},
    ),
    Case(
        "law_22_integrated", "light above 120 m", "fails", {"crewed_traffic": True}, {"agl_m": 121}
    ),
    Case("law_22_integrated", "light in fit airspace", "absent", {"crewed_traffic": True}),
    Case("law_22_integrated", "small, alone", "absent", flight={"airframe": SMALL}),
    Case("law_32_micro_sight", "micro out of sight", "fails", {"bvlos": True}, {"airframe": MICRO}),
    Case("law_32_micro_sight", "not stated", "fails", {"bvlos": None}, {"airframe": MICRO}),
    Case("law_32_micro_sight", "micro in sight", "absent", flight={"airframe": MICRO}),
    Case("law_32_micro_sight", "light out of sight", "absent", {"bvlos": True}),
    Case("law_32_lights", "night", "passes", {"night": True}),
    Case("law_32_lights", "low visibility", "passes", {"low_visibility": True}),
    Case("law_32_lights", "visibility not stated", "passes", {"low_visibility": None}),
    Case("law_32_lights", "clear day", "absent"),
    Case("law_32_bvlos", "out of sight", "passes", {"bvlos": True}),
    Case("law_32_bvlos", "in sight", "absent"),
    Case("law_32_contact", "to be applied for", "passes", {"drops": True}),
    Case("law_32_contact", "nothing to apply for", "absent"),
    Case("law_32_small", "small in fit airspace", "passes", flight={"airframe": SMALL}),
    Case("law_32_small", "light", "absent"),
    Case("law_24_report", "light", "passes"),
    Case("law_24_report", "micro", "absent", flight={"airframe": MICRO}),
    Case("law_24_broadcast", "micro", "passes", flight={"airframe": MICRO}),
    Case("law_24_broadcast", "medium", "absent", flight={"airframe": MEDIUM}),
    Case("law_8_airworthy", "medium", "passes", flight={"airframe": MEDIUM}),
    Case(
        "law_8_airworthy",
        "medium of the service",
        "absent",
        {"service_aircraft": True},
        {"airframe": MEDIUM},
    ),
    Case("law_8_airworthy", "small", "absent", flight={"airframe": SMALL}),
    Case("law_10_registered", "civil", "passes"),
    Case("law_10_registered", "of the service", "absent", {"service_aircraft": True}),
    Case("law_10_registered", "not stated whose", "passes", {"service_aircraft": None}),
    Case("law_11_certificate", "light", "passes"),
    Case("law_11_certificate", "light of the service", "passes", {"service_aircraft": True}),
    Case("law_11_certificate", "micro", "absent", flight={"airframe": MICRO}),
    Case("law_12_insurance", "small", "passes", flight={"airframe": SMALL}),
    Case("law_12_insurance", "light", "absent"),
    Case("law_16_licence", "small", "passes", flight={"airframe": SMALL}),
    Case("law_16_licence", "light", "absent"),
    Case(
        "law_16_licence",
        "small of the service",
        "absent",
        {"service_aircraft": True},
        {"airframe": SMALL},
    ),
    Case("law_17_trained", "light above 120 m", "passes", flight={"agl_m": 121.0}),
    Case("law_17_trained", "light in fit airspace", "absent"),
    Case("law_35_survey", "mapping", "passes", flight={"mapping": True}),
    Case("law_35_survey", "search", "absent"),
    Case("law_59_service", "of the service", "passes", {"service_aircraft": True}),
    Case("law_59_service", "not stated", "absent", {"service_aircraft": None}),
    Case("speaker_use", "loudspeaker", "passes", {"loudspeaker": True}),
    Case("speaker_use", "silent", "absent"),
)

NO_RULE: tuple[tuple[str, str], ...] = (
    ("1-7", "purpose, scope, authorities, standards"),
    (
        "9",
        "the makers' marks on aircraft; the code stands in the register and in the flight record",
    ),
    ("13-15", "makers, changed aircraft, radio: the register's figures are those after a change"),
    ("18, 21, 23", "what authorities do; the airspace register holds their boundaries"),
    (
        "20",
        "temporary airspace: entered in the register as a controlled area; reason code `temporary`",
    ),
    ("25", "the unit answers for safety"),
    (
        "27-29",
        "the application: thirteen items, its times; who approves (28) stands in the unit's file",
    ),
    ("33", "giving way in flight: the planner keeps our own aircraft apart, people do the rest"),
    ("34", "what nobody may do with an aircraft: no plan tells it"),
    ("36", "model aircraft: not flown"),
    ("37-38, 41-56", "supervision and penalties"),
    (
        "39-40",
        "emergency procedures are item 11 of the application; the 24 h report: [fleet](fleet.md)",
    ),
    ("57-58, 60, 63", "other airspace, other laws, toys, models, entry into force"),
)
"""Articles of the order that no rule of a plan comes from, and why."""

ITEMS_WITHOUT_RULE: tuple[tuple[str, str], ...] = (
    (
        "31, 第一款第(二)(四)项",
        "farm work and airport inspection: never claimed, which is stricter",
    ),
    ("32, 第(一)(二)(九)项", "papers, state of the aircraft, alcohol: ticked on the checklist"),
    ("32, 第(四)项", "safe distance: the planner's check `separation`"),
)


INTRODUCTION = """\
Made by `python -m tests.mission_plans.law_cases`; a test compares it. Order 761 of the State
Council (《无人驾驶航空器飞行管理暂行条例》, in force 2024-01-01), article by article: the rule of
`mission_plans/data/flight_rules_cn.json` that comes from it, and its cases in
`tests/mission_plans/test_flight_rules_articles.py`. In our words: have it checked before relying on
it.

* Exactly one line of the checks says how the flight stands: to be applied for (Art. 26), over the
  service's own ground and to be confirmed (Art. 31, first paragraph, item 3), or in fit airspace
  (item 1). One reason is enough for the first, and a reason that nobody spoke of holds.
* `block` forbids the flight until it is answered or a commander gives a reason; `caution` is open
  and left to who authorises; `info` has to be known. An application that is not approved is a
  caution as shipped: a rules file with `"severity": "block"` there forbids the flight.
* The class follows from the figures in the aircraft's `spec.airframe` (register of aircraft): what
  is missing makes it heavier, and the registered class never makes it lighter. It stands for what
  is no figure (airspace keeping, being watched, intervention).
* Art. 59 leaves airworthiness, registration and pilots of the service's aircraft to rules of their
  own: rules marked 59 fall silent when the aircraft is stated to be the service's, and no others.
* A rules file of your own (setting `flight_rules_file`) has the form of the shipped one: begin with
  a copy of it."""


def clauses() -> list[Reason | FlightRule]:
    """Return reasons and rules as shipped."""
    return [*shipped_rules().reasons, *shipped_rules().rules]


def page() -> str:
    """Return docs/flight_rules.md."""
    rules = shipped_rules()
    lines = [
        "# Flight rules",
        "",
        *INTRODUCTION.splitlines(),
        "",
        "## Rules",
        "",
        "| article | item | rule | severity | demands | cases |",
        "|---|---|---|---|---|---|",
    ]
    for clause in sorted(clauses(), key=lambda one: _number(one.article)):
        kind, demands = "reason to apply", "application"
        if isinstance(clause, FlightRule):
            kind = clause.severity.value + (", 59" if clause.article_59 else "")
            demands = clause.demands
        cases = "; ".join(f"{c.says}: {c.outcome}" for c in CASES if c.rule == clause.id)
        lines.append(
            f"| {clause.article.removeprefix('条例')} | {clause.item or '–'} | `{clause.id}` |"
            f" {kind} | {demands} | {cases} |"
        )
    lines += [
        "",
        "## Controlled airspace of Article 19",
        "",
        "| item | code | words |",
        "|---|---|---|",
    ]
    lines += [f"| {z.item} | `{code}` | {z.zh} |" for code, z in rules.zones.items()]
    lines += ["", "## Articles without a rule", "", "| article | why |", "|---|---|"]
    lines += [f"| {article} | {why} |" for article, why in (*NO_RULE, *ITEMS_WITHOUT_RULE)]
    return "\n".join(lines) + "\n"


DIGITS = "零一二三四五六七八九"


def _number(article: str) -> int:
    """Return the number of `条例第三十一条`; what is no article comes last."""
    if "第" not in article:
        return 999
    tens, ten, ones = article.split("第")[1].split("条")[0].rpartition("十")
    return (DIGITS.index(tens or "一") * 10 if ten else 0) + (DIGITS.index(ones) if ones else 0)


def articles_told_of() -> list[int]:
    """Return the numbers of all articles the page tells of, sorted; twice where told twice."""
    told = {_number(clause.article) for clause in clauses()} - {999}
    numbers = list(told)
    for spans, _ in NO_RULE:
        for span in spans.split(", "):
            first, _, last = span.partition("-")
            numbers += range(int(first), int(last or first) + 1)
    return sorted(numbers)


if __name__ == "__main__":
    print(page(), end="")
