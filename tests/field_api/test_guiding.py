"""Orders about places: sent once, by who may fly, with the alert they are about on record."""

from pathlib import Path

from field_api.contract.ids import new_id
from field_api.contract.messages import CommandOutcome, FlyTo, LookAgain
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import Post

PLACE = {"lat_deg": 24.94, "lon_deg": 102.61}


async def test_orders_about_a_place_reach_the_node_once(live_post: Post, tmp_path: Path) -> None:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    fly = {"id": new_id(), "place": PLACE, "height_agl_m": 80}
    first = await pilot.post("vehicles/XS-U2/fly-to", json=fly)
    again = await pilot.post("vehicles/XS-U2/fly-to", json=fly)
    assert (first.status_code, again.status_code) == (202, 200), first.text
    assert first.json()["action"] == "fly_to"
    order = (await node.order()).body
    assert isinstance(order, FlyTo)
    assert (order.place.lat_deg, order.height_agl_m) == (24.94, 80)
    look = {
        "id": new_id(), "place": PLACE, "radius_m": 50, "circles": True, "duration_s": 60,
        "detection_id": new_id(),
    }  # fmt: skip
    assert (await pilot.post("vehicles/XS-U2/look-again", json=look)).status_code == 202
    order = (await node.order()).body
    assert isinstance(order, LookAgain)
    assert (order.circles, order.radius_m, order.duration_s) == (True, 50, 60)
    assert node.orders.empty()
    other = await pilot.post("vehicles/XS-U2/look-again", json={**look, "radius_m": 60})
    assert other.json()["detail"]["code"] == "id_taken"
    await node.stop()


async def test_what_makes_no_sense_is_refused(post: Post) -> None:
    pilot, duty = await post.sign_in("pilot"), await post.sign_in("duty")
    fly = {"id": new_id(), "place": PLACE, "height_agl_m": 60}
    assert (await duty.post("vehicles/XS-U2/fly-to", json=fly)).status_code == 403
    assert (await pilot.post("vehicles/XS-U9/fly-to", json=fly)).status_code == 404
    low = await pilot.post("vehicles/XS-U2/fly-to", json={**fly, "height_agl_m": 5})
    assert low.status_code == 422
    offline = await pilot.post("vehicles/XS-U2/fly-to", json=fly)
    assert offline.json()["detail"]["code"] == "fleet_offline"
