"""Abort all: one change, one order an aircraft, and who has not confirmed is seen."""

import asyncio
from pathlib import Path

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    CommandOutcome,
    LandVehicle,
    PauseVehicle,
    ReturnVehicle,
    SortieState,
    UploadSortie,
)
from field_api.features.flights.tables import SortieRecord
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import OPERATOR, Post
from tests.field_api.test_plans import authorised


async def heard(post: Post, *vehicle_ids: str) -> None:
    """Wait until the command post knows how these aircraft are."""
    async with asyncio.timeout(20):
        for vehicle_id in vehicle_ids:
            while post.services.bus.newest(f"vehicle_state/{vehicle_id}") is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_who_flies_comes_home_and_who_waits_stays(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    nobody = await pilot.post("flights/abort", json={"id": new_id(), "how": "return"})
    assert (nobody.status_code, nobody.json()["detail"]["code"]) == (409, "nobody_flies")
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    uploads = [await node.order() for _ in range(2)]
    assert all(isinstance(order.body, UploadSortie) for order in uploads)
    node.fly("XS-U1", armed=True, mode="AUTO", phase="air")
    node.fly("XS-U2", armed=False, mode="STABILIZE", phase="ground")
    await heard(live_post, "XS-U1", "XS-U2")

    body = {"id": new_id(), "how": "return"}
    first = await pilot.post("flights/abort", json=body)
    again = await pilot.post("flights/abort", json=body)
    assert (first.status_code, again.status_code) == (202, 200), first.text
    assert first.json()["id"] == body["id"]
    assert {o["id"] for o in first.json()["orders"]} == {o["id"] for o in again.json()["orders"]}
    ordered = [(await node.order()).body for _ in range(2)]
    assert ordered == [ReturnVehicle(vehicle_id="XS-U1"), PauseVehicle(vehicle_id="XS-U2")]
    assert node.orders.empty()
    assert {o["abort_id"] for o in first.json()["orders"]} == {body["id"]}
    # Whoever waited for an upload to take off does so no more.
    with live_post.services.store.read() as session:
        rows = [session.get_one(SortieRecord, s["id"]) for s in plan["plan"]["sorties"]]
        assert not any(row.start_when_uploaded for row in rows)
    other = await pilot.post("flights/abort", json={**body, "how": "land"})
    assert other.status_code == 409
    lines = (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
    assert sum(line["action"] == "vehicle.abort" for line in lines) == 2
    await node.stop()


async def test_who_lands_goes_on_and_landing_lands_all(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    node.fly("XS-U1", armed=True, mode="LAND", phase="landing")
    node.fly("XS-U2", armed=True, mode="BRAKE", phase="air")
    await heard(live_post, "XS-U1", "XS-U2")
    home = await pilot.post("flights/abort", json={"id": new_id(), "how": "return"})
    assert [o["vehicle_id"] for o in home.json()["orders"]] == ["XS-U2"]
    assert (await node.order()).body == ReturnVehicle(vehicle_id="XS-U2")
    down = await pilot.post("flights/abort", json={"id": new_id(), "how": "land"})
    assert down.status_code == 202
    assert [(await node.order()).body for _ in range(2)] == [
        LandVehicle(vehicle_id="XS-U1"),
        LandVehicle(vehicle_id="XS-U2"),
    ]
    await node.stop()


async def test_an_aircraft_out_of_reach_keeps_nobody_in_the_air(
    live_post: Post, tmp_path: Path
) -> None:
    plan = await authorised(live_post)
    with live_post.services.store.change(OPERATOR) as change:
        for sortie in plan["plan"]["sorties"]:
            row = change.session.get_one(SortieRecord, sortie["id"])
            change.put(row)
            row.state = SortieState.FLYING
        change.record("node.connected", "1", node="1")
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    # Another node flies the first, and that one is not here.
    live_post.services.presence.heard_vehicle("fleet-2", "XS-U1")
    live_post.services.presence.heard_vehicle("fleet-1", "XS-U2")
    answer = await pilot.post("flights/abort", json={"id": new_id(), "how": "return"})
    assert answer.status_code == 202, answer.text
    states = {o["vehicle_id"]: (o["state"], o["code"]) for o in answer.json()["orders"]}
    assert states == {"XS-U1": ("unanswered", "fleet_offline"), "XS-U2": ("sent", "")}
    assert (await node.order()).body == ReturnVehicle(vehicle_id="XS-U2")
    lines = (await pilot.get(f"incidents/{plan['incident_id']}/timeline")).json()
    assert sum(line["action"] == "vehicle.abort_unsent" for line in lines) == 1
    await node.stop()


async def test_only_who_may_order_flights_may_abort(post: Post) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post("flights/abort", json={"id": new_id(), "how": "return"})
    assert answer.status_code == 403


async def test_aircraft_of_one_launch_come_home_apart(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.ACCEPTED)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    plan = await authorised(live_post)
    await pilot.post(f"plans/{plan['id']}/launch")
    uploads = [await node.order() for _ in range(2)]
    layers = [o.body.return_amsl_m for o in uploads if isinstance(o.body, UploadSortie)]
    assert len(layers) == 2
    assert None not in layers
    passed = {c["id"]: c["passed"] for c in plan["plan"]["checks"]}["return_layers"]
    assert passed
    assert abs((layers[0] or 0) - (layers[1] or 0)) >= 20
    await node.stop()
