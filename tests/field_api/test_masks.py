"""Masked spots: what a rejected alert's spot silences, and what it never may."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from field_api.contract.ids import new_id
from field_api.contract.messages import Box, Detection, PictureRegion
from field_api.core.audit.tables import AuditEntry
from field_api.features.detections.mask_operations import end_masks
from field_api.features.detections.masking import LIMITS, silences
from field_api.features.detections.tables import DetectionMask
from tests.field_api.field import detection
from tests.field_api.post import SMOKE, T0_MS, Post
from tests.field_api.test_detections import store

HOUR_S = 3600.0
LATER_MS = 60_000
"""After an alert's own window: what comes now is no repeated sighting of it."""


def box(x: float, y: float, w: float = 0.1, h: float = 0.1) -> Box:
    return Box(track_id=1, label="smoke", confidence=0.7, x=x, y=y, w=w, h=h)


def smoke(**changes: Any) -> Detection:
    return detection(**{"label": "smoke", **changes})


def later(make: Any = smoke, **changes: Any) -> Detection:
    at_ms = changes.pop("t_ms", T0_MS + LATER_MS)
    values = {"track_id": 77, "t_ms": at_ms, "first_seen_ms": at_ms - 1000, **changes}
    return make(**values)


def mast(**changes: Any) -> Detection:
    """A fixed camera that does not say where it looks."""
    values = {"stream_id": "mast-1", "vehicle_id": None, "position": None, "pose": None}
    return smoke(**{**values, **changes})


async def rejected(post: Post, message: Detection) -> httpx.AsyncClient:
    """Store and reject an alert; return who did."""
    store(post, message)
    duty = await post.sign_in("duty")
    body = {"verdict": "reject", "reason": "砖厂烟囱", "cause": "known"}
    answer = await duty.post(f"detections/{message.id}/review", json=body)
    assert answer.status_code == 200, answer.text
    return duty


