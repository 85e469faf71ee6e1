"""Quick reports and calls for help: from the handheld's batch to the desk's live picture."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlmodel import select
from websockets.asyncio.client import connect

from field_api.contract.ids import new_id
from field_api.core.blobs.tables import Attachment
from field_api.features.field_reports.shelving import KEEP_ANSWERED_MS, shelve
from tests.field_api.post import SMOKE, Post, incident_body, messages_of

PHOTO = b"\xff\xd8\xff\xe0 a photo \xff\xd9"
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def report(post: Post, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "t_ms": post.clock(),
        "kind": "fire",
        "text": "山后冒烟",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        "media": [SHA256],
        **changes,
    }


async def push(post: Post, username: str, op: str, body: dict[str, Any], target: str = "") -> Any:
    """Send one item of a batch; return its answer."""
    client = await post.sign_in(username)
    me = (await client.get("session")).json()["user"]["id"]
    item = {"id": new_id(), "op": op, "target": target, "made_ms": post.clock(), "body": body}
    sent = {"device_id": "d", "author": me, "items": [item]}
    answer = await client.post("sync/push", json=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"][0]


async def refused(client: httpx.AsyncClient, url: str, body: dict[str, Any], code: str) -> None:
    answer = await client.post(url, json=body)
    detail = answer.json()["detail"]
    assert detail["code"] == code, detail
    assert detail["text_zh"] != detail["text_en"]


@asynccontextmanager
async def listening(post: Post, username: str) -> AsyncGenerator[Any]:
    """Yield the messages of somebody's live socket, its first picture first."""
    token = await post.token(username)
    url = f"{post.base_url.replace('http', 'ws')}/api/v1/live"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers) as socket:
        yield messages_of(socket)


async def heard(messages: Any, record_id: str) -> dict[str, Any]:
    """Wait for a message that names a record, and return it."""
    async with asyncio.timeout(20):
        async for message in messages:
            if record_id in str(message):
                return message
    raise AssertionError("the socket was closed")


async def test_a_report_is_on_the_desks_screen_at_once_and_opens_an_incident(
    live_post: Post,
) -> None:
    post, body = live_post, report(live_post)
    duty = await post.sign_in("duty")
    async with listening(post, "duty") as messages:
        answer = await push(post, "ht-11", "report.quick", body)
        assert answer["status"] == "applied", answer
        assert answer["media_missing"] == [SHA256]
        told = await heard(messages, body["id"])
        assert "field_report" in str(told)
    again = await push(post, "ht-11", "report.quick", body)
    assert again["status"] == "repeated"
    reporter = await post.sign_in("ht-11")
    put = await reporter.put(
        f"media/{SHA256}", content=PHOTO, headers={"Content-Type": "image/jpeg"}
    )
    assert put.status_code in (200, 201, 204), put.text
    (seen,) = (await duty.get("field-reports", params={"state": "new"})).json()
    assert (seen["media"], seen["media_missing"]) == ([SHA256], [])
    assert (seen["terminal_id"], seen["state"]) == ("HT-11", "new")
    url, incident = f"field-reports/{seen['id']}", new_id()
    await refused(duty, f"{url}/accept", {"id": incident}, "incident_needs_title")
    accept = {"id": incident, "title": "西坡冒烟", "drill": True}
    accepted = (await duty.post(f"{url}/accept", json=accept)).json()
    assert (accepted["state"], accepted["incident_id"]) == ("accepted", incident)
    opened = (await duty.get(f"incidents/{incident}")).json()
    assert (opened["kind"], opened["text"], opened["drill"]) == ("fire", "山后冒烟", True)
    repeated = (await duty.post(f"{url}/accept", json=accept)).json()
    assert repeated["version"] == accepted["version"]
    await refused(duty, f"{url}/file", {"id": new_id(), "reason": "x"}, "field_report_is_accepted")
    (own,) = (await reporter.get("field-reports")).json()
    assert own["state"] == "accepted"


