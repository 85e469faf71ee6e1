"""Plans for emergencies: written, approved, drilled, and started, each action once."""

from typing import Any

import httpx
import pytest

from field_api.contract.ids import new_id
from field_api.features.response_plans.shipped import WARNING_PLAN_ID
from tests.field_api.post import SMOKE, Post
from tests.field_api.test_incident_reports import refused


def action(key: str, **changes: Any) -> dict[str, Any]:
    return {"key": key, "title": f"行动{key}", **changes}


def content(**changes: Any) -> dict[str, Any]:
    team = {"kind": "team", "id": "T3", "name": "碧鸡应急队"}
    alert = action("alert", who={"kind": "desk", "name": "区应急管理局"}, within_min=10)
    out = action("out", who=team, within_min=30, text="携带灭火机具", basis="区森林火灾预案第三章")
    levels = [
        {"level": "4", "title": "四级响应", "actions": [alert]},
        {"level": "3", "title": "三级响应", "actions": [alert, out]},
    ]
    return {
        "name": "森林火灾应急预案",
        "owner": "区应急管理局",
        "kinds": ["fire"],
        "levels": levels,
        "expires_on": "2026-03-01",
        **changes,
    }


async def written(post: Post, **changes: Any) -> dict[str, Any]:
    duty = await post.sign_in("duty")
    made = await duty.post("response-plans", json={"id": new_id(), **content(**changes)})
    assert made.status_code == 201, made.text
    return made.json()


