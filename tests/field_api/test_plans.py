"""Plans: computed, checked, authorised, launched through a fleet node."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    CommandOutcome,
    CommandResult,
    LandVehicle,
    PauseVehicle,
    SortieState,
    StartSortie,
    UploadSortie,
)
from field_api.features.flights.departures import give_up_late
from field_api.features.flights.expiry import ANSWER_WAIT_MS, expire_unanswered
from field_api.features.flights.orders import send_order
from field_api.features.flights.tables import CommandRecord
from field_api.features.plans.rules import ITEMS, missing_items
from field_api.features.roster.tables import Pilot, Vehicle
from mission_plans.ground.sun import sun_elevation_deg
from tests.field_api.field import sortie_event
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import CHECKLIST, OPERATOR, SMOKE, Post, plan_body


async def make_plan(post: Post, **changes: Any) -> dict[str, Any]:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plans", json=plan_body(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def approve(post: Post) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post("fences/G3/approval", json={"approval_id": "AP-2"})
    assert answer.json()["approval_id"] == "AP-2"


async def authorised(post: Post) -> dict[str, Any]:
    await approve(post)
    plan = await make_plan(post)
    answer = await (await post.sign_in("pilot")).post(
        f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_plan_covers_the_area_with_the_chosen_aircraft(post: Post) -> None:
    plan = await make_plan(post)
    assert plan["state"] == "draft"
    assert {s["vehicle_id"] for s in plan["plan"]["sorties"]} == {"XS-U1", "XS-U2"}
    assert plan["plan"]["metrics"]["coverage_fraction"] > 0.95
    assert plan["plan"]["metrics"]["planning_ms"] > 0
    pilot = await post.sign_in("pilot")
    assert (await pilot.get(f"plans/{plan['id']}")).json() == plan
    listed = await pilot.get(f"incidents/{plan['incident_id']}/plans")
    assert [one["id"] for one in listed.json()] == [plan["id"]]


async def test_camera_pitch_and_height_reach_the_plan(post: Post) -> None:
    plan = await make_plan(post, agl_m=50, camera_pitch_deg=-40, vehicle_ids=["XS-U1"])
    assert plan["plan"]["request"]["agl_m"] == 50
    assert plan["plan"]["sorties"][0]["camera_pitch_deg"] == -40


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vehicle_ids": ["XS-U9"]}, "vehicle_ids.0"),
        ({"vehicle_ids": ["XS-U1", "XS-U1"]}, "vehicle_ids.1"),
        ({"area": [{"lat_deg": 24.9, "lon_deg": 102.6}] * 3}, "area"),
        ({"agl_m": 5}, "agl_m"),
    ],
)
async def test_unplannable_requests_name_the_field(
    post: Post, changes: dict[str, Any], field: str
) -> None:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plans", json=plan_body(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]["field"] == field
    assert (await pilot.get(f"incidents/{incident}/plans")).json() == []


async def test_controlled_airspace_blocks_until_the_approval_is_bound(post: Post) -> None:
    pilot = await post.sign_in("pilot")
    blocked = await make_plan(post)
    assert not blocked["flyable"]
    refused = await pilot.post(
        f"plans/{blocked['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1}
    )
    assert refused.json()["detail"]["code"] == "check_failed"
    assert (await pilot.post("fences/G3/approval", json={"approval_id": "X"})).status_code == 403
    assert (await authorised(post))["flyable"]


async def test_only_a_commander_overrides_and_the_reason_is_on_record(post: Post) -> None:
    plan = await make_plan(post)
    url = f"plans/{plan['id']}/authorise"
    body = {"checklist": CHECKLIST, "revision": 1, "override_reason": "抢险救灾,已电话报空管"}
    pilot = await post.sign_in("pilot")
    assert (await pilot.post(url, json=body)).json()["detail"]["code"] == "override_forbidden"
    commander = await post.sign_in("commander")
    assert (await commander.post(url, json=body)).json()["state"] == "authorised"
    timeline = (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
    overridden = next(line for line in timeline if line["action"] == "plan.overridden")
    assert "已电话报空管" in overridden["text_zh"]
    assert overridden["actor"] == "commander"


async def test_every_mandatory_item_must_be_ticked(post: Post) -> None:
    await approve(post)
    plan = await make_plan(post)
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(
        f"plans/{plan['id']}/authorise",
        json={"checklist": {**CHECKLIST, "battery": False}, "revision": 1},
    )
    assert answer.status_code == 409
    assert answer.json()["detail"]["field"] == "checklist.battery"


async def test_lights_count_at_night_and_where_nobody_stated_the_visibility(post: Post) -> None:
    await approve(post)
    plan = await make_plan(post)
    assert plan["lights_reason"] == "not_stated"
    pilot = await post.sign_in("pilot")
    stated = await pilot.put(
        f"plans/{plan['id']}/facts", json={"revision": 1, "facts": {"low_visibility": False}}
    )
    plan = stated.json()
    assert (plan["lights_required"], plan["lights_reason"]) == (False, None)
    assert "lights" not in [entry["item"] for entry in plan["checklist"]]
    url = f"plans/{plan['id']}/authorise"
    dark = {"checklist": {**CHECKLIST, "lights": False}, "revision": plan["revision"]}
    for hours, expected in ((8, 409), (10, 200)):
        post.clock.advance_s(hours * 3600)
        post.forget_sessions()
        pilot = await post.sign_in("pilot")
        answer = await pilot.post(url, json=dark)
        assert answer.status_code == expected
        if expected == 409:
            assert answer.json()["detail"]["field"] == "checklist.lights"


def test_sun_at_the_equinox_stands_as_high_as_the_pole_is_low() -> None:
    # 2025-03-20: the equation of time is -7.4 minutes, so the sun is highest at 12 h 7.4 min of
    # local mean time; six hours earlier it rises, all over the Earth.
    lat_deg, lon_deg = SMOKE
    noon_ms = 1_742_428_800_000 + int((12 + 7.4 / 60 - lon_deg / 15) * 3_600_000)
    assert sun_elevation_deg(noon_ms, lat_deg, lon_deg) == pytest.approx(90 - lat_deg, abs=1)
    assert sun_elevation_deg(noon_ms - 6 * 3_600_000, lat_deg, lon_deg) == pytest.approx(0, abs=1)


def test_missing_items_are_those_not_ticked() -> None:
    assert missing_items({}, list(ITEMS)) == list(ITEMS)
    assert missing_items(dict(CHECKLIST), list(ITEMS)) == []
    assert missing_items({"battery": True}, ["battery"]) == []


async def test_only_a_pilot_whose_licence_covers_the_aircraft_authorises(post: Post) -> None:
    await approve(post)
    plan = await make_plan(post)
    pilot = await post.sign_in("pilot")
    url = f"plans/{plan['id']}/authorise"

    async def asked(**more: Any) -> httpx.Response:
        return await pilot.post(url, json={"checklist": CHECKLIST, "revision": 1} | more)

    with post.services.store.change(OPERATOR) as change:
        vehicle = change.get(Vehicle, "XS-U2")
        change.put(vehicle)
        vehicle.weight_class = "small"
        change.record("register.changed", vehicle.id, title="aircraft", name="XS-U2", columns="")
    refused = await asked()
    assert (refused.status_code, refused.json()["detail"]["code"]) == (409, "pilot_not_qualified")
    assert "XS-U2" in refused.json()["detail"]["text_en"]
    assert "small" in refused.json()["detail"]["text_en"]
    assert "小型" in refused.json()["detail"]["text_zh"]

    def enter(**fields: Any) -> str:
        with post.services.store.change(OPERATOR) as change:
            row = change.create(Pilot(id=new_id(), area="", **fields))
            change.record("register.changed", row.id, title="pilots", name=row.name, columns="")
            return row.id

    enter(name="飞手", licence="A1", licence_class="微型", username="pilot")
    assert (await asked()).json()["detail"]["code"] == "pilot_not_qualified"
    former = enter(
        name="老张", licence="A2", licence_class="中型多旋翼 超视距", expires_on="2020-01-01"
    )
    assert (await asked(pilot_id=former)).json()["detail"]["code"] == "licence_expired"
    assert (await asked(pilot_id=new_id())).json()["detail"]["code"] == "unknown_pilot"
    qualified = enter(name="小李", licence="A3", licence_class="小型", expires_on="2099-01-01")
    assert (await asked(pilot_id=qualified)).status_code == 200


async def test_options_stand_side_by_side_and_nothing_is_kept(post: Post) -> None:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    answer = await pilot.post(f"incidents/{incident}/plan-options", json=plan_body())
    assert answer.status_code == 200, answer.text
    options = {option["kind"]: option for option in answer.json()}
    assert list(options) == ["asked", "lower", "higher", "overlap", "fewer"]
    asked = options["asked"]
    assert options["lower"]["agl_m"] < asked["agl_m"] < options["higher"]["agl_m"]
    # What is flown lower shows people larger and takes longer.
    assert options["lower"]["person_px"] > asked["person_px"] > options["higher"]["person_px"]
    assert options["lower"]["finished_s"] > asked["finished_s"] > options["higher"]["finished_s"]
    assert options["overlap"]["finished_s"] > asked["finished_s"]
    assert len(options["fewer"]["vehicle_ids"]) == len(asked["vehicle_ids"]) - 1
    assert all(not check["passed"] for option in options.values() for check in option["failed"])
    assert (await pilot.get(f"incidents/{incident}/plans")).json() == []
    nowhere = plan_body() | {"area": plan_body()["area"][:2]}
    refused = await pilot.post(f"incidents/{incident}/plan-options", json=nowhere)
    assert refused.status_code == 422


async def test_launch_needs_authorisation_and_a_fleet_node(post: Post) -> None:
    await approve(post)
    draft = await make_plan(post)
    pilot = await post.sign_in("pilot")
    refused = await pilot.post(f"plans/{draft['id']}/launch")
    assert refused.json()["detail"]["code"] == "not_authorised"
    await pilot.post(f"plans/{draft['id']}/authorise", json={"checklist": CHECKLIST, "revision": 1})
    offline = await pilot.post(f"plans/{draft['id']}/launch")
    assert offline.json()["detail"]["code"] == "fleet_offline"
    assert {s["state"] for s in (await pilot.get("sorties")).json()} == {"authorised"}


async def sorties_of(client: Any, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an incident's sorties that were launched."""
    found = (await client.get(f"sorties?incident_id={plan['incident_id']}")).json()
    return [s for s in found if s["start_due_ms"] is not None]


