"""The law, article by article (tests/mission_plans/law_cases.py holds the table)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.rules.aircraft_class import CLASSES, aircraft_class
from mission_plans.rules.flight_rules import triggered, zone_code
from mission_plans.rules.rules_file import VERDICTS, shipped_rules
from mission_plans.values.flight_facts import Airframe, FlightFacts
from mission_plans.values.plan import Check, Fence
from tests.mission_plans.law_cases import (
    CASES,
    LIGHT,
    MEDIUM,
    MICRO,
    NOTHING,
    SMALL,
    ZONE,
    Case,
    articles_told_of,
    clauses,
    flown,
    page,
)

VERDICT_IDS = {rule.id for rule in shipped_rules().rules if rule.when in VERDICTS}


def held(case: Case) -> list[Check]:
    facts = FlightFacts.model_validate(NOTHING | case.facts)
    return triggered(flown(**case.flight), facts, shipped_rules())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_article(case: Case) -> None:
    checks = {check.id: check for check in held(case)}
    reason = next((r for r in shipped_rules().reasons if r.id == case.rule), None)
    if reason is None:
        found = checks.get(case.rule)
        said = "absent" if found is None else ("passes" if found.passed else "fails")
        assert said == case.outcome
    else:
        verdict = checks.get("law_26_application")
        words = reason.zh.partition("{found}")[2] or reason.zh
        named = verdict is not None and words.partition("{found}")[0] in verdict.text_zh
        assert named == (case.outcome == "named")


def test_every_clause_has_a_case_where_it_holds_and_one_where_it_does_not() -> None:
    for clause in clauses():
        outcomes = {case.outcome for case in CASES if case.rule == clause.id}
        assert outcomes & {"passes", "fails", "named"}, clause.id
        assert outcomes & {"absent", "not named"}, clause.id
    assert {case.rule for case in CASES} == {clause.id for clause in clauses()}


def test_every_clause_says_its_article_in_both_languages() -> None:
    for clause in clauses():
        assert clause.article.startswith("条例第") or clause.id == "speaker_use"
        assert clause.zh.count("{") == clause.en.count("{")


TRISTATE = st.sampled_from([True, False, None])
FACTS = st.fixed_dictionaries({name: TRISTATE for name in NOTHING if name != "loudspeaker"})
FLIGHTS = st.fixed_dictionaries(
    {
        "airframe": st.sampled_from([{}, MICRO, LIGHT, SMALL, MEDIUM]),
        "agl_m": st.sampled_from([40.0, 60.0, 121.0]),
        "aircraft": st.sampled_from([1, 2]),
    },
    optional={"zone": st.just(ZONE["zone"]), "approval": st.just("AP-2")},
)


@given(FACTS, FLIGHTS)
def test_every_flight_has_exactly_one_verdict_and_it_names_its_article(
    facts: dict[str, object], flight: dict[str, object]
) -> None:
    checks = triggered(flown(**flight), FlightFacts.model_validate(facts), shipped_rules())
    (verdict,) = [check for check in checks if check.id in VERDICT_IDS]
    assert verdict.source.startswith("条例第")


@given(FACTS, FLIGHTS)
def test_stating_nothing_is_never_milder_than_stating_anything(
    facts: dict[str, object], flight: dict[str, object]
) -> None:
    plan = flown(**flight)
    silent = triggered(plan, FlightFacts(), shipped_rules())
    assert "law_26_application" in {check.id for check in silent}
    spoken = triggered(plan, FlightFacts.model_validate(facts), shipped_rules())
    failing = {check.id for check in spoken if not check.passed} - {"law_31_own_ground"}
    assert failing <= {check.id for check in silent if not check.passed}


def test_what_was_not_stated_is_said_to_be_so() -> None:
    silent = {check.id: check for check in triggered(flown(), FlightFacts(), shipped_rules())}
    assert "尚未说明而从严" in silent["law_26_application"].text_zh
    assert "not stated" in silent["law_26_application"].text_en
    assert "未说明" in silent["law_32_lights"].text_zh
    bare = flown(airframe={})
    checks = {c.id: c for c in triggered(bare, FlightFacts(), shipped_rules())}
    assert "空机重量、最大起飞重量、最大平飞速度、空域保持能力" in checks["law_62_class"].text_zh
    assert "empty weight" in checks["law_62_class"].text_en


@pytest.mark.parametrize(
    ("words", "code", "item"),
    [
        ("空中禁区", "prohibited", "第二款"),
        ("空中限制区周边", "restricted", "第二款"),
        ("军用航空超低空飞行空域", "military_low", "第二款"),
        ("机场周边", "airport", "(一)"),
        ("边境线一侧", "border", "(二)"),
        ("实际控制线", "border", "(二)"),
        ("军事管理区", "military", "(三)"),
        ("监管场所", "military", "(三)"),
        ("重要军工设施保护区域", "hazardous", "(四)"),
        ("核设施控制区域", "hazardous", "(四)"),
        ("易燃易爆危险品仓储", "hazardous", "(四)"),
        ("可燃重要物资大型仓储区域", "hazardous", "(四)"),
        ("变电站", "power", "(五)"),
        ("加油站", "fuel", "(五)"),
        ("高速公路", "traffic", "(五)"),
        ("饮用水水源保护区", "water", "(五)"),
        ("航空无线电导航台", "radio", "(六)"),
        ("机场雷达站", "airport", "(一)"),
        ("射电天文台", "radio", "(六)"),
        ("重要革命纪念地", "relic", "(七)"),
        ("不可移动文物", "relic", "(七)"),
        ("临时管制空域", "temporary", "第二十条"),
        ("某某区域", "other", "(八)"),
    ],
)
def test_article_19_has_a_code_for_every_item(words: str, code: str, item: str) -> None:
    rules = shipped_rules()
    fence = Fence(id="G", kind="controlled", name="G", reason=words)
    assert zone_code(fence, rules) == code
    assert item in rules.zones[code].item


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (MICRO, "micro"),
        (MICRO | {"empty_kg": 0.25, "keeps_airspace": True, "trackable": True}, "light"),
        (MICRO | {"top_speed_kmh": 41, "keeps_airspace": True, "trackable": True}, "light"),
        (MICRO | {"max_height_m": 51, "keeps_airspace": True, "trackable": True}, "light"),
        (MICRO | {"short_range_radio": False, "keeps_airspace": True, "trackable": True}, "light"),
        (MICRO | {"max_height_m": None}, "medium"),
        (LIGHT, "light"),
        (LIGHT | {"empty_kg": 4, "takeoff_kg": 7, "top_speed_kmh": 100}, "light"),
        (LIGHT | {"empty_kg": 4.1}, "small"),
        (LIGHT | {"takeoff_kg": 7.1}, "small"),
        (LIGHT | {"top_speed_kmh": 101}, "small"),
        (LIGHT | {"trackable": False}, "medium"),
        (LIGHT | {"can_intervene": None, "registered_class": "light"}, "light"),
        (LIGHT | {"can_intervene": None}, "medium"),
        (LIGHT | {"top_speed_kmh": None}, "small"),
        (LIGHT | {"registered_class": "medium"}, "medium"),
        (SMALL, "small"),
        (SMALL | {"takeoff_kg": 25.1}, "medium"),
        (MEDIUM, "medium"),
        (MEDIUM | {"takeoff_kg": 150.1}, "large"),
        ({"empty_kg": 3.0}, "large"),
        ({"registered_class": "light"}, "large"),
        ({}, "large"),
    ],
)
def test_article_62_classes(frame: dict[str, object], expected: str) -> None:
    assert aircraft_class(Airframe.model_validate(frame)).name == expected


def test_article_62_an_aircraft_planned_beyond_micro_limits_is_none() -> None:
    frame = Airframe.model_validate(MICRO | {"keeps_airspace": True, "trackable": True})
    assert aircraft_class(frame, 40.0, 50.0).name == "micro"
    assert aircraft_class(frame, 41.0, 50.0).name == "light"
    assert aircraft_class(frame, 40.0, 51.0).name == "light"


FIGURES = st.fixed_dictionaries(
    {},
    optional={
        "empty_kg": st.floats(0.1, 200),
        "takeoff_kg": st.floats(0.1, 200),
        "top_speed_kmh": st.floats(1, 200),
        "max_height_m": st.floats(1, 500),
        "short_range_radio": st.booleans(),
        "keeps_airspace": st.booleans(),
        "trackable": st.booleans(),
        "can_intervene": st.booleans(),
        "registered_class": st.sampled_from(CLASSES),
    },
)


@given(FIGURES, st.data())
def test_article_62_forgetting_a_figure_never_makes_an_aircraft_lighter(
    figures: dict[str, object], data: st.DataObject
) -> None:
    known = aircraft_class(Airframe.model_validate(figures))
    keys = [key for key in figures if key != "registered_class"]
    if not keys:
        return
    gone = data.draw(st.sampled_from(keys))
    less = aircraft_class(Airframe.model_validate({**figures, gone: None}))
    stood_for = gone in ("keeps_airspace", "trackable", "can_intervene", "short_range_radio")
    if not (stood_for and "registered_class" in figures):
        assert CLASSES.index(less.name) >= CLASSES.index(known.name)


def test_the_page_tells_of_every_article_once_and_is_what_is_committed() -> None:
    assert articles_told_of() == list(range(1, 64))
    committed = Path(__file__).parents[2] / "docs" / "flight_rules.md"
    assert committed.read_text("utf-8") == page()
