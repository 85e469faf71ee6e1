"""Two workers of one command post: PostgreSQL, a real broker, real sockets."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from field_api.contract.ids import new_id
from field_api.contract.messages import CameraAim, CommandOutcome, LinkState, VehicleState
from field_api.features.flights import VEHICLE_STATE
from field_api.links.nodes.sessions import NodeSessions
from field_api.settings import Settings
from tests.field_api.fleet_node import FleetNode
from tests.field_api.nats import NatsServer
from tests.field_api.post import (
    Post,
    incident_body,
    messages_of,
    seed,
    socket_post,
    until,
)
from tests.field_api.postgresql import postgres_server
from tests.field_api.test_video import INFO, wire
from tests.fleet.udp_site import until as until_so

WITHIN_S = 30


@pytest.fixture
def database() -> str:
    """Workers share what can be shared."""
    return "postgresql"


@dataclass
class Workers:
    """Two of them, which know each other."""

    one: Post
    two: Post


async def met(*workers: Post) -> None:
    """Wait until each worker knows all others."""
    everybody = [worker.services.workers for worker in workers]
    await until_so(lambda: all(one.others == len(workers) - 1 for one in everybody), WITHIN_S)


@pytest.fixture
async def workers(settings: Settings, broker: NatsServer) -> AsyncGenerator[Workers]:
    shared = settings.model_copy(update={"broker_url": broker.url})
    async with socket_post(shared) as one, socket_post(shared) as two:
        await met(one, two)
        yield Workers(one, two)


async def live(post: Post, username: str = "commander") -> ClientConnection:
    token = await post.token(username)
    return await connect(
        post.base_url.replace("http", "ws") + "/api/v1/live",
        additional_headers={"Authorization": f"Bearer {token}"},
    )


async def told(socket: ClientConnection, fits: Any) -> dict[str, Any]:
    async with asyncio.timeout(WITHIN_S):
        async for message in messages_of(socket):
            if fits(message):
                return message
    raise AssertionError("the socket ended")


async def test_one_leads_and_what_one_changes_the_other_tells_once(workers: Workers) -> None:
    one, two = workers.one, workers.two
    assert sorted(w.services.leading.leads for w in (one, two)) == [False, True]
    socket = await live(two)
    made = await one.open_incident()
    last = await one.open_incident()
    seen: list[str] = []

    def is_last(message: dict[str, Any]) -> bool:
        if message.get("type") == "incident" and "seq" in message:
            seen.append(message["id"])
        return message.get("id") == last and message.get("type") == "incident"

    await told(socket, is_last)
    assert seen == [made, last]
    await socket.close()


async def test_an_order_given_at_one_reaches_the_node_of_the_other_once(
    workers: Workers, tmp_path: Path
) -> None:
    one, two = workers.one, workers.two
    node = FleetNode(two, two.enrol("fleet-1", "fleet"), tmp_path / "outbox", CommandOutcome.DONE)
    pilot = await one.sign_in("pilot")
    # The session is in the database, so it is good at both.
    nodes = await until(pilot, "nodes", lambda nodes: any(n["connected"] for n in nodes))
    assert [n["node_id"] for n in nodes if n["connected"]] == ["fleet-1"]
    node.fly("XS-U2", mode="AUTO", armed=True)
    socket = await live(one, "pilot")
    await told(socket, lambda m: m["type"] == "vehicle_state" and m["data"]["mode"] == "AUTO")
    for action in ("pause", "return"):
        answer = await pilot.post(
            "vehicles/XS-U2/commands", json={"id": new_id(), "action": action}
        )
        assert answer.status_code == 202, answer.text
    first, second = await node.order(), await node.order()
    assert first.id != second.id
    assert node.orders.empty()
    wishes: list[str] = []
    two.services.wishes.listen(lambda node_id, _wish: wishes.append(node_id))
    one.services.wishes.wish("fleet-1", CameraAim.model_validate(AIM | {"t_ms": one.clock()}))
    await until_so(lambda: wishes == ["fleet-1"], WITHIN_S)
    await node.stop()
    await until(pilot, "nodes", lambda nodes: not any(n["connected"] for n in nodes))
    await socket.close()


AIM: dict[str, Any] = {
    "kind": "camera_aim",
    "vehicle_id": "XS-U2",
    "zoom_percent": 10,
}


async def test_a_node_that_signs_in_elsewhere_is_at_one_worker_only(
    workers: Workers, tmp_path: Path
) -> None:
    one, two = workers.one, workers.two
    token = one.enrol("fleet-1", "fleet")
    pilot = await one.sign_in("pilot")
    first = FleetNode(one, token, tmp_path / "a", CommandOutcome.DONE)
    await until(pilot, "nodes", lambda nodes: any(n["connected"] for n in nodes))
    second = FleetNode(two, token, tmp_path / "b", CommandOutcome.DONE)
    await until_so(lambda: one.services.part(NodeSessions).count == 0, WITHIN_S)
    await first.stop()
    nodes = (await pilot.get("nodes")).json()
    assert [n["connected"] for n in nodes if n["node_id"] == "fleet-1"] == [True]
    await second.stop()


async def test_video_published_at_one_is_watched_at_the_other(workers: Workers) -> None:
    one, two = workers.one, workers.two
    token = one.enrol("vision-1", "vision")
    url = one.base_url.replace("http", "ws") + f"/api/v1/video/{INFO.stream_id}/publish"
    source = await connect(url, additional_headers={"Authorization": f"Bearer {token}"})
    await source.send(INFO.model_dump_json())
    viewer = await connect(
        two.base_url.replace("http", "ws") + f"/api/v1/video/{INFO.stream_id}/play",
        additional_headers={"Authorization": f"Bearer {await two.token('commander')}"},
    )

    async def publish() -> None:
        for number in range(10_000):
            await source.send(wire(number, key=number % 5 == 0))
            await asyncio.sleep(0.01)

    publishing = asyncio.create_task(publish())
    async with asyncio.timeout(WITHIN_S):
        assert '"width":1280' in str(await viewer.recv())
        numbers = [int.from_bytes(bytes(await viewer.recv())[4:12]) // 6000 for _ in range(20)]  # pyright: ignore[reportArgumentType]
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    assert numbers[0] % 5 == 0, "it begins at a key frame"
    assert numbers == list(range(numbers[0], numbers[0] + 20))
    await viewer.close()
    await source.close()


async def test_without_the_broker_events_still_arrive_and_it_comes_back(
    workers: Workers, broker: NatsServer
) -> None:
    one, two = workers.one, workers.two
    socket = await live(two)
    broker.kill()
    await until_so(
        lambda: not (one.services.exchange.connected or two.services.exchange.connected), WITHIN_S
    )
    made = await one.open_incident()
    await told(socket, lambda m: m.get("type") == "incident" and m.get("id") == made)
    broker.start()
    await until_so(
        lambda: one.services.exchange.connected and two.services.exchange.connected, WITHIN_S
    )
    state = VehicleState(vehicle_id="XS-U1", t_ms=one.clock(), link=LinkState.LIVE)
    telling = asyncio.create_task(_again(one, state))
    await told(socket, lambda m: m.get("type") == "vehicle_state")
    telling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await telling
    await socket.close()


async def test_a_database_that_is_restarted_is_said_and_met_again(
    seeded: Path, tmp_path: Path
) -> None:
    with postgres_server() as server:
        assert server is not None, "the fixtures of this file have skipped where there is none"
        settings = Settings(
            data_dir=shutil.copytree(seeded, tmp_path / "data"),
            database_url=server.create("post"),
            improve_s=0,
        )
        seed(settings.data_dir, settings.database_url)
        async with socket_post(settings) as post:
            duty = await post.sign_in("duty")
            kept = await post.open_incident()
            socket = await live(post)
            await told(socket, lambda _: True)  # the picture to begin with
            await asyncio.to_thread(server.stop)
            away = await duty.post("incidents", json=incident_body())
            assert (away.status_code, away.json()["detail"]["code"]) == (503, "database_away")
            assert "retry-after" in away.headers
            await asyncio.to_thread(server.start)
            body = incident_body()
            async with asyncio.timeout(WITHIN_S):
                while (await duty.post("incidents", json=body)).status_code not in (200, 201):  # noqa: ASYNC110 - HTTP is asked
                    await asyncio.sleep(0.1)
            await told(socket, lambda m: m.get("type") == "incident" and m.get("id") == body["id"])
            assert (await duty.get(f"incidents/{kept}")).status_code == 200
            await until_so(lambda: post.services.leading.leads, WITHIN_S)
            await socket.close()


async def _again(post: Post, state: VehicleState) -> None:
    while True:
        post.services.bus.publish(VEHICLE_STATE, state.key, state)
        await asyncio.sleep(0.1)


async def test_a_wrong_password_counts_at_every_worker(workers: Workers) -> None:
    wrong = {"username": "pilot", "password": "no-such-password"}
    codes: list[int] = []
    async with asyncio.timeout(WITHIN_S):
        while 429 not in codes:
            for post in (workers.one, workers.two):
                async with post.anonymous() as nobody:
                    codes.append((await nobody.post("session", json=wrong)).status_code)
    assert len(codes) <= workers.one.services.settings.login_tries + 3


async def test_another_leads_when_the_one_that_led_is_gone(
    settings: Settings, broker: NatsServer
) -> None:
    shared = settings.model_copy(update={"broker_url": broker.url})
    async with socket_post(shared) as one:
        assert one.services.leading.leads
        async with socket_post(shared) as two:
            await met(one, two)
            assert not two.services.leading.leads
            one.services.leading.close()
            await until_so(lambda: two.services.leading.leads, WITHIN_S)
            made = incident_body()
            answer = await (await two.sign_in("duty")).post("incidents", json=made)
            assert answer.status_code == 201
