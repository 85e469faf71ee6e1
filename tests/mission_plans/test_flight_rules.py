"""Which clauses a mission triggers, and the thirteen items of its application."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.rules.flight_application import ApplicantUnit, Operator, fill_application
from mission_plans.rules.flight_rules import (
    FlightFacts,
    FlightRulesError,
    aircraft_class,
    load_flight_rules,
    shipped_rules,
    triggered,
    zone_code,
)
from mission_plans.search.planning import plan_search
from mission_plans.values.plan import Fence, SearchPlan
from tests.mission_plans.areas import demo_request, ring

LOCAL = timezone(timedelta(hours=8))
UNIT = ApplicantUnit(
    name="西山区应急管理局", contact="值班室", operators=[Operator(name="张", licence="A-1")]
)


@pytest.fixture(scope="module")
def plan() -> SearchPlan:
    return plan_search(demo_request(1), demo_terrain(), "p")


def ids(plan: SearchPlan, **facts: object) -> dict[str, bool]:
    return {
        check.id: check.passed
        for check in triggered(plan, FlightFacts.model_validate(facts), shipped_rules())
    }


def test_a_plain_flight_triggers_only_what_must_be_known(plan: SearchPlan) -> None:
    assert ids(plan, bvlos=False) == {"law_31_confirm": True}


@pytest.mark.parametrize(
    ("facts", "rule", "passed"),
    [
        ({"internet_relay": True}, "law_31_relay", False),
        ({"drops": True}, "law_31_drop", False),
        ({"over_people": True}, "law_31_crowd", False),
        ({"from_moving_vehicle": True}, "law_31_moving", False),
        ({"night": True}, "law_32_lights", False),
        ({"bvlos": True}, "law_32_bvlos", True),
        ({"aircraft_class": "small"}, "law_17_licence", True),
        ({"loudspeaker": True}, "speaker_use", True),
    ],
)
def test_every_fact_triggers_its_clause_and_no_other(
    plan: SearchPlan, facts: dict[str, object], rule: str, passed: bool
) -> None:
    plain = ids(plan, bvlos=False)
    assert ids(plan, **{"bvlos": False, **facts}) == {**plain, rule: passed}


def test_several_aircraft_of_one_pilot_are_a_cluster() -> None:
    two = plan_search(demo_request(2), demo_terrain(), "p")
    assert ids(two)["law_31_cluster"] is False
    assert "law_31_cluster" not in ids(two, pilots=2)


def test_a_zone_is_named_by_its_reason_and_passes_with_an_approval() -> None:
    zone = Fence(
        id="G3",
        kind="controlled",
        name="仓储区",
        reason="易燃易爆危险品生产仓储区域",
        centre=ring((0.0, 0.0))[0],
        radius_m=200.0,
    )
    assert zone_code(zone, shipped_rules()) == "hazardous"
    for approval, passed in ((None, False), ("AP-2", True)):
        fence = zone.model_copy(update={"approval_id": approval})
        made = plan_search(demo_request(1, fences=[fence]), demo_terrain(), "p")
        (check,) = [
            c for c in triggered(made, FlightFacts(), shipped_rules()) if c.id == "law_19_zone"
        ]
        assert check.passed is passed
        assert "危险品" in check.text_zh
        assert check.at is not None
        assert "第十九条" in check.source


def test_flying_high_needs_an_approval() -> None:
    high = plan_search(demo_request(1, agl_m=130.0), demo_terrain(), "p")
    checks = {c.id: c for c in triggered(high, FlightFacts(), shipped_rules())}
    assert checks["law_19_height"].severity.value == "block"
    assert not checks["law_19_height"].passed


@pytest.mark.parametrize(
    ("empty_kg", "takeoff_kg", "kmh", "expected"),
    [
        (0.2, 0.3, 50, "micro"),
        (3.9, 7, 100, "light"),
        (3.9, 7, 101, "small"),
        (4.1, 6, 80, "small"),
        (15.1, 26, 80, "medium"),
        (100, 151, 80, "large"),
    ],
)
def test_classes_of_article_62(
    empty_kg: float, takeoff_kg: float, kmh: float, expected: str
) -> None:
    assert aircraft_class(empty_kg, takeoff_kg, kmh) == expected


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


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp() * 1000)


def test_the_demo_emergency_application_has_its_items_and_times(plan: SearchPlan) -> None:
    filled = fill_application(
        plan,
        UNIT,
        FlightFacts(),
        shipped_rules(),
        "emergency",
        at("2025-03-15 15:10"),
        at("2025-03-15 14:40"),
    )
    assert [item.number for item in filled.items] == list(range(1, 14))
    assert all(item.text and item.title_zh and item.title_en for item in filled.items)
    assert filled.submit_by_ms == at("2025-03-15 14:40")
    assert filled.reply_by_ms == at("2025-03-15 15:00")
    assert filled.earliest_takeoff_ms == at("2025-03-15 15:10")
    assert "15:10" in filled.items[5].text
    assert filled.finished_ms == filled.takeoff_ms + round(plan.metrics.finished_s * 1000)


def test_a_normal_application_is_due_at_noon_the_day_before(plan: SearchPlan) -> None:
    for now, earliest in (("2025-03-14 11:00", "2025-03-15"), ("2025-03-14 12:30", "2025-03-16")):
        filled = fill_application(
            plan,
            UNIT,
            FlightFacts(),
            shipped_rules(),
            "normal",
            at("2025-03-15 09:00"),
            at(now),
        )
        assert filled.submit_by_ms == at("2025-03-14 12:00")
        assert filled.reply_by_ms == at("2025-03-14 21:00")
        assert filled.earliest_takeoff_ms == at(f"{earliest} 00:00")


def test_an_urgent_application_may_be_made_at_any_time(plan: SearchPlan) -> None:
    now_ms = at("2025-03-15 14:40")
    filled = fill_application(plan, UNIT, FlightFacts(), shipped_rules(), "urgent", now_ms, now_ms)
    assert filled.earliest_takeoff_ms == filled.submit_by_ms == now_ms
