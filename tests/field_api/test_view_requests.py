"""A drone's view of a place: asked on a handheld, taken, refused or answered at the desk."""

from typing import Any

import pytest

from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.features.view_requests.shelving import KEEP_ENDED_MS, shelve
from field_api.links.nodes.inbox import store_batch
from tests.field_api.field import detection
from tests.field_api.post import SMOKE, Post
from tests.field_api.test_field_reports import PHOTO, SHA256, listening, push, refused


def asked(post: Post, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "t_ms": post.clock(),
        "purpose": "fire",
        "text": "山背后看不见",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        **changes,
    }


def still(**changes: Any) -> dict[str, Any]:
    return {"sha256": SHA256, "taken_ms": 1, "source": "video", **changes}


async def pulled(post: Post, username: str, cursor: str = "") -> list[dict[str, Any]]:
    """What a handheld keeps of requests."""
    client = await post.sign_in(username)
    page = await client.get("sync/pull", params={"cursor": cursor} if cursor else {})
    return [each for each in page.json()["changes"] if each["type"] == "view_request"]


async def test_pictures_reach_who_asked_and_nobody_elses_handheld(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident()
    body = asked(post, incident_id=incident)
    async with listening(post, "pilot") as messages:
        assert (await push(post, "ht-11", "view.ask", body))["status"] == "applied"
        async for message in messages:
            if body["id"] in str(message):
                break
    assert (await push(post, "ht-11", "view.ask", body))["status"] == "repeated"
    pilot, handheld = await post.sign_in("pilot"), await post.sign_in("ht-11")
    url = f"view-requests/{body['id']}"
    taken = (await pilot.post(f"{url}/take", json={"id": new_id()})).json()
    again = (await pilot.post(f"{url}/take", json={"id": new_id()})).json()
    assert (taken["state"], again["version"]) == ("taken", taken["version"])
    (own,) = await pulled(post, "ht-11")
    assert (own["data"]["state"], own["data"]["taken_by"]) == ("taken", taken["taken_by"])
    assert await pulled(post, "ht-05") == []
    duty = await post.sign_in("duty")
    await refused(duty, f"{url}/take", {"id": new_id()}, "view_is_taken")
    answer = {"id": new_id(), "text": "西坡两处火点", "vehicle_id": "XS-U1", "stills": [still()]}
    await refused(pilot, f"{url}/answer", answer, "view_picture_missing")
    jpeg = {"Content-Type": "image/jpeg"}
    assert (await pilot.put(f"media/{SHA256}", content=PHOTO, headers=jpeg)).is_success
    assert (await handheld.get(f"media/{SHA256}")).status_code == 404
    done = (await pilot.post(f"{url}/answer", json=answer)).json()
    assert (done["state"], done["answer"]) == ("answered", "西坡两处火点")
    repeated = (await pilot.post(f"{url}/answer", json=answer)).json()
    assert repeated["version"] == done["version"]
    (own,) = await pulled(post, "ht-11")
    assert [each["sha256"] for each in own["data"]["stills"]] == [SHA256]
    assert (await handheld.get(f"media/{SHA256}")).content == PHOTO
    assert (await (await post.sign_in("ht-05")).get(f"media/{SHA256}")).status_code in (200, 404)
    await refused(duty, f"{url}/refuse", {"id": new_id(), "reason": "x"}, "view_is_answered")
    timeline = (await duty.get(f"incidents/{incident}/timeline")).json()
    told = [line["action"] for line in timeline if line["action"].startswith("view.")]
    assert sorted(told) == ["view.answered", "view.asked", "view.taken"]


async def test_refused_with_a_reason_or_taken_back(post: Post) -> None:
    duty = await post.sign_in("duty")
    other = asked(post, purpose="other", text="")
    assert (await push(post, "ht-11", "view.ask", other))["code"] == "view_needs_text"
    assert (await push(post, "duty", "view.ask", asked(post)))["status"] == "refused"
    first, second = asked(post, accuracy_m=8), asked(post, purpose="route")
    for body in (first, second):
        assert (await push(post, "ht-11", "view.ask", body))["status"] == "applied"
    url = f"view-requests/{first['id']}"
    await refused(
        duty, f"{url}/refuse", {"id": new_id(), "reason": ""}, "view_refusal_needs_reason"
    )
    await refused(duty, f"{url}/answer", {"id": new_id()}, "view_answer_empty")
    reason = {"id": new_id(), "reason": "风大,无法起飞"}
    assert (await duty.post(f"{url}/refuse", json=reason)).json()["state"] == "refused"
    assert (await (await post.sign_in("ht-11")).post(f"{url}/take", json=reason)).status_code == 403
    back = {"id": new_id(), "t_ms": post.clock(), "reason": "已看清"}
    theirs = await push(post, "ht-05", "view.withdraw", back, second["id"])
    assert theirs["code"] == "view_of_another"
    back["id"] = new_id()
    mine = await push(post, "ht-11", "view.withdraw", back, second["id"])
    assert mine["record"]["data"]["state"] == "withdrawn"
    found = (await duty.get("view-requests?state=refused")).json()
    assert [(each["id"], each["answer"]) for each in found] == [(first["id"], "风大,无法起飞")]
    assert shelve(post.services) == 0
    post.clock.advance_s(KEEP_ENDED_MS / 1000 + 1)
    post.forget_sessions()
    assert shelve(post.services) == 2
    assert await pulled(post, "ht-11") == []


async def test_an_alert_that_nobody_confirmed_answers_nothing(post: Post) -> None:
    await post.open_incident()
    alert = detection()
    store_batch(post.services, "vision-1", "test", [Durable(1, alert)])
    body = asked(post)
    await push(post, "ht-11", "view.ask", body)
    duty, url = await post.sign_in("duty"), f"view-requests/{body['id']}/answer"
    picture = still(sha256=alert.evidence[0].sha256, source="alert")
    await refused(duty, url, {"id": new_id(), "stills": [picture]}, "view_alert_unnamed")
    picture["detection_id"] = alert.id
    answer = {"id": new_id(), "stills": [picture]}
    await refused(duty, url, answer, "view_alert_unreviewed")
    await duty.post(f"detections/{alert.id}/review", json={"verdict": "confirm"})
    jpeg = {"Content-Type": "image/jpeg"}
    assert (await duty.put(f"media/{SHA256}", content=PHOTO, headers=jpeg)).is_success
    stranger = still(source="alert", detection_id=alert.id)
    await refused(duty, url, {"id": new_id(), "stills": [stranger]}, "view_not_of_alert")
    assert (await duty.post(url, json=answer)).json()["state"] == "answered"


@pytest.mark.parametrize("closed_before", [True, False])
async def test_what_was_asked_before_an_incidents_end_may_come_after(
    post: Post, closed_before: bool
) -> None:
    incident = await post.open_incident()
    body = asked(post, incident_id=incident, t_ms=post.clock() + 2000 * closed_before)
    post.clock.advance_s(1)
    duty = await post.sign_in("duty")
    assert (await duty.post(f"incidents/{incident}/close", json={"text": "结束"})).is_success
    answer = await push(post, "ht-11", "view.ask", body)
    assert answer["status"] == ("refused" if closed_before else "applied"), answer
