"""Sending tasks, receipts, escalation, reports."""

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from field_api.contract.ids import new_id
from field_api.contract.messages import Detection, ErrorEllipse
from field_api.features.positions.rules import Located, by_distance
from field_api.features.tasks.escalation import escalate_due
from field_api.features.tasks.placing import follow_places
from field_api.features.tasks.rules import FINISHED, TRANSITIONS, allowed, is_due
from tests.field_api.field import detection, picture
from tests.field_api.post import SMOKE, T0_MS, Post
from tests.field_api.test_detections import store

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50
JPEG_SHA256 = hashlib.sha256(JPEG).hexdigest()


def task_body(incident_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "incident_id": incident_id,
        "title": "前往核实",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        **changes,
    }


async def send(post: Post, **changes: Any) -> dict[str, Any]:
    incident = await post.open_incident()
    body = task_body(incident, terminal_id="HT-05", **changes)
    answer = await (await post.sign_in("commander")).post("tasks", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_nearest_free_terminal_gets_the_task(post: Post) -> None:
    commander = await post.sign_in("commander")
    incident = await post.open_incident()
    await post.place_terminal("HT-05", 24.9471, 102.6117)
    await post.place_terminal("HT-11", 24.9443, 102.6152)
    first = (await commander.post("tasks", json=task_body(incident))).json()
    assert first["terminal_id"] == "HT-11"
    geod = Geod(ellps="WGS84")
    expected = geod.inv(102.6152, 24.9443, SMOKE[1], SMOKE[0])[2]
    assert first["distance_m"] == pytest.approx(expected, abs=0.01)
    # HT-11 is busy now: the next one takes the next task.
    second = (await commander.post("tasks", json=task_body(incident))).json()
    assert second["terminal_id"] == "HT-05"


async def test_without_positions_a_terminal_must_be_named(post: Post) -> None:
    commander = await post.sign_in("commander")
    incident = await post.open_incident()
    refused = await commander.post("tasks", json=task_body(incident))
    assert refused.json()["detail"]["code"] == "no_terminal"
    unknown = await commander.post("tasks", json=task_body(incident, terminal_id="HT-99"))
    assert unknown.status_code == 404
    assert unknown.json()["detail"]["field"] == "terminal_id"


async def test_the_whole_life_of_a_task_is_on_the_timeline(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    assert [t["id"] for t in (await handheld.get("tasks?mine=1")).json()] == [task["id"]]
    for to in ("acknowledged", "en_route", "on_scene", "done"):
        answer = await handheld.post(
            f"tasks/{task['id']}/transitions", json={"id": new_id(), "to": to, "t_ms": T0_MS}
        )
        assert answer.json()["state"] == to
    timeline = await handheld.get(f"incidents/{task['incident_id']}/timeline")
    assert [line["action"] for line in timeline.json()][1:] == [
        "task.sent",
        "task.acknowledged",
        "task.en_route",
        "task.on_scene",
        "task.done",
    ]
    assert timeline.json()[-1]["actor"] == "ht-05"


async def test_impossible_steps_are_refused_with_what_is_possible(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    answer = await handheld.post(
        f"tasks/{task['id']}/transitions", json={"id": new_id(), "to": "done", "t_ms": T0_MS}
    )
    assert answer.status_code == 409
    assert "acknowledged" in answer.json()["detail"]["text_en"]


async def test_receipts_repeat_harmlessly(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    body = {"id": new_id(), "to": "acknowledged", "t_ms": T0_MS}
    url = f"tasks/{task['id']}/transitions"
    assert (await handheld.post(url, json=body)).status_code == 200
    again = await handheld.post(url, json=body)
    assert again.status_code == 200
    assert len(again.json()["steps"]) == 1
    other = await handheld.post(url, json={**body, "text": "别的内容"})
    assert other.json()["detail"]["code"] == "id_taken"


async def test_only_its_own_terminal_works_on_a_task(post: Post) -> None:
    task = await send(post)
    stranger = await post.sign_in("ht-06")
    answer = await stranger.post(
        f"tasks/{task['id']}/transitions",
        json={"id": new_id(), "to": "acknowledged", "t_ms": T0_MS},
    )
    assert answer.status_code == 403
    position = await stranger.post(
        "terminals/HT-05/position", json={"t_ms": T0_MS, "lat_deg": 25, "lon_deg": 102}
    )
    assert position.status_code == 403


async def test_a_report_waits_for_no_picture_and_is_kept_once(post: Post) -> None:
    task = await send(post)
    handheld = await post.sign_in("ht-05")
    url = f"tasks/{task['id']}/reports"
    body = {
        "id": new_id(),
        "t_ms": T0_MS,
        "text": "找到三人",
        "lat_deg": 24.9415,
        "lon_deg": 102.6185,
        "media": [JPEG_SHA256],
    }
    early = await handheld.post(url, json=body)
    assert early.status_code == 201
    assert early.json()["reports"][0]["media_missing"] == [JPEG_SHA256]
    put = await handheld.put(
        f"media/{JPEG_SHA256}", content=JPEG, headers={"content-type": "image/jpeg"}
    )
    assert put.status_code == 200
    again = await handheld.post(url, json=body)
    assert again.status_code == 200
    assert [report["media"] for report in again.json()["reports"]] == [[JPEG_SHA256]]
    assert again.json()["reports"][0]["media_missing"] == []
    assert (await handheld.post(url, json={**body, "text": "x"})).status_code == 409
    commander = await post.sign_in("commander")
    picture = await commander.get(f"media/{JPEG_SHA256}")
    assert picture.content == JPEG
    assert picture.headers["content-type"] == "image/jpeg"


async def test_unacknowledged_task_escalates_once_after_three_minutes(post: Post) -> None:
    task = await send(post)
    commander = await post.sign_in("commander")
    post.clock.advance_s(179)
    assert escalate_due(post.services) == 0
    post.clock.advance_s(1)
    assert escalate_due(post.services) == 1
    assert escalate_due(post.services) == 0
    seen = (await commander.get(f"tasks/{task['id']}")).json()
    assert seen["escalated_ms"] == post.clock()
    timeline = (await commander.get(f"incidents/{task['incident_id']}/timeline")).json()
    assert timeline[-1]["action"] == "task.escalated"
    assert timeline[-1]["actor"] == "system"


@given(st.sampled_from(sorted(TRANSITIONS)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_only_sent_tasks_fall_due(state: str, created_ms: int, now_ms: int) -> None:
    due = is_due(state, created_ms, None, now_ms, 180_000)
    assert due == (state == "sent" and now_ms - created_ms >= 180_000)
    assert not is_due(state, created_ms, created_ms, now_ms, 180_000)


def test_finished_tasks_go_nowhere() -> None:
    assert {state for state in TRANSITIONS if not TRANSITIONS[state]} == FINISHED
    assert not any(allowed(state, state) for state in TRANSITIONS)


@given(
    st.lists(st.tuples(st.floats(24.7, 25.2), st.floats(102.3, 102.8)), min_size=1, max_size=40),
    st.floats(24.7, 25.2),
    st.floats(102.3, 102.8),
)
def test_ranking_is_by_geodesic_distance(
    places: list[tuple[float, float]], lat_deg: float, lon_deg: float
) -> None:
    located = [Located(f"T{n}", lat, lon) for n, (lat, lon) in enumerate(places)]
    ranked = by_distance(located, lat_deg, lon_deg)
    assert sorted(item.terminal_id for item in ranked) == sorted(t.terminal_id for t in located)
    distances = np.array([item.distance_m for item in ranked])
    assert (np.diff(distances) >= 0).all()
    geod = Geod(ellps="WGS84")
    nearest = min(geod.inv(lon_deg, lat_deg, lon, lat)[2] for lat, lon in places)
    assert distances[0] == pytest.approx(nearest, abs=1e-6)


def seen_afar(**changes: Any) -> Detection:
    """Smoke on the horizon: a direction from the aircraft, no place."""
    return detection(label="smoke", position=None, error_ellipse=None, bearing_deg=120.0, **changes)


async def test_an_alert_without_position_is_dispatched_by_bearing_then_placed(post: Post) -> None:
    incident = await post.open_incident()
    message = seen_afar(evidence=[picture(JPEG, role="crop")])
    store(post, message)
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "incident_id": incident, "detection_id": message.id, "title": "找烟"}
    unnamed = await duty.post("tasks", json=body)
    assert unnamed.json()["detail"]["code"] == "terminal_needed"
    answer = await duty.post("tasks", json={**body, "terminal_id": "HT-05"})
    assert answer.status_code == 201, answer.text
    task = answer.json()
    assert (task["lat_deg"], task["lon_deg"], task["error_m"]) == (None, None, None)
    assert message.pose
    assert task["sight"] == {
        "lat_deg": message.pose.lat_deg, "lon_deg": message.pose.lon_deg, "bearing_deg": 120.0,
    }  # fmt: skip
    assert task["picture"] == JPEG_SHA256
    handheld = await post.sign_in("ht-05")
    assert (await handheld.get(f"media/{task['picture']}")).content == JPEG

    place = {"lat_deg": 24.93, "lon_deg": 102.63, "error_m": 300}
    placed = (await duty.post(f"detections/{message.id}/place", json=place)).json()
    assert placed["position"] == {"lat_deg": 24.93, "lon_deg": 102.63}
    assert placed["placed"] == {"by": "值班员", "t_ms": T0_MS, "error_m": 300}
    assert follow_places(post.services) == 1
    assert follow_places(post.services) == 0
    (mine,) = (await handheld.get("tasks?mine=1")).json()
    assert (mine["lat_deg"], mine["lon_deg"]) == (24.93, 102.63)
    assert (mine["error_m"], mine["placed_by"]) == (300, "值班员")
    assert mine["version"] > task["version"]
    lines = (await duty.get(f"incidents/{incident}/timeline")).json()
    assert {"detection.placed", "task.placed"} <= {line["action"] for line in lines}

    # A better look moves it, and whoever is on the way hears of that too.
    post.clock.advance_s(60)
    await duty.post(f"detections/{message.id}/place", json={**place, "error_m": 50})
    assert follow_places(post.services) == 1


async def test_a_place_that_a_person_chose_is_kept(post: Post) -> None:
    incident = await post.open_incident()
    message = seen_afar()
    store(post, message)
    duty = await post.sign_in("duty")
    body = task_body(incident, terminal_id="HT-05", detection_id=message.id)
    task = (await duty.post("tasks", json=body)).json()
    assert (task["lat_deg"], task["error_m"], task["placed_by"]) == (SMOKE[0], None, None)
    await duty.post(
        f"detections/{message.id}/place", json={"lat_deg": 24.9, "lon_deg": 102.6, "error_m": 50}
    )
    assert follow_places(post.services) == 0


async def test_only_what_no_camera_placed_is_placed_by_hand(post: Post) -> None:
    await post.open_incident()
    located, afar = detection(label="smoke"), seen_afar(track_id=9)
    store(post, located)
    store(post, afar)
    duty, auditor = await post.sign_in("duty"), await post.sign_in("auditor")
    place = {"lat_deg": 24.93, "lon_deg": 102.63, "error_m": 300}
    refused = await duty.post(f"detections/{located.id}/place", json=place)
    assert refused.json()["detail"]["code"] == "placed_by_camera"
    assert (await auditor.post(f"detections/{afar.id}/place", json=place)).status_code == 403
    unstated = {"lat_deg": 24.93, "lon_deg": 102.63}
    assert (await duty.post(f"detections/{afar.id}/place", json=unstated)).status_code == 422
    first = (await duty.post(f"detections/{afar.id}/place", json=place)).json()
    again = (await duty.post(f"detections/{afar.id}/place", json=place)).json()
    assert again["version"] == first["version"]


async def test_the_place_of_an_alert_goes_along_with_its_error(post: Post) -> None:
    incident = await post.open_incident()
    ellipse = ErrorEllipse(semi_major_m=20, semi_minor_m=8, orientation_deg=30)
    message = detection(label="smoke", error_ellipse=ellipse)
    store(post, message)
    duty = await post.sign_in("duty")
    body = {
        "id": new_id(), "incident_id": incident, "detection_id": message.id,
        "terminal_id": "HT-05", "title": "核实",
    }  # fmt: skip
    task = (await duty.post("tasks", json=body)).json()
    assert message.position
    assert task["lat_deg"] == message.position.lat_deg
    assert task["error_m"] == pytest.approx(2.4477 * 20)
    assert task["placed_by"] is None


async def test_a_task_with_words_only_goes_to_a_named_handheld(post: Post) -> None:
    incident = await post.open_incident()
    commander = await post.sign_in("commander")
    body = {"id": new_id(), "incident_id": incident, "terminal_id": "HT-05", "title": "原地待命"}
    answer = await commander.post("tasks", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["lat_deg"] is None
    assert answer.json()["sight"] is None
    half = await commander.post("tasks", json={**body, "id": new_id(), "lat_deg": 24.9})
    assert half.status_code == 422
    handheld = await post.sign_in("ht-05")
    report = {"id": new_id(), "t_ms": T0_MS, "text": "没有定位"}
    said = await handheld.post(f"tasks/{answer.json()['id']}/reports", json=report)
    assert said.json()["reports"][0]["lat_deg"] is None


async def test_a_task_is_cancelled_with_a_reason_and_stays_so(post: Post) -> None:
    task = await send(post)
    handheld, commander = await post.sign_in("ht-05"), await post.sign_in("commander")
    url = f"tasks/{task['id']}/cancel"
    assert (await commander.post(url, json={"id": new_id(), "reason": " "})).status_code == 422
    assert (await handheld.post(url, json={"id": new_id(), "reason": "x"})).status_code == 403
    body = {"id": new_id(), "reason": "火已扑灭"}
    cancelled = (await commander.post(url, json=body)).json()
    assert cancelled["state"] == "cancelled"
    assert cancelled["steps"][-1]["text"] == "火已扑灭"
    assert (await commander.post(url, json=body)).json()["version"] == cancelled["version"]
    other = await commander.post(url, json={"id": new_id(), "reason": "y"})
    assert other.json()["detail"]["code"] == "task_finished"
    # The handheld still has it, with the reason, and takes no further step.
    (mine,) = (await handheld.get("tasks?mine=1")).json()
    assert mine["state"] == "cancelled"
    step = {"id": new_id(), "to": "acknowledged", "t_ms": T0_MS}
    late = await handheld.post(f"tasks/{task['id']}/transitions", json=step)
    assert late.json()["detail"]["code"] == "not_allowed_now"
    post.clock.advance_s(600)
    assert escalate_due(post.services) == 0