async def test_a_report_joins_an_incident_or_is_filed_with_a_reason(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    joins, files = report(post, media=[]), report(post, media=[], voice=SHA256)
    for body in (joins, files):
        assert (await push(post, "ht-11", "report.quick", body))["status"] == "applied"
    joined = await duty.post(f"field-reports/{joins['id']}/accept", json={"id": incident})
    assert joined.json()["incident_id"] == incident
    url = f"field-reports/{files['id']}/file"
    await refused(duty, url, {"id": new_id(), "reason": ""}, "filing_needs_reason")
    filed = (await duty.post(url, json={"id": new_id(), "reason": "烧秸秆,已核实"})).json()
    assert (filed["state"], filed["answer"]) == ("filed", "烧秸秆,已核实")
    assert filed["media_missing"] == [SHA256]
    reporter = await post.sign_in("ht-11")
    forbidden = await reporter.post(url, json={"id": new_id(), "reason": "x"})
    assert forbidden.status_code == 403
    await duty.post(f"incidents/{incident}/close", json={"text": "结束"})
    late = report(post, media=[])
    await push(post, "ht-11", "report.quick", late)
    await refused(duty, f"field-reports/{late['id']}/accept", {"id": incident}, "incident_closed")


async def test_a_report_needs_ones_own_handheld(post: Post) -> None:
    assert (await push(post, "duty", "report.quick", report(post)))["status"] == "refused"
    assert (await push(post, "duty", "sos.raise", sos(post)))["status"] == "refused"
    assert incident_body()["id"]


def sos(post: Post, **changes: Any) -> dict[str, Any]:
    place = {"lat_deg": SMOKE[0], "lon_deg": SMOKE[1]}
    return {"id": new_id(), "t_ms": post.clock(), **place, **changes}


async def test_a_call_for_help_is_told_to_all_and_to_who_comes_late(live_post: Post) -> None:
    post, body = live_post, sos(live_post)
    async with listening(post, "duty") as duty, listening(post, "pilot") as pilot:
        answer = await push(post, "ht-11", "sos.raise", body)
        assert answer["status"] == "applied", answer
        assert "sos" in str(await heard(duty, body["id"]))
        assert "sos" in str(await heard(pilot, body["id"]))
    async with listening(post, "commander") as late:
        assert "raised" in str(await heard(late, body["id"]))
    holder = await post.sign_in("ht-11")
    (kept,) = (await holder.get("sos")).json()
    assert (kept["state"], kept["terminal_id"]) == ("raised", "HT-11")
    commander = await post.sign_in("commander")
    end = {"id": new_id(), "t_ms": post.clock()}
    done = (await commander.post(f"sos/{body['id']}/cancel", json=end)).json()
    assert done["state"] == "cancelled"
    again = (await commander.post(f"sos/{body['id']}/cancel", json=end)).json()
    assert again["version"] == done["version"]
    assert (await commander.get("sos", params={"state": "raised"})).json() == []


async def test_the_holder_ends_it_with_a_reason_and_nobody_elses(post: Post) -> None:
    body = sos(post, lat_deg=None, lon_deg=None, text="落水")
    assert (await push(post, "ht-11", "sos.raise", body))["status"] == "applied"
    end = {"id": new_id(), "t_ms": post.clock(), "reason": ""}
    bare = await push(post, "ht-11", "sos.cancel", end, body["id"])
    assert (bare["status"], bare["code"]) == ("refused", "sos_needs_reason")
    other = await push(post, "ht-05", "sos.cancel", {**end, "reason": "x"}, body["id"])
    assert (other["status"], other["code"]) == ("refused", "sos_of_another")
    end["id"] = new_id()
    done = await push(post, "ht-11", "sos.cancel", {**end, "reason": "误触"}, body["id"])
    assert done["status"] == "applied", done
    (kept,) = (await (await post.sign_in("ht-11")).get("sos")).json()
    assert (kept["state"], kept["cancelled_reason"]) == ("cancelled", "误触")


async def changes_of(client: httpx.AsyncClient, cursor: str = "") -> tuple[list[Any], str]:
    """What a handheld pulls: its reports and calls for help, and the next cursor."""
    page = (await client.get("sync/pull", params={"cursor": cursor} if cursor else {})).json()
    own = [each for each in page["changes"] if each["type"] in ("field_report", "sos")]
    return own, page["cursor"]


async def test_the_reporter_hears_what_became_of_it_until_it_is_old(post: Post) -> None:
    duty, handheld = await post.sign_in("duty"), await post.sign_in("ht-11")
    _, cursor = await changes_of(handheld)
    filed, call = report(post, media=[]), sos(post)
    await push(post, "ht-11", "report.quick", filed)
    await push(post, "ht-11", "sos.raise", call)
    reason = {"id": new_id(), "reason": "烧秸秆,已核实"}
    await duty.post(f"field-reports/{filed['id']}/file", json=reason)
    end = {"id": new_id(), "t_ms": post.clock(), "reason": "已接回"}
    await duty.post(f"sos/{call['id']}/cancel", json=end)
    told, cursor = await changes_of(handheld, cursor)
    assert [(each["op"], each["data"]["state"]) for each in told] == [
        ("put", "filed"),
        ("put", "cancelled"),
    ]
    assert told[0]["data"]["answer"] == "烧秸秆,已核实"
    assert len((await changes_of(handheld))[0]) == 2
    assert shelve(post.services) == 0
    post.clock.advance_s(KEEP_ANSWERED_MS / 1000 + 1)
    post.forget_sessions()
    assert shelve(post.services) == 2
    handheld = await post.sign_in("ht-11")
    left, _ = await changes_of(handheld, cursor)
    assert [each["op"] for each in left] == ["left", "left"]
    assert (await changes_of(handheld))[0] == []


async def test_originals_are_kept_beside_the_pictures_that_are_shown(post: Post) -> None:
    voice, original = ("1" * 64, "2" * 64)
    body = report(post, voice=voice, originals=[original])
    answer = await push(post, "ht-11", "report.quick", body)
    assert answer["media_missing"] == [SHA256, voice, original]
    with post.services.store.read() as session:
        found = session.exec(select(Attachment).where(Attachment.record_id == body["id"])).all()
    roles = {attachment.sha256: attachment.role for attachment in found}
    assert roles == {SHA256: "photo", voice: "voice", original: "original"}
