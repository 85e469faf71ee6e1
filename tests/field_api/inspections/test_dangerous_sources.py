"""Dangerous sources: graded by the formula of GB 18218 whichever way an entry is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from field_api.contract.ids import new_id
from field_api.features.law.grade import Substance, UnknownSubstanceError, graded
from tests.field_api.inspections.world import Case
from tests.field_api.post import Post

GIVEN = json.loads(
    (Path(__file__).parents[2] / "vectors" / "inspections" / "grade.json").read_text("utf-8")
)
CHLORINE = {"code": "12", "quantity_t": 62.5}


@pytest.mark.parametrize("case", GIVEN["cases"], ids=lambda case: case["name"])
def test_the_formula(case: dict[str, Any]) -> None:
    substances = [Substance.model_validate(one) for one in case["substances"]]
    found = graded(substances, case["exposed_people"])
    assert found.sum_of_ratios == pytest.approx(case["s"])
    assert found.danger == pytest.approx(case["r"])
    assert found.grade == case["grade"]


@pytest.mark.parametrize("given", GIVEN["unknown"])
def test_what_the_tables_do_not_have(given: dict[str, Any]) -> None:
    with pytest.raises(UnknownSubstanceError):
        graded([Substance.model_validate(given)], 1)


def body(**changes: Any) -> dict[str, Any]:
    """Return an entry's values."""
    return {
        "enterprise_id": "demo-1",
        "unit": "一级储罐区",
        "substances": [CHLORINE],
        "exposed_people": 120,
        "principal": "示例负责人1",
        "area": "530112009",
        **changes,
    }


async def test_an_entry_is_graded_on_save_and_on_every_change(district: Post) -> None:
    duty = await district.sign_in("duty")
    made = (await duty.post("registers/dangerous_sources", json=body(grade="none"))).json()
    assert (made["grade"], made["danger"], made["sum_of_ratios"]) == ("1", 100, 12.5)
    at = f"registers/dangerous_sources/{made['id']}"
    change = {"version": made["version"], "exposed_people": 10}
    less = (await duty.put(at, json=change)).json()
    assert (less["grade"], less["danger"]) == ("2", 50)
    forged = (await duty.put(at, json={"version": less["version"], "grade": "4"})).json()
    assert forged["grade"] == "2"
    assert (await duty.get(at)).json()["grade"] == "2"


async def test_a_handhelds_edit_is_graded_too(district: Post) -> None:
    duty = await district.sign_in("duty")
    made = (await duty.post("registers/dangerous_sources", json=body())).json()
    case = Case(district)
    me = (await (await case.client()).get("session")).json()["user"]["id"]
    now = {"substances": [{"code": "12", "quantity_t": 1}]}
    edit = {
        "id": new_id(),
        "register_name": "dangerous_sources",
        "t_ms": district.clock(),
        "was": {"substances": made["substances"]},
        "now": now,
    }
    item = {"id": new_id(), "op": "register.edit", "target": made["id"], "body": edit}
    push = {"device_id": "d", "author": me, "items": [{**item, "made_ms": district.clock()}]}
    answer = (await (await case.client()).post("sync/push", json=push)).json()["answers"][0]
    assert answer["status"] == "applied", answer
    after = (await duty.get(f"registers/dangerous_sources/{made['id']}")).json()
    assert (after["grade"], after["sum_of_ratios"]) == ("none", 0.2)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"substances": [{"code": "900", "quantity_t": 1}]}, "substance_unknown", "substances"),
        (
            {"substances": [{"code": "85", "quantity_t": 1}]},
            "substance_without_category",
            "substances",
        ),
        ({"exposed_people": -1}, "exposed_people_negative", "exposed_people"),
    ],
)
async def test_what_no_formula_takes_is_refused(
    district: Post, changes: dict[str, Any], code: str, field: str
) -> None:
    duty = await district.sign_in("duty")
    answer = await duty.post("registers/dangerous_sources", json=body(**changes))
    assert answer.status_code == 422, answer.text
    detail = answer.json()["detail"]
    assert (detail["code"], detail["field"]) == (code, field)


async def test_the_names_are_said_to_be_unconfirmed_in_both_languages(district: Post) -> None:
    duty = await district.sign_in("duty")
    schemas = (await duty.get("registers")).json()
    own = next(one for one in schemas if one["name"] == "dangerous_sources")
    grade = next(one for one in own["columns"] if one["name"] == "grade")
    assert "待核对" in own["title_zh"]
    assert "待核对" in grade["title_zh"]
    assert "to be confirmed" in own["title_en"]
    assert "to be confirmed" in grade["title_en"]
