"""Days of issue, last days by the calendar, and how often an enterprise is inspected in a year."""

from typing import Any

import pytest

from field_api.features.inspections.periods import periods_from
from tests.field_api.inspections.world import Case
from tests.field_api.post import Post


async def planned(case: Case) -> dict[str, Any]:
    """Return an approved plan, as yet without its number."""
    await case.open()
    plan = await case.begin("PLAN", {"subject": "检查"})
    return await case.approve(plan)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2025-03-16", "day_in_future"),
        ("2026-03-15", "day_in_future"),
        ("2025-02-11", "day_long_past"),
        ("2024-03-15", "day_long_past"),
    ],
)
async def test_a_day_of_issue_that_can_not_be_is_refused(case: Case, day: str, code: str) -> None:
    plan = await planned(case)
    number = (await case.draw("PLAN"))[0]
    body = case.issue_body(await case.content(plan, number, day=day))
    detail = await case.refused(f"papers/{plan['id']}/issue", body, code)
    assert detail["field"] == "content.day"
    assert day in detail["text_zh"]
    assert "2025-03-15" in detail["text_en"]


async def test_a_paper_of_last_month_is_taken_and_a_day_that_is_none_is_not(case: Case) -> None:
    plan = await planned(case)
    number = (await case.draw("PLAN"))[0]
    url = f"papers/{plan['id']}/issue"
    good = case.issue_body(await case.content(plan, number, day="2025-02-12"))
    none = {**good, "content": {**good["content"], "day": "2025-02-30"}}
    answer = await (await case.client()).post(url, json=none)
    assert answer.status_code == 422
    assert answer.json()["detail"]["field"] == "content.day"
    assert (await case.send(url, good))["day"] == "2025-02-12"


def test_periods_are_counted_by_the_calendar() -> None:
    kinds = {"2025-04-04": "off", "2025-04-05": "off", "2025-04-06": "off", "2025-04-27": "work"}
    found = periods_from("2025-04-01", kinds)
    until = {one.name: one.until for one in found.periods}
    assert until == {
        "hearing": "2025-04-09",
        "registered_evidence": "2025-04-11",
        "seizure": "2025-05-01",
        "payment": "2025-04-16",
    }
    assert found.calendar_known
    assert not periods_from("2025-12-20", kinds).calendar_known
    assert {one.name for one in found.periods if one.working} == {
        "hearing",
        "registered_evidence",
    }


async def test_periods_are_proposed_by_the_register_of_holidays(district: Post) -> None:
    client = await district.sign_in("ht-01")
    before = (await client.get("law-periods", params={"day": "2025-04-01"})).json()
    assert before["calendar_known"]
    # 清明节 is the 4th, a Friday.
    assert [one["until"] for one in before["periods"]][:2] == ["2025-04-09", "2025-04-11"]
    admin = await district.sign_in("admin")
    listed = (await admin.get("registers/holidays", params={"q": "2025-04-04"})).json()
    entry = listed["rows"][0]
    work = {"version": entry["version"], "kind": "work"}
    assert (await admin.put(f"registers/holidays/{entry['id']}", json=work)).status_code == 200
    after = (await client.get("law-periods", params={"day": "2025-04-01"})).json()
    assert [one["until"] for one in after["periods"]][:2] == ["2025-04-08", "2025-04-10"]
    today = (await client.get("law-periods")).json()
    assert today["day"] == "2025-03-15"
    assert (await client.get("law-periods", params={"day": "2025-02-30"})).status_code == 422


async def test_the_year_has_so_many_routine_inspections(district: Post) -> None:
    settings = district.services.settings
    settings.visits_a_year, settings.visits_a_year_by_grade = 2, {"A": 1}

    async def opened(enterprise: str, source: str, day: str) -> str | None:
        """Open an inspection; return the code of its refusal, if any."""
        case = Case(district, enterprise=enterprise, source=source)
        body = {
            "id": case.id,
            "enterprise_id": enterprise,
            "office_id": "bureau",
            "sector": "工贸",
            "source": source,
            "day": day,
        }
        answer = await (await case.client()).post("inspections", json=body)
        if answer.status_code == 201:
            return None
        detail = answer.json()["detail"]
        assert detail["field"] == "source"
        assert day[:4] in detail["text_zh"]
        assert day[:4] in detail["text_en"]
        return detail["code"]

    # The first one of demo-2 (B) stands in the demo.
    assert await opened("demo-2", "plan", "2025-06-01") is None
    assert await opened("demo-2", "plan", "2025-07-01") == "visits_enough"
    for source in ("complaint", "transfer", "emergency"):
        assert await opened("demo-2", source, "2025-07-01") is None
    assert await opened("demo-2", "plan", "2026-01-05") is None
    assert await opened("demo-4", "plan", "2025-06-01") is None
    assert await opened("demo-4", "plan", "2025-06-02") == "visits_enough"
    settings.visits_a_year_by_grade = {"A": 0}
    assert await opened("demo-4", "plan", "2025-06-02") is None