async def test_launch_uploads_then_starts_and_steps_are_recorded(
    live_post: Post, tmp_path: Path
) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    launched = await pilot.post(f"plans/{plan['id']}/launch")
    assert launched.status_code == 202, launched.text
    orders = [await node.order() for _ in range(4)]
    uploads = {o.body.vehicle_id: o.body for o in orders if isinstance(o.body, UploadSortie)}
    starts = {o.body.vehicle_id: o.body for o in orders if isinstance(o.body, StartSortie)}
    assert set(uploads) == set(starts) == {"XS-U1", "XS-U2"}
    due = {s["id"]: s["start_due_ms"] for s in await sorties_of(pilot, plan)}
    windows = {v: (s.not_before_ms, s.not_after_ms) for v, s in starts.items()}
    for vehicle_id, (not_before_ms, not_after_ms) in windows.items():
        assert not_before_ms == due[starts[vehicle_id].sortie_id]
        assert not_after_ms == not_before_ms + 60_000
    one, other = (before for before, _ in windows.values())
    assert one is not None
    assert other is not None
    # They take off one after another, also where one of them is late in its window.
    assert abs(one - other) == 1000 * starts["XS-U1"].gap_s == 1000 * starts["XS-U2"].gap_s > 0
    for vehicle_id, upload in uploads.items():
        assert upload.sortie.order == 0
        assert starts[vehicle_id].sortie_id == upload.sortie.id
        assert upload.fences == [], "G3 is approved: it may be entered"
        assert upload.max_agl_m == plan["plan"]["request"]["max_agl_m"]
        assert {order.author for order in orders} == {"pilot"}
    sortie_id = uploads["XS-U1"].sortie.id
    for step, state in enumerate((SortieState.UPLOADED, SortieState.FLYING, SortieState.RETURNED)):
        node.client.send_durable(sortie_event(sortie_id, "XS-U1", state, live_post.clock() + step))
    # A late, older step is recorded but turns nothing back.
    node.client.send_durable(
        sortie_event(sortie_id, "XS-U1", SortieState.STARTING, live_post.clock())
    )
    async with asyncio.timeout(20):
        await node.client.wait_acknowledged()
    sorties = (await pilot.get(f"sorties?incident_id={plan['incident_id']}")).json()
    assert next(s["state"] for s in sorties if s["id"] == sortie_id) == "returned"
    lines = [
        line
        for line in (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
        if line["subject"] == sortie_id
    ]
    # A take-off ordered once its upload was done is ordered in the name of who launched the plan.
    launched, started = lines[1:3]
    assert started["actor_name"] == launched["actor_name"] != "pilot"
    actions = [line["action"] for line in lines]
    assert actions[:3] == ["sortie.authorised", "sortie.launch_ordered", "sortie.start_ordered"]
    assert set(actions[3:]) == {
        "sortie.uploaded",
        "sortie.flying",
        "sortie.returned",
        "sortie.starting",
    }
    await node.stop()


async def test_a_second_press_of_launch_changes_nothing(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    first = await sorties_of(pilot, plan)
    uploads = [await node.order(), await node.order()]
    live_post.clock.advance_s(5)
    again = await pilot.post(f"plans/{plan['id']}/launch")
    assert again.status_code == 202, again.text
    assert [s["start_due_ms"] for s in await sorties_of(pilot, plan)] == [
        s["start_due_ms"] for s in first
    ]
    with live_post.services.store.read() as session:
        ordered = set(session.exec(select(CommandRecord.id)))
    assert ordered == {order.id for order in uploads}
    await node.stop()


async def test_one_launched_again_keeps_apart_from_those_before_it(
    live_post: Post, tmp_path: Path
) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    await node.uploads_done()
    ordered = [await node.order() for _ in range(2)]
    starts = [o.body for o in ordered if isinstance(o.body, StartSortie)]
    first, second = sorted(starts, key=lambda start: start.not_before_ms or 0)
    live_post.clock.advance_s(1)
    (start,) = [o for o in ordered if o.body == first]
    refused = CommandResult(
        id=new_id(),
        t_ms=live_post.clock(),
        command_id=start.id,
        outcome=CommandOutcome.FAILED,
    )
    node.client.send_durable(refused)
    failed = sortie_event(
        first.sortie_id, first.vehicle_id, SortieState.FAILED, live_post.clock() + 1
    )
    node.client.send_durable(failed)
    async with asyncio.timeout(20):
        await node.client.wait_acknowledged()
    await pilot.post(f"plans/{plan['id']}/launch")
    due = {s["id"]: s["start_due_ms"] for s in await sorties_of(pilot, plan)}
    assert due[first.sortie_id] - due[second.sortie_id] >= 1000 * second.gap_s > 0
    await node.stop()


@pytest.mark.parametrize("closed", [False, True])
async def test_an_upload_that_comes_too_late_starts_nothing(
    live_post: Post, tmp_path: Path, closed: bool
) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    uploads = [await node.order(), await node.order()]
    if closed:
        url = f"incidents/{plan['incident_id']}/close"
        assert (
            await (await live_post.sign_in("commander")).post(url, json={"text": "结束"})
        ).is_success
    else:
        live_post.clock.advance_s(600)
    for upload in uploads:
        node.client.send_durable(
            CommandResult(
                id=new_id(),
                t_ms=live_post.clock(),
                command_id=upload.id,
                outcome=CommandOutcome.DONE,
            )
        )
    async with asyncio.timeout(20):
        await node.client.wait_acknowledged()
    assert node.orders.empty()
    sorties = (await pilot.get(f"sorties?incident_id={plan['incident_id']}")).json()
    assert {s["state"] for s in sorties} == {"authorised"}
    given_up = [
        line
        for line in (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
        if line["action"] == "sortie.start_given_up"
    ]
    assert len(given_up) == 2
    await node.stop()


async def test_a_take_off_that_waits_is_called_off_when_its_incident_is_closed(
    live_post: Post, tmp_path: Path
) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    await node.uploads_done()
    starts = [(await node.order()).body for _ in range(2)]
    waits = max(starts, key=lambda body: getattr(body, "not_before_ms", 0))
    url = f"incidents/{plan['incident_id']}/close"
    assert (
        await (await live_post.sign_in("commander")).post(url, json={"text": "结束"})
    ).is_success
    give_up_late(live_post.services)
    assert (await node.order()).body == PauseVehicle(vehicle_id=waits.vehicle_id)
    give_up_late(live_post.services)
    assert node.orders.empty()
    await node.stop()


async def test_a_refused_upload_is_not_started(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.REFUSED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    orders = [await node.order(), await node.order()]
    async with asyncio.timeout(20):
        await node.client.wait_acknowledged()
    assert all(isinstance(order.body, UploadSortie) for order in orders)
    answer = (await pilot.get(f"commands/{orders[0].id}")).json()
    assert (answer["state"], answer["text_en"]) == ("refused", "answer")
    # Nothing flew, so it may be launched again.
    assert (await pilot.post(f"plans/{plan['id']}/launch")).status_code == 202
    await node.stop()


async def test_orders_reach_the_node_once_and_their_silence_is_noticed(
    live_post: Post, tmp_path: Path
) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    commander = await live_post.sign_in("commander")
    await node.ready(commander)
    body = {"id": new_id(), "action": "land"}
    first = await commander.post("vehicles/XS-U2/commands", json=body)
    again = await commander.post("vehicles/XS-U2/commands", json=body)
    assert (first.status_code, again.status_code) == (202, 200)
    order = await node.order()
    assert order.body == LandVehicle(vehicle_id="XS-U2")
    assert order.expires_ms - order.issued_ms == 30_000
    assert node.orders.empty()
    other = await commander.post("vehicles/XS-U2/commands", json={**body, "action": "pause"})
    assert other.status_code == 409
    await node.stop()


async def test_an_unanswered_order_is_marked(post: Post) -> None:
    with post.services.store.change(OPERATOR) as change:
        row = send_order(
            post.services,
            change,
            LandVehicle(vehicle_id="XS-U1"),
            node_id="fleet-1",
            author="pilot",
        )
        change.record("node.connected", row.id, node="fleet-1")
    assert expire_unanswered(post.services) == 0
    post.clock.advance_s(30 + ANSWER_WAIT_MS / 1000 + 1)
    assert expire_unanswered(post.services) == 1
    pilot = await post.sign_in("pilot")
    assert (await pilot.get(f"commands/{row.id}")).json()["state"] == "unanswered"
