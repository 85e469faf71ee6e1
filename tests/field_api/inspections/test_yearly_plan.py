"""The yearly inspection plan: written, approved, and held against what is done."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.features.inspections.demo import BIJI, HAIKOU
from tests.field_api.inspections.world import Case


def row(area: str, sector: str, **months: int) -> dict[str, Any]:
    counts = [months.get(f"m{month}", 0) for month in range(1, 13)]
    return {"area": area, "sector": sector, "months": counts}


def of(seen: dict[str, Any], area: str, sector: str = "工贸") -> dict[str, Any]:
    """The row of a street and a sector."""
    (found,) = [one for one in seen["rows"] if (one["area"], one["sector"]) == (area, sector)]
    return found


async def test_a_plan_is_written_approved_and_held_against_what_is_done(case: Case) -> None:
    post = case.post
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    targets = [row(HAIKOU, "工贸", m1=1, m2=1, m3=2), row(BIJI, "商贸", m4=1)]
    body = {"id": new_id(), "year": 2025, "version": None, "targets": targets}
    await case.refused(
        "inspection-plans",
        {**body, "targets": [row("530112999", "工贸")]},
        "plan_unknown_street",
        "duty",
    )
    twice = {**body, "targets": [*targets, targets[0]]}
    await case.refused("inspection-plans", twice, "plan_row_twice", "duty")
    assert (await (await case.client()).post("inspection-plans", json=body)).status_code == 403
    plan = (await duty.post("inspection-plans", json=body)).json()
    again = (await duty.post("inspection-plans", json=body)).json()
    assert (plan["state"], again["version"]) == ("draft", plan["version"])
    other = {**body, "id": new_id()}
    await case.refused("inspection-plans", other, "plan_of_year_there", "commander")

    url = f"inspection-plans/{plan['id']}"
    looked = {"version": plan["version"]}
    await case.refused(
        f"{url}/approve", {**looked, "approve": True}, "inspection_plan_is_draft", "commander"
    )
    asked = (await duty.post(f"{url}/submit", json=looked)).json()
    assert asked["state"] == "asked"
    judged = {"version": asked["version"], "approve": False}
    await case.refused(f"{url}/approve", judged, "plan_needs_opinion", "commander")
    assert (await duty.post(f"{url}/approve", json=judged)).status_code == 403
    judged |= {"approve": True, "opinion": "同意"}
    approved = (await commander.post(f"{url}/approve", json=judged)).json()
    assert (approved["state"], approved["decided_by"]) == ("approved", "指挥长")

    # One more than the district has already for that day.
    await case.open()
    seen = (await duty.get("inspection-plans/2025")).json()
    biji, haikou = of(seen, BIJI, "商贸"), of(seen, HAIKOU)
    assert (seen["month"], haikou["enterprises"]) == (2, 1)
    assert (haikou["planned"][2], haikou["done"][2], haikou["behind"]) == (2, 0, 2)
    assert (haikou["most"], biji["behind"]) == (None, 0)
    await case.enter()
    post.clock.advance_s(24 * 3600)
    post.forget_sessions()
    duty = await post.sign_in("duty")
    haikou = of((await duty.get("inspection-plans/2025")).json(), HAIKOU)
    assert (haikou["planned"][2], haikou["done"][2], haikou["late"]) == (1, 1, 1)
    assert haikou["behind"] == 1

    body |= {"version": approved["version"], "targets": [row(HAIKOU, "工贸", m3=1)]}
    changed = (await duty.post("inspection-plans", json=body)).json()
    assert changed["state"] == "draft"
    stale = {**body, "targets": targets}
    await case.refused("inspection-plans", stale, "version_conflict", "duty")


async def test_the_cap_on_visits_and_what_is_late_stand_beside_the_plan(case: Case) -> None:
    post = case.post
    post.services.settings.visits_a_year = 2
    await case.open()
    post.clock.advance_s(24 * 3600)
    post.forget_sessions()
    # Nobody has written a plan: what is fixed is told all the same.
    seen = (await (await post.sign_in("duty")).get("inspection-plans/2025")).json()
    haikou = of(seen, HAIKOU)
    assert seen["plan"] is None
    assert (haikou["most"], haikou["late"], haikou["target"]) == (2, 2, [0] * 12)
    street = await case.client("ht-09")
    assert (await street.get("inspection-plans/2025")).json()["rows"] == []
