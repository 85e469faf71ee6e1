"""An application has the flight's own times, can be edited, and is of one plan only."""

from typing import Any

import pytest

from field_api.contract.ids import new_id
from field_api.contract.messages import SortieState
from field_api.core.roles import SYSTEM
from field_api.features.flights.tables import SortieRecord, SortieStep
from field_api.features.plans.records import use_improved
from mission_plans.values.plan import SearchPlan
from tests.field_api.post import CHECKLIST, Post
from tests.field_api.test_flight_facts import checks, planned, state

MINUTE_MS = 60_000


async def applied(post: Post, plan: dict[str, Any], kind: str = "emergency") -> dict[str, Any]:
    pilot = await post.sign_in("pilot")
    body = {"id": new_id(), "kind": kind}
    made = await pilot.post(f"plans/{plan['id']}/applications", json=body)
    assert made.status_code == 201, made.text
    return made.json()


async def edit(post: Post, application: dict[str, Any], **changes: Any) -> Any:
    pilot = await post.sign_in("pilot")
    body = {"version": application["version"]} | changes
    return await pilot.put(f"applications/{application['id']}", json=body)


def take_off(post: Post, plan: dict[str, Any], t_ms: int, *, landed_ms: int | None = None) -> None:
    """Let a plan's sorties have taken off a minute apart, as their node would tell."""
    with post.services.store.change(SYSTEM) as change:
        for number, sortie in enumerate(plan["plan"]["sorties"]):
            row = change.get(SortieRecord, sortie["id"])
            change.put(row)
            change.record("node.connected", "1", node="1")
            at_ms = t_ms + number * MINUTE_MS
            row.state, row.state_t_ms = SortieState.FLYING, at_ms
            if landed_ms is not None:
                row.state, row.state_t_ms = SortieState.RETURNED, landed_ms
            change.session.add(
                SortieStep(
                    id=new_id(),
                    sortie_id=row.id,
                    t_ms=at_ms,
                    state=SortieState.FLYING.value,
                    author="",
                    text="",
                )
            )