async def masked(post: Post, message: Detection, **body: Any) -> dict[str, Any]:
    duty = await rejected(post, message)
    answer = await duty.post(f"detections/{message.id}/mask", json={"id": new_id(), **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def open_alerts(post: Post) -> list[str]:
    duty = await post.sign_in("duty")
    return [alert["id"] for alert in (await duty.get("detections?status=open")).json()]


async def test_a_rejected_spot_raises_no_further_alert_until_the_mask_ends(post: Post) -> None:
    message = smoke()
    mask = await masked(post, message)
    assert (mask["radius_m"], mask["until_ms"]) == (50, T0_MS + 24 * 3_600_000)
    assert (mask["made_by"], mask["reason"], mask["label"]) == ("值班员", "砖厂烟囱", "smoke")
    store(post, later(at=(SMOKE[0] + 0.0004, SMOKE[1])))  # 44 m
    assert await open_alerts(post) == []
    beside = later(at=(SMOKE[0] + 0.0006, SMOKE[1]), track_id=78)  # 66 m
    store(post, beside)
    assert await open_alerts(post) == [beside.id]
    post.clock.advance_s(24 * HOUR_S)
    post.forget_sessions()
    after = later(track_id=79, t_ms=T0_MS + 24 * 3_600_000)
    store(post, after)
    assert after.id in await open_alerts(post)


async def test_what_a_mask_silences_is_counted_and_kept_with_its_picture(post: Post) -> None:
    message = smoke()
    mask = await masked(post, message)
    silenced = later()
    store(post, silenced)
    duty = await post.sign_in("duty")
    [shown] = (await duty.get("detection-masks?active=true")).json()
    assert (shown["id"], shown["silenced"], shown["last_silenced_id"]) == (
        mask["id"],
        1,
        silenced.id,
    )
    kept = (await duty.get(f"detections/{silenced.id}")).json()
    assert (kept["status"], kept["duplicate_of"]) == ("rejected", message.id)
    assert (await duty.get(kept["evidence"][0]["url"].removeprefix("/api/v1/"))).status_code == 200
    with post.services.store.read() as session:
        actions = list(session.exec(select(AuditEntry.action)))
    assert "detection.silenced" in actions


async def test_a_mask_of_smoke_never_silences_a_person(post: Post) -> None:
    await masked(post, smoke(), hours=720, radius_m=300)
    person = later(detection)
    store(post, person)
    assert await open_alerts(post) == [person.id]


@given(st.floats(-0.005, 0.005), st.floats(-0.005, 0.005), st.floats(5, 300), st.booleans())
def test_whatever_the_place_another_label_is_heard(
    north: float, east: float, radius_m: float, fixed: bool
) -> None:
    for label, other in (("smoke", "person"), ("person", "smoke")):
        mask = DetectionMask(
            id="m", detection_id="d", label=label, stream_id="s", made_ms=0, made_by="x",
            until_ms=2 * T0_MS,
        )  # fmt: skip
        if fixed:
            mask.region = PictureRegion(x=0, y=0, w=1, h=1)
        else:
            mask.lat_deg, mask.lon_deg, mask.radius_m = *SMOKE, radius_m
        seen = detection(
            label=other,
            at=(SMOKE[0] + north, SMOKE[1] + east),
            stream_id="s",
            vehicle_id=None,
        )
        assert not silences(mask, seen, T0_MS)


async def test_a_lifted_mask_is_heard_again_at_once(post: Post) -> None:
    mask = await masked(post, smoke())
    store(post, later())
    duty = await post.sign_in("duty")
    url = f"detection-masks/{mask['id']}/lift"
    lifted = await duty.post(url, json={"reason": "烟囱已拆"})
    assert (lifted.json()["ended_by"], lifted.json()["ended_ms"]) == ("值班员", T0_MS)
    assert (await duty.post(url, json={"reason": "烟囱已拆"})).status_code == 200
    # Within the silenced sighting's window: it did not keep the rejected alert alive.
    heard = later(track_id=78, t_ms=T0_MS + LATER_MS + 5_000)
    store(post, heard)
    assert await open_alerts(post) == [heard.id]
    assert (await duty.get("detection-masks?active=true")).json() == []
    commander = await post.sign_in("commander")
    other = await commander.post(url, json={})
    assert other.json()["detail"]["code"] == "mask_ended"


async def test_a_fixed_camera_without_a_place_is_masked_by_the_part_of_its_picture(
    post: Post,
) -> None:
    mask = await masked(post, mast(box=box(0.4, 0.4)))
    assert mask["radius_m"] is None
    assert mask["region"]["x"] == pytest.approx(0.37)
    assert mask["region"]["w"] == pytest.approx(0.16)
    store(post, later(mast, box=box(0.42, 0.41)))
    assert await open_alerts(post) == []
    wide = later(mast, box=box(0.4, 0.2, 0.3, 0.3), track_id=78)
    elsewhere = later(mast, box=box(0.7, 0.4), track_id=79)
    other_camera = later(mast, box=box(0.4, 0.4), track_id=80, stream_id="mast-2")
    store(post, wide, elsewhere, other_camera)
    assert set(await open_alerts(post)) == {wide.id, elsewhere.id, other_camera.id}


async def test_a_part_of_a_flying_camera_s_picture_can_t_be_masked(post: Post) -> None:
    message = smoke(position=None, pose=None)
    duty = await rejected(post, message)
    answer = await duty.post(f"detections/{message.id}/mask", json={"id": new_id()})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "mask_needs_place")


async def test_what_has_no_place_is_heard_beside_a_mask_on_the_ground(post: Post) -> None:
    await masked(post, smoke())
    seen = later(position=None, bearing_deg=10.0)
    store(post, seen)
    assert await open_alerts(post) == [seen.id]


@pytest.mark.parametrize(
    ("label", "body", "code"),
    [
        ("smoke", {"hours": 721}, "mask_too_long"),
        ("smoke", {"radius_m": 301}, "mask_too_wide"),
        ("person", {"hours": 13}, "mask_too_long"),
        ("person", {"radius_m": 16}, "mask_too_wide"),
    ],
)
async def test_masks_have_limits(post: Post, label: str, body: dict[str, Any], code: str) -> None:
    message = detection(label=label)
    duty = await rejected(post, message)
    url = f"detections/{message.id}/mask"
    answer = await duty.post(url, json={"id": new_id(), **body})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (422, code)
    usual = (await duty.post(url, json={"id": new_id()})).json()
    assert usual["until_ms"] == T0_MS + LIMITS[label].usual_h * 3_600_000


async def test_only_rejected_alerts_are_masked_once_and_by_who_judges(post: Post) -> None:
    message = smoke()
    store(post, message)
    duty, pilot = await post.sign_in("duty"), await post.sign_in("pilot")
    url = f"detections/{message.id}/mask"
    body = {"id": new_id()}
    early = await duty.post(url, json=body)
    assert early.json()["detail"]["code"] == "mask_needs_rejection"
    await duty.post(f"detections/{message.id}/review", json={"verdict": "reject", "reason": "雾"})
    assert (await pilot.post(url, json=body)).status_code == 403
    assert (await duty.post(url, json=body)).status_code == 201
    assert (await duty.post(url, json=body)).status_code == 200
    again = await duty.post(url, json={"id": new_id()})
    assert again.json()["detail"]["code"] == "already_masked"
    assert len((await pilot.get("detection-masks")).json()) == 1


async def test_masks_whose_time_is_over_leave_the_screens(post: Post) -> None:
    mask = await masked(post, smoke(), hours=1)
    assert end_masks(post.services) == 0
    post.clock.advance_s(HOUR_S)
    post.forget_sessions()
    assert end_masks(post.services) == 1
    assert end_masks(post.services) == 0
    duty = await post.sign_in("duty")
    [ended] = (await duty.get("detection-masks")).json()
    assert (ended["ended_ms"], ended["ended_by"]) == (mask["until_ms"], None)
