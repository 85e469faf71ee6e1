"""Following a handheld: fresh places only, once a second, and nothing without an order."""

from pathlib import Path
from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.messages import CommandOutcome, FollowPlace, FollowTo, Wish
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import Post


async def test_places_of_a_handheld_become_wishes_while_they_are_fresh(
    live_post: Post, tmp_path: Path
) -> None:
    post = live_post
    token = post.enrol("fleet-1", "fleet")
    node = FleetNode(post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await post.sign_in("pilot")
    await node.ready(pilot)
    wishes: list[Wish] = []
    post.services.wishes.listen(lambda _node, wish: wishes.append(wish))
    body: dict[str, Any] = {"id": new_id(), "terminal_id": "HT-05", "height_agl_m": 70}
    url = "vehicles/XS-U2/follow"
    nowhere = await pilot.post(url, json=body)
    assert nowhere.json()["detail"]["code"] == "position_old"
    assert (await pilot.post(url, json={**body, "terminal_id": "HT-99"})).status_code == 404
    await post.place_terminal("HT-05", 24.94, 102.61)
    assert wishes == []
    first = await pilot.post(url, json=body)
    again = await pilot.post(url, json=body)
    assert (first.status_code, again.status_code) == (202, 200), first.text
    order = (await node.order()).body
    assert isinstance(order, FollowPlace)
    assert (order.terminal_id, order.place.lat_deg, order.height_agl_m) == ("HT-05", 24.94, 70)
    assert node.orders.empty()
    for number in range(8):
        post.clock.advance_s(0.4)
        await post.place_terminal("HT-05", 24.9401 + number * 1e-5, 102.61)
        await post.place_terminal("HT-06", 24.95, 102.61)
    assert len(wishes) == 3
    assert all(isinstance(wish, FollowTo) and wish.terminal_id == "HT-05" for wish in wishes)
    # What lay about in the handheld is not where it is.
    post.clock.advance_s(20)
    stale = post.clock() - 11_000
    handheld = await post.sign_in("ht-05")
    await handheld.post(
        "terminals/HT-05/position", json={"t_ms": stale, "lat_deg": 24.95, "lon_deg": 102.61}
    )
    assert len(wishes) == 3
    # Once its aircraft does something else, nothing is wished any more.
    post.clock.advance_s(60)
    node.fly("XS-U2", mode="RTL", armed=True)
    while post.services.bus.newest("vehicle_state/XS-U2") is None:
        await pilot.get("nodes")
    await post.place_terminal("HT-05", 24.95, 102.61)
    assert len(wishes) == 3
    late = await pilot.post(url, json={**body, "id": new_id(), "offset_m": 500})
    assert late.status_code == 422
    await node.stop()