async def approved(post: Post, **changes: Any) -> dict[str, Any]:
    plan = await written(post, **changes)
    commander = await post.sign_in("commander")
    body = {"version": plan["version"], "approve": True}
    answer = await commander.post(f"response-plans/{plan['id']}/decide", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def start(
    client: httpx.AsyncClient, incident: str, plan: str, level: str, **more: Any
) -> httpx.Response:
    body = {"id": new_id(), "plan_id": plan, "level": level, **more}
    return await client.post(f"incidents/{incident}/plan-starts", json=body)


async def test_the_shipped_plan_cites_the_law_at_each_level(post: Post) -> None:
    duty = await post.sign_in("duty")
    plan = (await duty.get(f"response-plans/{WARNING_PLAN_ID}")).json()
    assert (plan["state"], plan["shipped"], plan["edition"]) == ("approved", True, 1)
    counts = {each["level"]: len(each["actions"]) for each in plan["levels"]}
    assert counts == {"4": 5, "3": 5, "2": 12, "1": 12}
    for level in plan["levels"]:
        articles = {each["basis"][-5:] for each in level["actions"]}
        more = {"第六十七条"} if level["level"] in ("1", "2") else set()
        assert articles == {"第六十六条"} | more


async def test_an_edition_takes_the_place_of_the_one_before_once_approved(post: Post) -> None:
    first = await approved(post)
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    second = await written(post, of=first["id"], name="森林火灾应急预案(修订)")
    assert (second["plan_key"], second["edition"]) == (first["plan_key"], 2)
    again = {"id": new_id(), **content(of=first["id"])}
    await refused(duty, "response-plans", again, "response_plan_being_written")
    url = f"response-plans/{second['id']}"
    edited = await duty.post(f"{url}/edit", json={"version": 1, **content(owner="区消防大队")})
    assert edited.json()["owner"] == "区消防大队"
    assert (await duty.post(f"{url}/ask", json={"version": 2})).json()["state"] == "asked"
    assert (
        await duty.post(f"{url}/decide", json={"version": 3, "approve": True})
    ).status_code == 403
    await refused(
        commander, f"{url}/decide", {"version": 3, "approve": False}, "plan_needs_opinion"
    )
    done = (await commander.post(f"{url}/decide", json={"version": 3, "approve": True})).json()
    assert (done["state"], done["decided_by"] is not None) == ("approved", True)
    before = (await duty.get(f"response-plans/{first['id']}")).json()
    assert before["state"] == "superseded"
    old = {"version": before["version"], **content()}
    await refused(duty, f"response-plans/{first['id']}/edit", old, "response_plan_is_superseded")
    editions = (await duty.get("response-plans", params={"plan_key": first["plan_key"]})).json()
    assert [each["edition"] for each in editions] == [2, 1]


async def test_a_level_becomes_tasks_and_an_action_is_started_once(post: Post) -> None:
    plan = await approved(post)
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    assert (await start(duty, incident, plan["id"], "4")).status_code == 201
    assert (await duty.get(f"tasks?incident_id={incident}")).json() == []
    await refused_start(duty, incident, plan["id"], "4", "actions_started")
    body = {"id": new_id(), "plan_id": plan["id"], "level": "3"}
    url = f"incidents/{incident}/plan-starts"
    answers = [await duty.post(url, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    (task,) = (await duty.get(f"tasks?incident_id={incident}")).json()
    assert (task["title"], task["terminal_id"]) == ("行动out", "HT-05")
    assert task["text"] == "携带灭火机具(30分钟内)\n依据:区森林火灾预案第三章"
    assert (task["lat_deg"], task["lon_deg"]) == SMOKE
    started = (await duty.get(f"incidents/{incident}/plan-actions")).json()
    assert [each["level"] for each in started["starts"]] == ["4", "3"]
    by_key = {each["action_key"]: each for each in started["actions"]}
    assert by_key.keys() == {"alert", "out"}
    assert by_key["out"]["task_id"] == task["id"]
    alert = by_key["alert"]
    assert (alert["task_id"], alert["due_ms"] - alert["started_ms"]) == (None, 600_000)
    # Of another incident it is another action.
    assert (await start(duty, await post.open_incident(), plan["id"], "4")).status_code == 201
    done = {"note": "已通知"}
    url = f"plan-actions/{alert['id']}/finish"
    first, again = [(await duty.post(url, json=done)).json() for _ in range(2)]
    assert first == again
    assert first["done_ms"] == post.clock()
    await refused(duty, url, {"note": "x"}, "action_done")


async def refused_start(
    client: httpx.AsyncClient, incident: str, plan: str, level: str, code: str, **more: Any
) -> None:
    answer = await start(client, incident, plan, level, **more)
    assert answer.json()["detail"]["code"] == code, answer.text


async def test_what_runs_keeps_the_edition_it_was_started_from(post: Post) -> None:
    first = await approved(post)
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    await start(duty, incident, first["id"], "4")
    changed = [{"level": "4", "title": "四级", "actions": [action("alert"), action("more")]}]
    second = await approved(post, of=first["id"], levels=changed)
    await refused_start(duty, incident, first["id"], "3", "response_plan_is_superseded")
    assert (await start(duty, incident, second["id"], "4")).status_code == 201
    started = (await duty.get(f"incidents/{incident}/plan-actions")).json()
    assert [each["plan_id"] for each in started["starts"]] == [first["id"], second["id"]]
    assert [each["action_key"] for each in started["actions"]] == ["alert", "more"]
    assert started["actions"][0]["due_ms"] is not None


async def test_actions_can_be_chosen_and_sent_to_another_handheld(post: Post) -> None:
    plan = await approved(post)
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    chosen = [{"key": "alert", "terminal_id": "HT-11"}]
    assert (await start(duty, incident, plan["id"], "3", actions=chosen)).status_code == 201
    (task,) = (await duty.get(f"tasks?incident_id={incident}")).json()
    assert task["terminal_id"] == "HT-11"
    wrong = [{"key": "nothing"}]
    await refused_start(duty, incident, plan["id"], "3", "plan_without_action", actions=wrong)
    nobody = [{"key": "out", "terminal_id": "HT-99"}]
    await refused_start(duty, incident, plan["id"], "3", "unknown_terminal", actions=nobody)
    await refused_start(duty, incident, plan["id"], "1", "plan_without_level")


async def test_drafts_and_withdrawn_plans_are_not_started(post: Post) -> None:
    incident = await post.open_incident()
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    plan = await written(post)
    await refused_start(duty, incident, plan["id"], "4", "response_plan_is_draft")
    url = f"response-plans/{plan['id']}/withdraw"
    withdrawn = await commander.post(url, json={"version": 1, "reason": "已并入总体预案"})
    assert withdrawn.json()["state"] == "withdrawn"
    await refused_start(duty, incident, plan["id"], "4", "response_plan_is_withdrawn")
    await duty.post(f"incidents/{incident}/close", json={"text": "结束"})
    await refused_start(duty, incident, (await approved(post))["id"], "4", "incident_closed")


async def test_drills_of_a_plan_are_kept_over_its_editions(post: Post) -> None:
    first = await approved(post)
    second = await approved(post, of=first["id"])
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    body = {"id": new_id(), "held_on": "2025-03-15", "note": "综合演练", "incident_id": incident}
    url = f"response-plans/{first['id']}/drills"
    assert [(await duty.post(url, json=body)).status_code for _ in range(2)] == [201, 200]
    drills = (await duty.get("plan-drills", params={"plan_key": second["plan_key"]})).json()
    assert [(each["held_on"], each["incident_id"]) for each in drills] == [("2025-03-15", incident)]
    await refused(duty, url, {**body, "id": new_id(), "held_on": "2025-03-16"}, "drill_in_future")
    await refused(duty, url, {**body, "id": new_id(), "held_on": "2025-02-30"}, "no_such_day")


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": []},
        {"levels": [{"level": "5", "title": "x", "actions": [action("a")]}]},
        {"levels": [{"level": "1", "title": "x", "actions": [action("a"), action("a")]}]},
        {"levels": [{"level": "1", "title": "x", "actions": []}]},
    ],
)
async def test_a_plan_that_says_nothing_is_refused(post: Post, changes: dict[str, Any]) -> None:
    duty = await post.sign_in("duty")
    body = {"id": new_id(), **content(**changes)}
    assert (await duty.post("response-plans", json=body)).status_code == 422
