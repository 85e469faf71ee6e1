"""The rules file, and the thirteen items of a mission's application with its times."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.rules.application_times import Kind
from mission_plans.rules.flight_application import (
    ApplicantUnit,
    ApplicationError,
    FlightApplication,
    FlightTimes,
    Operator,
    edit_application,
    fill_application,
)
from mission_plans.rules.flight_rules import triggered
from mission_plans.rules.rules_file import FlightRulesError, load_flight_rules, shipped_rules
from mission_plans.search.planning import plan_search
from mission_plans.values.flight_facts import FlightFacts
from mission_plans.values.plan import SearchPlan
from tests.mission_plans.areas import demo_request
from tests.mission_plans.law_cases import LIGHT, NOTHING, flown

LOCAL = timezone(timedelta(hours=8))
UNIT = ApplicantUnit(
    name="西山区应急管理局", contact="值班室", operators=[Operator(name="张", licence="A-1")]
)


@pytest.fixture(scope="module")
def plan() -> SearchPlan:
    return plan_search(demo_request(1), demo_terrain(), "p")


def test_other_rules_come_from_a_file_and_broken_ones_name_the_field(tmp_path: Path) -> None:
    rules = json.loads(shipped_rules().model_dump_json())
    file = tmp_path / "rules.json"
    rules["application"]["emergency"]["submit_before_min"] = 15
    file.write_text(json.dumps(rules), "utf-8")
    assert load_flight_rules(file).application.emergency.submit_before_min == 15
    rules["rules"][0]["when"] = "full_moon"
    file.write_text(json.dumps(rules), "utf-8")
    with pytest.raises(FlightRulesError, match=r"rules\.0\.when"):
        load_flight_rules(file)
    with pytest.raises(FlightRulesError):
        load_flight_rules(tmp_path / "none.json")


def test_a_file_of_the_old_form_is_told_what_the_new_form_is(tmp_path: Path) -> None:
    rules = json.loads(shipped_rules().model_dump_json())
    del rules["reasons"]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules), "utf-8")
    with pytest.raises(FlightRulesError, match=r"several_per_pilot.*cluster.*flight_rules_cn"):
        load_flight_rules(file)


@pytest.mark.parametrize(
    "broken", ["second verdict", "no verdict", "no other zone", "same id", "blank"]
)
def test_a_file_that_would_contradict_itself_is_refused(tmp_path: Path, broken: str) -> None:
    rules = json.loads(shipped_rules().model_dump_json())
    verdict = next(r for r in rules["rules"] if r["when"] == "fit_airspace_flight")
    if broken == "second verdict":
        rules["rules"].append({**verdict, "id": "another"})
    elif broken == "no verdict":
        rules["rules"].remove(verdict)
    elif broken == "no other zone":
        del rules["zones"]["other"]
    elif broken == "blank":
        verdict["zh"] = "{nothing}"
    else:
        rules["rules"].append(rules["rules"][0])
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules), "utf-8")
    with pytest.raises(FlightRulesError, match=r"exactly one|other|once|\{found\}"):
        load_flight_rules(file)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp() * 1000)


def filled(
    plan: SearchPlan, kind: Kind, takeoff: str, now: str, *, in_the_air: bool = False
) -> FlightApplication:
    takeoff_ms = at(takeoff)
    times = FlightTimes(takeoff_ms=takeoff_ms, finished_ms=takeoff_ms + 1_800_000, flown=in_the_air)
    return fill_application(plan, UNIT, FlightFacts(), shipped_rules(), kind, times, at(now))


def test_the_demo_emergency_application_has_its_items_and_times(plan: SearchPlan) -> None:
    made = filled(plan, "emergency", "2025-03-15 15:10", "2025-03-15 14:40")
    assert [item.number for item in made.items] == list(range(1, 14))
    assert all(item.text and item.title_zh and item.title_en for item in made.items)
    assert made.submit_by_ms == at("2025-03-15 14:40")
    assert made.reply_by_ms == at("2025-03-15 15:00")
    assert made.earliest_takeoff_ms == at("2025-03-15 15:10")
    # Less than an hour is left: readiness is reported with the application (Art. 29, 30).
    assert made.report_by_ms == made.submit_by_ms
    assert "15:10" in made.items[5].text
    assert "15:40" in made.items[5].text


def test_a_normal_application_is_due_at_noon_the_day_before(plan: SearchPlan) -> None:
    for now, earliest in (("2025-03-14 11:00", "2025-03-15"), ("2025-03-14 12:30", "2025-03-16")):
        made = filled(plan, "normal", "2025-03-15 09:00", now)
        assert made.submit_by_ms == at("2025-03-14 12:00")
        assert made.reply_by_ms == at("2025-03-14 21:00")
        assert made.report_by_ms == at("2025-03-15 08:00")
        assert made.earliest_takeoff_ms == at(f"{earliest} 00:00")


def test_an_urgent_application_may_be_made_at_any_time(plan: SearchPlan) -> None:
    made = filled(plan, "urgent", "2025-03-15 14:40", "2025-03-15 14:40")
    assert made.earliest_takeoff_ms == made.submit_by_ms == at("2025-03-15 14:40")


def test_an_application_made_in_flight_says_that_it_is_flown(plan: SearchPlan) -> None:
    made = filled(plan, "urgent", "2025-03-15 14:30", "2025-03-15 14:40", in_the_air=True)
    assert "已于 2025-03-15 14:30 起飞" in made.items[5].text
    assert made.flown


def test_the_classes_and_figures_are_the_aircrafts_and_never_made_up() -> None:
    made = filled(flown(airframe=LIGHT), "emergency", "2025-03-15 15:10", "2025-03-15 14:40")
    assert "轻型无人驾驶航空器 1 架" in made.items[1].text
    assert "空机 3.2 千克" in made.items[1].text
    bare = filled(flown(airframe={}), "emergency", "2025-03-15 15:10", "2025-03-15 14:40")
    assert "类别待核" in bare.items[1].text
    assert "大型" not in bare.items[1].text


def test_what_the_application_is_for_is_not_told_as_a_danger() -> None:
    plan = flown(agl_m=130.0)
    checks = triggered(plan, FlightFacts(), shipped_rules())
    plan = plan.model_copy(update={"checks": checks})
    last = filled(plan, "emergency", "2025-03-15 15:10", "2025-03-15 14:40").items[-1].text
    assert "130" in last
    assert "须提出" not in last


def test_how_it_is_flown_names_what_was_stated() -> None:
    facts = FlightFacts.model_validate(NOTHING | {"drops": True, "one_system": True})
    times = FlightTimes(takeoff_ms=at("2025-03-15 15:10"), finished_ms=at("2025-03-15 15:40"))
    plan = flown(aircraft=2)
    made = fill_application(plan, UNIT, facts, shipped_rules(), "emergency", times, 0)
    assert "投放物品" in made.items[2].text
    assert "同时在空 2 架" in made.items[2].text
    assert "视距内" in made.items[2].text


def test_words_and_times_are_edited_and_what_follows_from_them_follows(plan: SearchPlan) -> None:
    made = filled(plan, "emergency", "2025-03-15 15:10", "2025-03-15 14:40")
    later = FlightTimes(takeoff_ms=at("2025-03-15 16:00"), finished_ms=at("2025-03-15 16:45"))
    edited = edit_application(made, {12: "请协调直升机"}, later, shipped_rules(), 0)
    assert edited.items[11].text == "请协调直升机"
    assert "16:00" in edited.items[5].text
    assert "16:45" in edited.items[5].text
    assert edited.submit_by_ms == at("2025-03-15 15:30")
    assert edited.items[0] == made.items[0]
    own_words = edit_application(made, {6: "16 时整"}, later, shipped_rules(), 0)
    assert own_words.items[5].text == "16 时整"


@pytest.mark.parametrize(
    ("texts", "minutes", "field"),
    [
        ({14: "x"}, 10, "items"),
        ({0: "x"}, 10, "items"),
        ({3: " "}, 10, "items"),
        ({}, 0, "finished_ms"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_with_what_is_allowed(
    plan: SearchPlan, texts: dict[int, str], minutes: int, field: str
) -> None:
    made = filled(plan, "emergency", "2025-03-15 15:10", "2025-03-15 14:40")
    takeoff_ms = at("2025-03-15 15:10")
    times = FlightTimes(takeoff_ms=takeoff_ms, finished_ms=takeoff_ms + minutes * 60_000)
    with pytest.raises(ApplicationError) as refused:
        edit_application(made, texts, times, shipped_rules(), 0)
    assert refused.value.field == field
    assert refused.value.text_zh