async def launched(post: Post) -> dict[str, Any]:
    plan = await planned(post)
    pilot = await post.sign_in("pilot")
    body = {"checklist": CHECKLIST, "revision": plan["revision"]}
    answer = await pilot.post(f"plans/{plan['id']}/authorise", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_made_in_flight_it_has_the_real_take_off(post: Post) -> None:
    plan = await launched(post)
    t_ms = post.clock()
    take_off(post, plan, t_ms)
    post.clock.advance_s(120)
    application = (await applied(post, plan))["application"]
    assert application["takeoff_ms"] == t_ms
    assert application["flown"]
    assert application["finished_ms"] == t_ms + round(plan["plan"]["metrics"]["finished_s"] * 1000)
    assert "14:30 起飞" in application["items"][5]["text"]
    assert application["submit_by_ms"] < post.clock()


async def test_the_paper_of_a_flight_in_the_air_is_printed(post: Post) -> None:
    plan = await launched(post)
    take_off(post, plan, post.clock())
    pilot = await post.sign_in("pilot")
    made = await applied(post, plan, "urgent")
    handed = await pilot.post(f"applications/{made['id']}/submit")
    assert handed.status_code == 200, handed.text
    paper = await pilot.get(f"applications/{made['id']}/application.pdf")
    assert paper.content.startswith(b"%PDF-")


async def test_after_the_landing_it_has_the_real_landing(post: Post) -> None:
    plan = await launched(post)
    t_ms = post.clock()
    take_off(post, plan, t_ms, landed_ms=t_ms + 20 * MINUTE_MS)
    assert (await applied(post, plan))["application"]["finished_ms"] == t_ms + 20 * MINUTE_MS


async def test_launched_and_waiting_it_has_the_time_it_is_due(post: Post) -> None:
    plan = await launched(post)
    due_ms = post.clock() + 5 * MINUTE_MS
    with post.services.store.change(SYSTEM) as change:
        row = change.get(SortieRecord, plan["plan"]["sorties"][0]["id"])
        change.put(row)
        change.record("node.connected", "1", node="1")
        row.start_due_ms = due_ms
    application = (await applied(post, plan))["application"]
    assert (application["takeoff_ms"], application["flown"]) == (due_ms, False)


async def test_a_draft_is_edited_and_its_deadlines_follow(post: Post) -> None:
    application = await applied(post, await planned(post))
    takeoff_ms = application["application"]["takeoff_ms"] + 60 * MINUTE_MS
    answer = await edit(
        post,
        application,
        takeoff_ms=takeoff_ms,
        items=[{"number": 12, "text": "请协调直升机"}],
    )
    assert answer.status_code == 200, answer.text
    edited = answer.json()["application"]
    assert edited["items"][11]["text"] == "请协调直升机"
    assert edited["takeoff_ms"] == takeoff_ms
    assert edited["submit_by_ms"] == takeoff_ms - 30 * MINUTE_MS
    assert edited["finished_ms"] - takeoff_ms == (
        application["application"]["finished_ms"] - application["application"]["takeoff_ms"]
    )
    assert edited["items"][5]["text"] != application["application"]["items"][5]["text"]
    assert edited["items"][0] == application["application"]["items"][0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": [{"number": 14, "text": "x"}]}, "items.0.number"),
        ({"items": [{"number": 3, "text": " "}]}, "items.0.text"),
        ({"takeoff_ms": 1_742_100_000_000, "finished_ms": 1_742_099_000_000}, "finished_ms"),
    ],
)
async def test_an_edit_that_makes_no_sense_changes_nothing(
    post: Post, body: dict[str, Any], field: str
) -> None:
    application = await applied(post, await planned(post))
    answer = await edit(post, application, **body)
    assert answer.status_code == 422
    assert answer.json()["detail"]["field"] == field
    pilot = await post.sign_in("pilot")
    again = (await pilot.get(f"applications/{application['id']}")).json()
    assert again["application"] == application["application"]


async def test_two_who_edit_at_once_do_not_overwrite_each_other(post: Post) -> None:
    application = await applied(post, await planned(post))
    items = [{"number": 12, "text": "甲"}]
    assert (await edit(post, application, items=items)).status_code == 200
    second = await edit(post, application, items=[{"number": 12, "text": "乙"}])
    assert second.json()["detail"]["code"] == "version_conflict"


async def test_what_is_handed_in_is_not_edited(post: Post) -> None:
    application = await applied(post, await planned(post))
    pilot = await post.sign_in("pilot")
    handed = (await pilot.post(f"applications/{application['id']}/submit")).json()
    answer = await edit(post, handed, items=[{"number": 12, "text": "x"}])
    assert answer.json()["detail"]["code"] == "already_submitted"


async def test_a_draft_of_a_plan_that_changed_says_so_and_is_not_handed_in(post: Post) -> None:
    plan = await planned(post)
    application = await applied(post, plan)
    assert not application["plan_changed"]
    await state(post, plan, drops=True)
    pilot = await post.sign_in("pilot")
    again = (await pilot.get(f"applications/{application['id']}")).json()
    assert again["plan_changed"]
    refused = await pilot.post(f"applications/{application['id']}/submit")
    assert refused.json()["detail"]["code"] == "plan_changed_since"
    paper = await pilot.get(f"applications/{application['id']}/application.pdf")
    assert paper.content.startswith(b"%PDF-")
    fresh = await applied(post, plan)
    assert not fresh["plan_changed"]
    assert "投放物品" in fresh["application"]["items"][2]["text"]


