"""Sync of handhelds: items applied once and in order, changes pulled by cursor."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from field_api.contract.ids import new_id
from field_api.core.events import forget_events
from field_api.core.sync.tables import SyncItem
from field_api.declared import FEATURES
from field_api.features.tasks.escalation import escalate_due
from tests.field_api.post import T0_MS, Post
from tests.field_api.test_tasks import JPEG, JPEG_SHA256, send


def item(op: str, target: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "op": op, "target": target, "made_ms": T0_MS, "body": body, **more}


def step(task: dict[str, Any], to: str, **more: Any) -> dict[str, Any]:
    body = {"id": new_id(), "to": to, "t_ms": T0_MS}
    return item("task.move", task["id"], body, **more)


async def user_id(client: httpx.AsyncClient) -> str:
    return (await client.get("session")).json()["user"]["id"]


async def push(
    client: httpx.AsyncClient, *items: dict[str, Any], author: str | None = None
) -> list[dict[str, Any]]:
    body = {"device_id": "d-1", "author": author or await user_id(client), "items": items}
    answer = await client.post("sync/push", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


async def pull(client: httpx.AsyncClient, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    """Return all changes after a cursor, and the new one."""
    changes: list[dict[str, Any]] = []
    while True:
        answer = await client.get("sync/pull", params={"cursor": cursor} if cursor else {})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert not page["resync"]
        changes += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return changes, cursor


async def test_items_are_applied_in_order_and_repeated_ones_change_nothing(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    first = step(task, "acknowledged")
    second = step(task, "en_route", after=first["id"])
    answers = await push(handheld, first, second)
    assert [a["status"] for a in answers] == ["applied", "applied"]
    assert answers[-1]["record"]["data"]["state"] == "en_route"
    again = await push(handheld, first, second)
    assert [a["status"] for a in again] == ["repeated", "repeated"]
    third = step(task, "on_scene", after=second["id"])
    assert (await push(handheld, third))[0]["status"] == "applied"
    seen = (await handheld.get(f"tasks/{task['id']}")).json()
    assert [s["to"] for s in seen["steps"]] == ["acknowledged", "en_route", "on_scene"]
    assert seen["version"] == answers[-1]["record"]["version"] + 1


async def test_an_item_waits_for_the_one_before_it(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    first = step(task, "acknowledged")
    second = step(task, "en_route", after=first["id"])
    third = step(task, "on_scene", after=second["id"])
    held = await push(handheld, third, second)
    assert [a["status"] for a in held] == ["held", "held"]
    assert (await handheld.get(f"tasks/{task['id']}")).json()["state"] == "sent"
    assert (await push(handheld, first))[0]["status"] == "applied"
    assert (await handheld.get(f"tasks/{task['id']}")).json()["state"] == "on_scene"
    assert [a["status"] for a in await push(handheld, third)] == ["repeated"]


async def test_a_refused_item_says_why_and_leaves_the_others_alone(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    impossible, good = step(task, "done"), step(task, "acknowledged")
    refused, applied = await push(handheld, impossible, good)
    assert (refused["status"], refused["code"], refused["field"]) == (
        "refused",
        "not_allowed_now",
        "to",
    )
    assert refused["text_zh"]
    assert refused["text_en"]
    assert applied["status"] == "applied"
    wrong = item("task.move", task["id"], {"id": new_id(), "to": "flying", "t_ms": T0_MS})
    unknown = item("plan.launch", task["id"], {})
    codes = [a["code"] for a in await push(handheld, wrong, unknown)]
    assert codes == ["invalid", "unknown_operation"]


async def test_a_newer_handhelds_fields_are_kept_with_the_item(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    newer = step(task, "acknowledged", battery={"fraction": 0.4})
    newer["body"]["mood"] = "tired"
    answer = (await push(handheld, newer))[0]
    assert (answer["status"], answer["unknown"]) == ("applied", ["battery", "body.mood"])
    with post.services.store.read() as session:
        kept = session.get_one(SyncItem, newer["id"]).unknown
    assert kept == {"battery": {"fraction": 0.4}, "body.mood": "tired"}
    assert (await push(handheld, newer))[0]["status"] == "repeated"
    other = {**newer, "battery": {"fraction": 0.3}}
    assert (await push(handheld, other))[0]["code"] == "id_taken"


async def test_a_held_items_unknown_fields_are_kept_too(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    first = step(task, "acknowledged")
    second = step(task, "en_route", after=first["id"], mood="tired")
    assert (await push(handheld, second))[0]["status"] == "held"
    await push(handheld, first)
    with post.services.store.read() as session:
        kept = session.get_one(SyncItem, second["id"])
    assert (kept.waits_for, kept.unknown) == (None, {"mood": "tired"})


async def test_a_closed_incident_takes_its_tasks_off_the_handhelds(post: Post) -> None:
    task = await send(post)
    handheld, other = await post.sign_in("ht-05"), await post.sign_in("ht-06")
    changes, cursor = await pull(handheld)
    assert [c["id"] for c in changes if c["type"] == "task"] == [task["id"]]
    _, others = await pull(other)
    commander = await post.sign_in("commander")
    url = f"incidents/{task['incident_id']}/close"
    assert (await commander.post(url, json={"text": "结束"})).is_success
    changes, after = await pull(handheld, cursor)
    left = [(c["id"], c["op"], c["version"]) for c in changes if c["type"] == "task"]
    assert left == [(task["id"], "left", task["version"])]
    # A late report is taken; it brings the task back to nobody.
    body = {"id": new_id(), "t_ms": T0_MS, "text": "迟到", "lat_deg": 24.9, "lon_deg": 102.6}
    answer = (await push(handheld, item("task.report", task["id"], body)))[0]
    assert answer["status"] == "applied"
    changes, _ = await pull(handheld, after)
    assert [c["op"] for c in changes if c["type"] == "task"] == ["left"]
    assert [c for c in (await pull(handheld))[0] if c["type"] == "task"] == []
    assert [c for c in (await pull(other, others))[0] if c["type"] == "task"] == []


async def test_a_task_of_a_closed_incident_is_not_escalated(post: Post) -> None:
    task = await send(post)
    commander = await post.sign_in("commander")
    await commander.post(f"incidents/{task['incident_id']}/close", json={"text": "结束"})
    post.clock.advance_s(3600)
    assert escalate_due(post.services) == 0


OLDEST = json.loads((Path(__file__).parent / "data" / "handheld_items_1.json").read_text())
"""One item of each operation as the first handhelds send it; lines are only ever added."""


@pytest.mark.parametrize("name", OLDEST)
def test_what_the_first_handhelds_send_is_still_understood(name: str) -> None:
    operations = {o.name: o for feature in FEATURES for o in feature.operations if o.batch}
    operations[name].body.model_validate(OLDEST[name])


def test_every_operation_of_a_batch_has_its_oldest_form() -> None:
    batch = {o.name for feature in FEATURES for o in feature.operations if o.batch}
    assert batch == OLDEST.keys()


async def test_the_same_id_with_another_body_is_refused(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    first = step(task, "acknowledged")
    await push(handheld, first)
    other = {**first, "body": {**first["body"], "text": "别的"}}
    assert (await push(handheld, other))[0]["code"] == "id_taken"


async def test_nobody_sends_another_persons_work(post: Post) -> None:
    task = await send(post)
    other = await user_id(await post.sign_in("ht-06"))
    handheld = await post.sign_in("ht-05")
    answers = await push(handheld, step(task, "acknowledged"), author=other)
    assert answers[0]["code"] == "other_author"
    assert (await handheld.get(f"tasks/{task['id']}")).json()["state"] == "sent"


async def test_a_report_says_which_pictures_are_missing_however_often(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    body = {
        "id": new_id(),
        "t_ms": T0_MS,
        "text": "找到",
        "lat_deg": 24.94,
        "lon_deg": 102.61,
        "media": [JPEG_SHA256],
    }
    report = item("task.report", task["id"], body)
    assert (await push(handheld, report))[0]["media_missing"] == [JPEG_SHA256]
    # A restored backup has the report and not the picture: asking again tells so.
    assert (await push(handheld, report))[0]["media_missing"] == [JPEG_SHA256]
    await handheld.put(f"media/{JPEG_SHA256}", content=JPEG, headers={"content-type": "image/jpeg"})
    assert (await push(handheld, report))[0]["media_missing"] == []


async def test_a_task_is_told_anew_when_its_picture_arrives(post: Post) -> None:
    """The same version used to be shown with and without the picture, for ever."""
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    body = {
        "id": new_id(),
        "t_ms": T0_MS,
        "text": "",
        "lat_deg": 24.94,
        "lon_deg": 102.61,
        "media": [JPEG_SHA256],
    }
    before = (await push(handheld, item("task.report", task["id"], body)))[0]["record"]
    _, cursor = await pull(handheld)
    await handheld.put(f"media/{JPEG_SHA256}", content=JPEG, headers={"content-type": "image/jpeg"})
    [told], _ = await pull(handheld, cursor)
    assert told["version"] > before["version"]
    assert told["data"]["reports"][0]["media_missing"] == []


async def test_pull_gives_the_present_then_what_changes(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    changes, cursor = await pull(handheld)
    tasks = [c for c in changes if c["type"] == "task"]
    assert [c["id"] for c in tasks] == [task["id"]]
    assert {c["type"] for c in changes} >= {"incident", "register.teams"}
    assert (await pull(handheld, cursor))[0] == []
    await push(handheld, step(task, "acknowledged"))
    later, cursor = await pull(handheld, cursor)
    assert [(c["type"], c["data"]["state"]) for c in later] == [("task", "acknowledged")]
    stranger, _ = await pull(await post.sign_in("ht-06"))
    assert not [c for c in stranger if c["type"] == "task"]


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "eyJzZXEiOiAxfQ", "x" * 400])
async def test_a_cursor_that_is_not_ours_asks_for_a_resync(post: Post, cursor: str) -> None:
    handheld = await post.sign_in("ht-05")
    answer = await handheld.get("sync/pull", params={"cursor": cursor})
    assert answer.json()["resync"]
    assert answer.json()["changes"] == []


async def test_a_cursor_from_before_the_kept_events_asks_for_a_resync(post: Post) -> None:
    handheld = await post.sign_in("ht-05")
    _, cursor = await pull(handheld)
    await post.open_incident()
    with post.services.store.housekeep() as session:
        forget_events(session, T0_MS + 1)
    await post.open_incident(title="另一起")
    with post.services.store.housekeep() as session:
        forget_events(session, T0_MS + 1)
    assert (await handheld.get("sync/pull", params={"cursor": cursor})).json()["resync"]
