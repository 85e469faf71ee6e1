"""Flight applications, coverage and probability over HTTP."""

from typing import Any

import numpy as np
import pytest

from field_api.contract.ids import new_id
from field_api.contract.messages import FlownSample, FlownTrack, StreamState
from field_api.core.roles import Actor
from field_api.features.flights.flown import take_flown
from field_api.features.maps.base import MapBase
from field_api.links.video import STREAM_STATE
from mission_plans.allocation.schedule import timeline
from mission_plans.allocation.situation import Situation
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import SearchPlan
from tests.field_api.post import CHECKLIST, SMOKE, Post, plan_body

NODE = Actor("node:fleet-1", "fleet-1", "test")


async def drafted(post: Post, **changes: Any) -> tuple[str, dict[str, Any]]:
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plans", json=plan_body(**changes))
    assert answer.status_code == 201, answer.text
    return incident, answer.json()


async def test_an_application_is_filled_handed_in_answered_and_bound(post: Post) -> None:
    _, plan = await drafted(post, agl_m=130.0)
    failed = {c["id"] for c in plan["plan"]["checks"] if not c["passed"]}
    assert {"law_19_height", "law_26_application"} <= failed
    assert not plan["flyable"]
    pilot = await post.sign_in("pilot")
    body = {"id": new_id(), "kind": "emergency"}
    made = await pilot.post(f"plans/{plan['id']}/applications", json=body)
    assert made.status_code == 201, made.text
    view = made.json()
    assert len(view["application"]["items"]) == 13
    takeoff_ms = view["application"]["takeoff_ms"]
    assert 32 * 60_000 <= takeoff_ms - post.clock() <= 33 * 60_000
    assert view["application"]["submit_by_ms"] == takeoff_ms - 30 * 60_000
    assert view["application"]["reply_by_ms"] == takeoff_ms - 10 * 60_000
    assert (await pilot.post(f"plans/{plan['id']}/applications", json=body)).status_code == 200
    early = await pilot.post(
        f"applications/{view['id']}/answer", json={"approved": True, "approval_id": "AP-9"}
    )
    assert early.status_code == 403
    duty = await post.sign_in("duty")
    early = await duty.post(
        f"applications/{view['id']}/answer", json={"approved": True, "approval_id": "AP-9"}
    )
    assert early.json()["detail"]["code"] == "not_submitted"
    post.clock.advance_s(60)
    handed = (await pilot.post(f"applications/{view['id']}/submit")).json()
    assert (handed["state"], handed["submitted_in_time"]) == ("submitted", True)
    post.clock.advance_s(24 * 60)
    late = (await pilot.get(f"applications/{view['id']}")).json()
    assert late["reply_overdue"]
    bare = await duty.post(f"applications/{view['id']}/answer", json={"approved": True})
    assert bare.json()["detail"]["field"] == "approval_id"
    answered = await duty.post(
        f"applications/{view['id']}/answer", json={"approved": True, "approval_id": "AP-9"}
    )
    assert answered.json()["state"] == "approved"
    after = (await pilot.get(f"plans/{plan['id']}")).json()
    assert after["flyable"]
    assert after["revision"] == plan["revision"] + 1
    checks = {c["id"]: c for c in after["plan"]["checks"]}
    assert checks["law_19_height"]["passed"]
    assert "AP-9" in checks["law_19_height"]["text_zh"]
    stale = await pilot.post(
        f"plans/{plan['id']}/authorise",
        json={"checklist": CHECKLIST, "revision": plan["revision"]},
    )
    assert stale.json()["detail"]["code"] == "plan_improved"
    good = await pilot.post(
        f"plans/{plan['id']}/authorise",
        json={"checklist": CHECKLIST, "revision": after["revision"]},
    )
    assert good.status_code == 200, good.text