async def approved(post: Post, application: dict[str, Any]) -> dict[str, Any]:
    pilot, duty = await post.sign_in("pilot"), await post.sign_in("duty")
    await pilot.post(f"applications/{application['id']}/submit")
    body = {"approved": True, "approval_id": "AP-9"}
    answer = await duty.post(f"applications/{application['id']}/answer", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_confirmation_after_the_approval_leaves_it_valid(post: Post) -> None:
    plan = await planned(post, agl_m=130.0)
    application = await approved(post, await applied(post, plan))
    assert not application["plan_changed"]
    pilot = await post.sign_in("pilot")
    now = (await pilot.get(f"plans/{plan['id']}")).json()
    assert checks(now)["law_26_application"]["passed"]
    facts = {"revision": now["revision"], "facts": {"atc_confirmed": True}}
    after = (await pilot.put(f"plans/{plan['id']}/facts", json=facts)).json()
    assert checks(after)["law_26_application"]["passed"]
    assert checks(after)["law_19_height"]["passed"]
    assert checks(after)["law_30_report"]["passed"]


async def test_an_approval_answers_nothing_once_the_plan_is_another(post: Post) -> None:
    plan = await planned(post, agl_m=130.0)
    application = await approved(post, await applied(post, plan))
    pilot = await post.sign_in("pilot")
    now = (await pilot.get(f"plans/{plan['id']}")).json()
    after = (await state(post, now, drops=True)).json()
    assert not checks(after)["law_19_height"]["passed"]
    assert not after["flyable"]
    again = (await pilot.get(f"applications/{application['id']}")).json()
    assert (again["state"], again["approval_id"], again["plan_changed"]) == (
        "approved",
        "AP-9",
        True,
    )


async def test_what_was_applied_for_is_improved_behind_nobodys_back(post: Post) -> None:
    plan = await planned(post, agl_m=130.0)
    better = SearchPlan.model_validate(plan["plan"])
    better = better.model_copy(update={"sorties": better.sorties[::-1]})
    application = await applied(post, plan)
    pilot, duty = await post.sign_in("pilot"), await post.sign_in("duty")
    use_improved(post.services, better)
    assert (await pilot.get(f"plans/{plan['id']}")).json()["revision"] == plan["revision"]
    assert not (await pilot.get(f"applications/{application['id']}")).json()["plan_changed"]
    # One that was refused binds nothing.
    await pilot.post(f"applications/{application['id']}/submit")
    refused = {"approved": False, "text": "时段冲突"}
    answer = await duty.post(f"applications/{application['id']}/answer", json=refused)
    assert answer.status_code == 200, answer.text
    use_improved(post.services, better)
    assert (await pilot.get(f"plans/{plan['id']}")).json()["revision"] > plan["revision"]


async def test_an_answer_for_a_plan_that_changed_meanwhile_is_kept_and_binds_nothing(
    post: Post,
) -> None:
    plan = await planned(post, agl_m=130.0)
    application = await applied(post, plan)
    pilot, duty = await post.sign_in("pilot"), await post.sign_in("duty")
    await pilot.post(f"applications/{application['id']}/submit")
    await state(post, plan, drops=True)
    body = {"approved": True, "approval_id": "AP-9"}
    answer = (await duty.post(f"applications/{application['id']}/answer", json=body)).json()
    assert (answer["approval_id"], answer["plan_changed"]) == ("AP-9", True)
    after = (await pilot.get(f"plans/{plan['id']}")).json()
    assert after["approvals"] == []
    assert not after["flyable"]


async def test_the_register_says_what_is_registered(post: Post) -> None:
    admin = await post.sign_in("admin")
    values = {"registration": "UAS00012345", "product_code": "CODE-OF-THE-REGISTER"}
    saved = await admin.put("registers/aircraft/XS-U1", json={"version": 1} | values)
    assert saved.status_code == 200, saved.text
    text = (await applied(post, await planned(post)))["application"]["items"][1]["text"]
    assert "UAS00012345" in text
    assert "CODE-OF-THE-REGISTER" in text
