"""Watching a place in turn: the next one comes before the first leaves; stops end it."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from field_api.contract.ids import new_id
from field_api.contract.messages import (
    CommandBody,
    CommandOutcome,
    FlyTo,
    PauseVehicle,
    ReturnVehicle,
    SortieState,
    StartSortie,
    UploadSortie,
)
from field_api.features.flights.heard import newest_state
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint
from tests.field_api.field import sortie_event
from tests.field_api.fleet_node import FleetNode
from tests.field_api.post import Post, until
from tests.field_api.test_plans import authorised

PLACE = GeoPoint(lat_deg=24.936, lon_deg=102.6215)


class Watch:
    """A node with two aircraft: the first flies, the second has an authorised sortie."""

    def __init__(
        self, post: Post, node: FleetNode, pilot: httpx.AsyncClient, plan: dict[str, Any]
    ) -> None:
        self.post, self.node, self.pilot, self.plan = post, node, pilot, plan
        sorties = plan["plan"]["sorties"]
        self.first, self.second = (
            next(s for s in sorties if s["vehicle_id"] == name) for name in ("XS-U1", "XS-U2")
        )

    def step(self, sortie: dict[str, Any], state: SortieState) -> None:
        self.node.client.send_durable(
            sortie_event(sortie["id"], sortie["vehicle_id"], state, self.post.clock())
        )

    def first_flies(self, minutes_left: float | None, **seen: object) -> None:
        self.node.fly(
            "XS-U1",
            **{
                "mode": "GUIDED", "armed": True, "sortie_state": "paused",
                "minutes_left": minutes_left, "lat_deg": PLACE.lat_deg, "lon_deg": PLACE.lon_deg,
                "altitude_amsl_m": 2100.0, **seen,
            },
        )  # fmt: skip

    def second_flies(self, at: GeoPoint, agl_m: float, mode: str, **seen: object) -> None:
        self.node.fly(
            "XS-U2", mode=mode, armed=True, lat_deg=at.lat_deg, lon_deg=at.lon_deg,
            altitude_agl_m=agl_m, altitude_amsl_m=2080.0, **seen,
        )  # fmt: skip

    async def keep(self, **changes: Any) -> httpx.Response:
        body = {
            "id": new_id(), "place": PLACE.model_dump(), "height_agl_m": 60,
            "reliefs": ["XS-U2"], **changes,
        }  # fmt: skip
        return await self.pilot.post("vehicles/XS-U1/keep-watch", json=body)

    async def next(self, kind: type[CommandBody]) -> Any:
        """Return the next order, which is of a kind."""
        order = await self.node.order()
        assert isinstance(order.body, kind), order.body
        return order.body

    async def said(self, action: str) -> None:
        """Wait for a line of the timeline."""
        url = f"incidents/{self.plan['incident_id']}/timeline"
        await until(self.pilot, url, lambda lines: any(x["action"] == action for x in lines))


@pytest_asyncio.fixture
async def watch(live_post: Post, tmp_path: Path) -> AsyncGenerator[Watch]:
    token = live_post.enrol("fleet-1", "fleet")
    node = FleetNode(live_post, token, tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await live_post.sign_in("pilot")
    await node.ready(pilot)
    watch = Watch(live_post, node, pilot, await authorised(live_post))
    watch.step(watch.first, SortieState.FLYING)
    await until(pilot, "sorties", lambda all_: any(s["state"] == "flying" for s in all_))
    watch.first_flies(20.0)
    await until_heard(watch, "XS-U1")
    yield watch
    await node.stop()


async def until_heard(watch: Watch, vehicle_id: str) -> None:
    while watch.post.services.bus.newest(f"vehicle_state/{vehicle_id}") is None:
        await watch.pilot.get("nodes")


async def nothing_of_battery(watch: Watch) -> None:
    """Wait until the newest state of the first says nothing of its battery."""
    while True:
        seen = newest_state(watch.post.services, "XS-U1")
        if seen is not None and seen.minutes_left is None:
            return
        await watch.pilot.get("nodes")


async def under_way(watch: Watch) -> tuple[FlyTo, FlyTo]:
    """Let the relief take off and be sent to the place; return both flights to it."""
    answer = await watch.keep()
    assert answer.status_code == 202, answer.text
    first = await watch.next(FlyTo)
    watch.first_flies(
        1.0,
        lat_deg=first.place.lat_deg,
        lon_deg=first.place.lon_deg,
        altitude_agl_m=first.height_agl_m,
    )
    upload = await watch.next(UploadSortie)
    assert upload.sortie.id == watch.second["id"]
    assert upload.return_amsl_m is not None
    start = await watch.next(StartSortie)
    assert start.vehicle_id == "XS-U2"
    watch.step(watch.second, SortieState.FLYING)
    watch.second_flies(PLACE, 40, "AUTO")
    return first, await watch.next(FlyTo)


async def test_the_next_comes_on_another_layer_before_the_first_goes(watch: Watch) -> None:
    first, second = await under_way(watch)
    assert (first.vehicle_id, second.vehicle_id) == ("XS-U1", "XS-U2")
    assert first.watch == second.watch == PLACE
    assert abs(first.height_agl_m - second.height_agl_m) >= 20
    assert distance_m(first.place, second.place) > 60
    assert watch.node.orders.empty()
    watch.second_flies(second.place, second.height_agl_m, "GUIDED", sortie_state="paused")
    home = await watch.next(ReturnVehicle)
    assert home.vehicle_id == "XS-U1"
    await watch.said("station.relieved")
    # Nobody is left: who is on it now goes home in time, and that is an alarm.
    watch.second_flies(
        second.place, second.height_agl_m, "GUIDED", sortie_state="paused", minutes_left=0.1
    )
    home = await watch.next(ReturnVehicle)
    assert home.vehicle_id == "XS-U2"
    await watch.said("station.left")
    events = (await watch.pilot.get("vehicle-events")).json()
    assert any(e["code"] == "station_left" and e["severity"] == "warning" for e in events)


async def test_without_its_relief_the_first_still_goes_home_in_time(watch: Watch) -> None:
    await under_way(watch)
    watch.step(watch.second, SortieState.RETURNING)
    await watch.said("station.relief_failed")
    watch.first_flies(0.2)
    home = await watch.next(ReturnVehicle)
    assert home.vehicle_id == "XS-U1"
    await watch.said("station.left")


async def test_a_stop_of_the_first_calls_the_relief_off(watch: Watch) -> None:
    await under_way(watch)
    hold = {"id": new_id(), "action": "pause"}
    assert (await watch.pilot.post("vehicles/XS-U1/commands", json=hold)).status_code == 202
    stopped = {(await watch.next(PauseVehicle)).vehicle_id for _ in range(2)}
    assert stopped == {"XS-U1", "XS-U2"}
    await watch.said("station.called_off")
    watch.first_flies(0.1)
    await watch.said("station.over")
    assert watch.node.orders.empty()


async def test_a_stop_of_the_relief_is_final_too(watch: Watch) -> None:
    _, second = await under_way(watch)
    back = {"id": new_id(), "action": "return"}
    assert (await watch.pilot.post("vehicles/XS-U2/commands", json=back)).status_code == 202
    assert (await watch.next(ReturnVehicle)).vehicle_id == "XS-U2"
    await watch.said("station.relief_taken")
    # Even where it hovers at the place by now, the first is not sent home for it.
    watch.second_flies(second.place, second.height_agl_m, "GUIDED", sortie_state="paused")
    watch.first_flies(0.2)
    assert (await watch.next(ReturnVehicle)).vehicle_id == "XS-U1"
    await watch.said("station.left")


async def test_what_can_not_be_kept_is_not_promised(watch: Watch, live_post: Post) -> None:
    duty = await live_post.sign_in("duty")
    body = {"id": new_id(), "place": PLACE.model_dump(), "reliefs": ["XS-U2"]}
    assert (await duty.post("vehicles/XS-U1/keep-watch", json=body)).status_code == 403

    async def code(**changes: Any) -> str:
        answer = await watch.keep(**changes)
        return answer.json()["detail"]["code"] if answer.status_code == 409 else answer.text

    assert await code(reliefs=["XS-U1"]) == "relief_twice"
    assert await code(height_agl_m=400) == "no_layer"
    watch.first_flies(None)
    await nothing_of_battery(watch)
    assert await code() == "battery_unknown"
    watch.first_flies(20.0)
    watch.step(watch.second, SortieState.FLYING)
    await until(watch.pilot, "sorties", lambda all_: sum(s["state"] == "flying" for s in all_) == 2)
    assert await code() == "relief_busy"
    watch.step(watch.second, SortieState.RETURNED)
    await until(watch.pilot, "sorties", lambda all_: any(s["state"] == "returned" for s in all_))
    assert await code() == "no_relief_sortie"
    assert watch.node.orders.empty()
