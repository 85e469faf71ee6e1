"""The rules of inspections against the examples that the handheld is checked against too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

import field_api
from field_api.core.texts import both, has_text
from field_api.features.inspections.calendar import (
    Law,
    days_left,
    is_workday,
    local_day,
    period_end,
    year_is_known,
)
from field_api.features.inspections.chain import may_begin, may_close, may_issue
from field_api.features.inspections.facts import Draft, Scene
from field_api.features.inspections.forms import Form
from field_api.features.inspections.gathering import refusal_of
from field_api.features.inspections.merging import decided, merged
from field_api.features.inspections.numbers import parsed, prefix_of, suffix_of, written
from field_api.features.inspections.reminding import reminder_step
from field_api.features.inspections.standing import closure_due, penalties_by
from field_api.features.law.editions import clauses_in_force, items_in_force
from field_api.features.law.tables import ChecklistItem, LawClause

VECTORS = Path(__file__).parents[2] / "vectors" / "inspections"
LAW = Path(field_api.__file__).parent / "data" / "law"


def examples(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


FORMS = {given["code"]: Form.model_validate(given) for given in examples("forms")["forms"]}


@pytest.mark.parametrize("case", examples("chain")["cases"], ids=lambda case: case["name"])
def test_the_chain(case: dict[str, Any]) -> None:
    scene, draft = Scene.model_validate(case["scene"]), Draft.model_validate(case["draft"])
    if case["ask"] == "close":
        reasons = may_close(scene, FORMS)
    elif case["ask"] == "begin":
        reasons = may_begin(FORMS[case["form"]], scene, draft)
    else:
        reasons = may_issue(FORMS[case["form"]], scene, draft, case["day"])
    assert [reason.code for reason in reasons] == case["refusals"]
    for reason in reasons:
        assert has_text(f"errors.{reason.code}"), reason
        error = refusal_of(reason)
        assert error.detail.text_zh != error.detail.text_en
        assert "{" not in error.detail.text_zh + error.detail.text_en


def test_working_days_and_periods() -> None:
    given = examples("calendar")
    kinds = cast(Mapping[str, str], given["days"])
    for day, works in given["workdays"]:
        assert is_workday(day, kinds) is works, day
    for day, known in given["known"]:
        assert year_is_known(day, kinds) is known, day
    for one in given["periods"]:
        law: Law = one["law"]
        assert period_end(one["start"], one["days"], law, kinds) == one["end"], one


def test_days_are_those_of_the_bureau() -> None:
    assert local_day(1_742_054_399_999) == "2025-03-15"
    assert local_day(1_742_054_400_000) == "2025-03-16"
    assert (days_left("2026-12-01", "2026-11-29"), days_left("2026-11-28", "2026-11-29")) == (2, -1)


def test_numbers() -> None:
    given = examples("numbers")
    for one in given["written"]:
        prefix = prefix_of(one["short_name"], one["series"], one["year"])
        assert written(prefix, one["n"], suffix_of(one["tier"])) == one["number"]
        back = parsed(one["number"])
        assert back is not None
        assert (back.prefix, back.n, back.suffix) == (prefix, one["n"], suffix_of(one["tier"]))
    for text in given["wrong"]:
        assert parsed(text) is None, text


@pytest.mark.parametrize("case", examples("standing")["cases"])
def test_article_113(case: dict[str, Any]) -> None:
    penalties = penalties_by(case["days"], case["today"])
    assert penalties.in_180_days == case["in_180_days"]
    assert penalties.in_1_year == case["in_1_year"]
    assert closure_due(penalties, case["major"]) is case["closure_due"]


@pytest.mark.parametrize("case", examples("editions")["cases"])
def test_law_by_date(case: dict[str, Any]) -> None:
    shipped = json.loads((LAW / "clauses.json").read_text("utf-8"))["clauses"]
    clauses = [LawClause.model_validate(one) for one in shipped]
    found = {one.id for one in clauses_in_force(clauses, case["day"], case["sector"])}
    assert set(case["has"]) <= found
    assert not set(case["has_not"]) & found


def test_questions_of_a_sector_are_asked_with_those_of_every_sector() -> None:
    shipped = json.loads((LAW / "checklists.json").read_text("utf-8"))["items"]
    items = [ChecklistItem.model_validate(one) for one in shipped]
    asked = items_in_force(items, "2026-11-29", "商贸")
    assert {one.sector for one in asked} == {"商贸", "通用"}
    closed = [one.model_copy(update={"in_force_to": "2026-11-28"}) for one in items]
    assert not items_in_force(closed, "2026-11-29", "商贸")


@pytest.mark.parametrize("case", examples("merging")["cases"], ids=lambda case: case["name"])
def test_edits_are_merged_field_by_field(case: dict[str, Any]) -> None:
    kept = [
        {"id": f"k{n}", "field": f, "was": None, "here": h, "given": g, "given_by": "甲"}
        for n, (f, h, g) in enumerate(case.get("kept", []))
    ]
    ids = [f"n{n}" for n in range(len(case["now"]))]
    changed, conflicts = merged(
        case["here"], {}, kept, was=case["was"], now=case["now"], by="甲", t_ms=1, ids=ids
    )
    assert changed == case["changed"]
    assert [[c["field"], c["here"], c["given"]] for c in conflicts] == case["conflicts"]
    for conflict in conflicts:
        taken = decided(conflicts, conflict["id"], take=True)
        left = decided(conflicts, conflict["id"], take=False)
        assert taken is not None
        assert left is not None
        assert taken[0] == {conflict["field"]: conflict["given"]}
        assert left[0] == {}
    assert decided(conflicts, "nobody's", take=True) is None


def test_reminders_come_at_seven_three_one_and_no_days() -> None:
    steps = [reminder_step(left) for left in (8, 7, 4, 3, 2, 1, 0, -1, -40)]
    assert steps == [None, 7, 7, 3, 3, 1, 0, -1, -1]


def test_every_text_of_an_act_is_in_both_languages() -> None:
    assert both("acts.paper.fulfilled", number="x").zh
