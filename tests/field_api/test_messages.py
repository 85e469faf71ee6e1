"""Messages: a channel an incident and one a task, from desk to handheld and back."""

import hashlib
from typing import Any

import pytest

from field_api.contract.ids import new_id
from tests.field_api.post import SMOKE, Post
from tests.field_api.test_field_reports import heard, listening
from tests.field_api.test_sync import item, pull, push
from tests.field_api.test_tasks import send as send_task
from tests.field_api.test_tasks import task_body

PHOTO = b"\xff\xd8\xff\xe0 a photo \xff\xd9"
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def message(post: Post, incident: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "t_ms": post.clock(),
        "incident_id": incident,
        "text": "东坡有三人,已会合",
        **changes,
    }


def reading(post: Post, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "t_ms": post.clock(),
        "incident_id": of["incident_id"],
        "task_id": of.get("task_id"),
        "read_to_ms": of["received_ms"],
        **changes,
    }


async def say(post: Post, username: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await (await post.sign_in(username)).post("messages", json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def refused(
    post: Post, username: str, body: dict[str, Any], code: str, url: str = "messages"
) -> None:
    answer = await (await post.sign_in(username)).post(url, json=body)
    detail = answer.json()["detail"]
    assert detail["code"] == code, detail
    assert detail["text_zh"] != detail["text_en"]


async def test_what_is_said_is_on_every_screen_and_in_the_timeline(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident()
    body = message(post, incident, lat_deg=SMOKE[0], lon_deg=SMOKE[1])
    async with listening(post, "duty") as messages:
        (answer,) = await push(await post.sign_in("ht-05"), item("message.send", "", body))
        assert answer["status"] == "applied", answer
        assert "message" in str(await heard(messages, body["id"]))
    (again,) = await push(await post.sign_in("ht-05"), item("message.send", "", body))
    assert again["status"] == "repeated"
    duty = await post.sign_in("duty")
    (seen,) = (await duty.get("messages", params={"incident_id": incident})).json()
    assert (seen["text"], seen["lat_deg"], seen["author_terminal_id"]) == (
        "东坡有三人,已会合",
        SMOKE[0],
        "HT-05",
    )
    timeline = (await duty.get(f"incidents/{incident}/timeline")).text
    assert "东坡有三人" in timeline


async def test_a_picture_is_told_again_when_its_bytes_have_come(post: Post) -> None:
    incident = await post.open_incident()
    body = message(post, incident, text="", media=[SHA256])
    handheld = await post.sign_in("ht-05")
    (answer,) = await push(handheld, item("message.send", "", body))
    assert answer["media_missing"] == [SHA256]
    _, cursor = await pull(await post.sign_in("ht-06"))
    put = await handheld.put(
        f"media/{SHA256}", content=PHOTO, headers={"Content-Type": "image/jpeg"}
    )
    assert put.is_success, put.text
    changes, _ = await pull(await post.sign_in("ht-06"), cursor)
    (told,) = [change["data"] for change in changes if change["type"] == "message"]
    assert told["media_missing"] == []


async def test_a_task_has_a_channel_of_its_own(post: Post) -> None:
    task = await send_task(post)
    incident = task["incident_id"]
    told = await say(post, "duty", message(post, incident, task_id=task["id"], text="走北坡"))
    channel = await say(post, "commander", message(post, incident, text="全体注意风向"))
    inspector, _ = await pull(await post.sign_in("ht-05"))
    assert {c["id"] for c in inspector if c["type"] == "message"} == {told["id"], channel["id"]}
    other = await post.open_incident()
    await refused(
        post, "duty", message(post, other, task_id=task["id"]), "task_of_another_incident"
    )


async def test_a_reporter_reads_and_writes_about_own_tasks_only(post: Post) -> None:
    await post.place_terminal("HT-11", *SMOKE)
    incident = await post.open_incident()
    commander = await post.sign_in("commander")
    own, theirs = [
        (await commander.post("tasks", json=task_body(incident, terminal_id=terminal))).json()
        for terminal in ("HT-11", "HT-05")
    ]
    await say(post, "duty", message(post, incident, text="指挥部内部"))
    await say(post, "duty", message(post, incident, task_id=theirs["id"], text="给别人的"))
    to_them = await say(post, "duty", message(post, incident, task_id=own["id"], text="看看桥头"))
    await refused(post, "ht-11", message(post, incident), "message_needs_task")
    await refused(post, "ht-11", message(post, incident, task_id=theirs["id"]), "unknown_task")
    back = await say(post, "ht-11", message(post, incident, task_id=own["id"], text="桥头无人"))
    reporter = await post.sign_in("ht-11")
    listed = (await reporter.get("messages", params={"incident_id": incident})).json()
    assert [one["id"] for one in listed] == [back["id"], to_them["id"]]
    pulled, _ = await pull(reporter)
    assert {c["id"] for c in pulled if c["type"] == "message"} == {back["id"], to_them["id"]}
    auditor = await (await post.sign_in("auditor")).post("messages", json=message(post, incident))
    assert auditor.status_code == 403


async def test_a_mark_says_how_far_somebody_has_read(post: Post) -> None:
    incident = await post.open_incident()
    first = await say(post, "duty", message(post, incident, text="一"))
    second = await say(post, "duty", message(post, incident, text="二"))
    assert second["received_ms"] > first["received_ms"]
    handheld = await post.sign_in("ht-05")
    (answer,) = await push(handheld, item("message.read", "", reading(post, second)))
    assert answer["status"] == "applied", answer
    (earlier,) = await push(handheld, item("message.read", "", reading(post, first)))
    assert earlier["status"] == "repeated"
    duty = await post.sign_in("duty")
    (mark,) = (await duty.get("message-marks", params={"incident_id": incident})).json()
    assert (mark["read_to_ms"], mark["version"]) == (second["received_ms"], 1)
    far = reading(post, second, read_to_ms=4_102_444_800_000)
    await push(handheld, item("message.read", "", far))
    third = await say(post, "duty", message(post, incident, text="三"))
    (mark,) = (await duty.get("message-marks", params={"incident_id": incident})).json()
    assert mark["read_to_ms"] < third["received_ms"]


async def test_after_the_end_only_what_was_said_before_comes_in(post: Post) -> None:
    incident = await post.open_incident()
    waiting = message(post, incident, text="闭档前写的")
    post.clock.advance_s(60)
    duty = await post.sign_in("duty")
    await duty.post(f"incidents/{incident}/close", json={"text": "结束"})
    post.clock.advance_s(60)
    (answer,) = await push(await post.sign_in("ht-05"), item("message.send", "", waiting))
    assert answer["status"] == "applied", answer
    await refused(post, "duty", message(post, incident), "incident_closed")
    pulled, _ = await pull(await post.sign_in("ht-06"))
    assert [change for change in pulled if change["type"] == "message"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": "  "}, "message_empty"),
        ({"lat_deg": 25.0}, "place_needs_both"),
        ({"incident_id": new_id()}, "unknown_incident"),
        ({"task_id": new_id()}, "unknown_task"),
    ],
)
async def test_what_can_not_be_said_is_refused(
    post: Post, changes: dict[str, Any], code: str
) -> None:
    incident = await post.open_incident()
    await refused(post, "duty", message(post, incident, **changes), code)


async def test_a_guest_of_the_incident_reads_no_messages(post: Post) -> None:
    incident = await post.open_incident()
    await say(post, "duty", message(post, incident))
    guest = post.anonymous()
    guest.headers["Authorization"] = f"Bearer {post.add_guest(incident)}"
    assert (await guest.get("messages", params={"incident_id": incident})).status_code == 403


async def test_a_first_picture_holds_what_was_said_in_open_incidents(live_post: Post) -> None:
    closed, incident = await live_post.open_incident(), await live_post.open_incident()
    gone = await say(live_post, "duty", message(live_post, closed))
    kept = await say(live_post, "duty", message(live_post, incident))
    duty = await live_post.sign_in("duty")
    await duty.post(f"incidents/{closed}/close", json={"text": "结束"})
    async with listening(live_post, "commander") as messages:
        snapshot = str(await anext(messages))
    assert kept["id"] in snapshot
    assert gone["id"] not in snapshot