async def test_the_document_is_a_pdf_and_the_same_every_time(post: Post) -> None:
    _, plan = await drafted(post)
    pilot = await post.sign_in("pilot")
    made = await pilot.post(
        f"plans/{plan['id']}/applications", json={"id": new_id(), "kind": "urgent"}
    )
    path = f"applications/{made.json()['id']}/application.pdf"
    first, second = await pilot.get(path), await pilot.get(path)
    assert first.headers["content-type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content


async def fly(post: Post, plan: dict[str, Any], share: float, *, watched: bool) -> None:
    """Record the first part of every sortie as flown."""
    services = post.services
    search = SearchPlan.model_validate(plan["plan"])
    situation = Situation.of(search.request, services.part(MapBase).terrain())
    frame: LocalFrame = situation.frame
    models = dict(
        zip((a.vehicle_id for a in search.request.aircraft), situation.models, strict=True)
    )
    for sortie in search.sorties:
        course = timeline(sortie, frame, models[sortie.vehicle_id])
        t = np.arange(0, course.t_s[-1] * share, 1.0)
        lat, lon = frame.to_degrees(*course.at(t)[:, :2].T)
        north, east = np.gradient(lat), np.gradient(lon) * np.cos(np.radians(lat))
        yaw = np.degrees(np.arctan2(east, north)) % 360
        start_ms = post.clock() + round(sortie.start_s * 1000)
        samples = [
            FlownSample(
                t_ms=start_ms + round(s * 1000),
                lat_deg=float(lat[i]),
                lon_deg=float(lon[i]),
                altitude_amsl_m=float(course.at(t)[i, 2]),
                heading_deg=float(yaw[i]),
            )
            for i, s in enumerate(t)
        ]
        if watched:
            for sample in samples:
                state = StreamState(
                    stream_id=sortie.vehicle_id,
                    vehicle_id=sortie.vehicle_id,
                    t_ms=sample.t_ms,
                    state="live",
                    detector_frames_per_s=5.0,
                )
                services.bus.publish(STREAM_STATE, state.key, state)
        for begin in range(0, len(samples), 500):
            piece = samples[begin : begin + 500]
            with services.store.change(NODE) as change:
                take_flown(
                    services,
                    change,
                    "fleet-1",
                    FlownTrack(
                        id=new_id(),
                        t_ms=piece[-1].t_ms,
                        sortie_id=sortie.id,
                        vehicle_id=sortie.vehicle_id,
                        samples=piece,
                    ),
                )


@pytest.mark.parametrize("watched", [True, False])
async def test_flown_is_held_against_planned_and_the_gaps_fly_again(
    post: Post, watched: bool
) -> None:
    incident, plan = await drafted(post)
    pilot = await post.sign_in("pilot")
    empty = (await pilot.get(f"plans/{plan['id']}/coverage")).json()
    assert empty["flown_fraction"] == 0
    assert empty["planned_fraction"] > 0.99
    allowed = await pilot.post(
        f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1}
    )
    assert allowed.status_code == 200, allowed.text
    await fly(post, plan, 0.6, watched=watched)
    found = (await pilot.get(f"plans/{plan['id']}/coverage")).json()
    assert 0.3 < found["flown_fraction"] < 0.9
    assert found["seen_fraction"] == (
        pytest.approx(found["flown_fraction"], abs=0.02) if watched else 0
    )
    assert found["gaps"]
    again = await pilot.post(
        f"incidents/{incident}/plans",
        json={
            "id": new_id(),
            "gaps_of": plan["id"],
            "vehicle_ids": ["XS-U1", "XS-U2"],
        },
    )
    assert again.status_code == 201, again.text
    left = again.json()["plan"]["metrics"]["area_m2"]
    unseen = (1 - found["seen_fraction"]) * found["area_m2"]
    assert left == pytest.approx(unseen, rel=0.25)


async def test_what_was_seen_lowers_what_is_left_to_find(post: Post) -> None:
    incident, plan = await drafted(post, camera_pitch_deg=-45.0)
    pilot = await post.sign_in("pilot")
    assert (await pilot.get(f"incidents/{incident}/likelihood")).status_code == 404
    body = {
        "last_known": [{"at": {"lat_deg": SMOKE[0], "lon_deg": SMOKE[1]}}],
        "radius_m": 2000,
        "vegetation": "open",
    }
    made = await pilot.put(f"incidents/{incident}/likelihood", json=body)
    assert made.status_code == 200, made.text
    assert made.json()["searched"] == 0
    await pilot.post(f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1})
    await fly(post, plan, 1.0, watched=True)
    view = (await pilot.get(f"incidents/{incident}/likelihood")).json()
    assert 0.005 < view["searched"] < view["on_map"]
    image = await pilot.get(view["image_url"].removeprefix("/api/v1/"))
    assert image.content.startswith(b"\x89PNG")
    likely = await pilot.post(
        f"incidents/{incident}/plans",
        json={
            "id": new_id(),
            "most_likely": True,
            "agl_m": 60,
            "vehicle_ids": ["XS-U1", "XS-U2"],
        },
    )
    assert likely.status_code == 201, likely.text
    assert likely.json()["plan"]["request"]["pattern"]["kind"] == "tracks"
    unknown = await pilot.put(f"incidents/{incident}/likelihood", json={**body, "profile": "x"})
    assert unknown.json()["detail"]["field"] == "profile"


async def test_a_plan_without_a_flight_is_not_applied_for(post: Post) -> None:
    _, plan = await drafted(post, wind={"from_deg": 225, "speed_ms": 30})
    assert plan["plan"]["sorties"] == []
    endurance = next(c for c in plan["plan"]["checks"] if c["id"] == "endurance")
    assert "风速 30" in endurance["text_zh"]
    pilot = await post.sign_in("pilot")
    made = await pilot.post(
        f"plans/{plan['id']}/applications", json={"id": new_id(), "kind": "urgent"}
    )
    assert made.status_code == 409
    assert made.json()["detail"]["code"] == "nothing_to_apply_for"
