"""Live fan-out: the client's queue, and the socket."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from field_api.contract.messages import FrameBoxes, LinkState, VehicleState
from field_api.core.access import Viewer
from field_api.core.roles import Role
from field_api.declared import FEATURES
from field_api.features.flights import VEHICLE_STATE
from field_api.links.browsers.hub import Browsers
from field_api.links.browsers.messages import live_adapter
from field_api.links.browsers.queue import BOXES_KEPT, ClientQueue, Shared
from field_api.links.video import FRAME_BOXES
from tests.field_api.post import Post, incident_body, messages_of

ADAPTER = live_adapter(FEATURES)


def shared(text: str) -> Shared:
    return Shared(lambda: text)


@given(st.lists(st.one_of(st.tuples(st.sampled_from("abc"), st.integers()), st.none())))
def test_the_newest_value_of_each_key_is_sent_and_no_older_one_after_it(
    steps: list[tuple[str, int] | None],
) -> None:
    queue, newest, sent = ClientQueue(10), dict[str, str](), dict[str, str]()
    for step in [*steps, None]:
        if step is None:
            texts = queue.take()
            assert len({text[0] for text in texts}) == len(texts)
            sent |= {text[0]: text for text in texts}
            assert sent == newest
        else:
            newest[step[0]] = f"{step[0]}{step[1]}"
            queue.put_value(step[0], shared(newest[step[0]]))


@given(st.lists(st.integers(), max_size=30))
def test_events_arrive_in_order_or_the_client_is_ended(values: list[int]) -> None:
    queue = ClientQueue(20)
    for value in values:
        queue.put_event(shared(str(value)))
    assert queue.overflowed == (len(values) > 20)
    assert queue.take() == [str(value) for value in values[:20]]


def test_boxes_drop_the_oldest() -> None:
    queue = ClientQueue(20)
    for number in range(BOXES_KEPT + 5):
        queue.put_boxes("s", shared(str(number)))
    assert queue.take() == [str(number) for number in range(5, BOXES_KEPT + 5)]


async def test_a_message_is_put_into_text_once_for_all_clients(post: Post) -> None:
    hub = post.services.part(Browsers)
    clients = [hub.join("x", Viewer(Role.COMMANDER)) for _ in range(3)]
    tell(post, vehicle(1))
    texts = [client.queue.take()[0] for client in clients]
    assert texts[0] is texts[1] is texts[2]


def vehicle(t_ms: int) -> VehicleState:
    return VehicleState(vehicle_id="XS-U1", t_ms=t_ms, link=LinkState.LIVE)


def tell(post: Post, state: VehicleState) -> None:
    post.services.bus.publish(VEHICLE_STATE, state.key, state)


async def open_live(post: Post, username: str) -> ClientConnection:
    return await connect(
        post.base_url.replace("http", "ws") + "/api/v1/live",
        additional_headers={"Authorization": f"Bearer {await post.token(username)}"},
    )


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        async for message in messages_of(socket):
            if message["type"] == kind:
                return message["data"]
    raise AssertionError(f"the socket was closed before a {kind} came")


async def test_snapshot_then_changes_in_the_documented_form(live_post: Post) -> None:
    duty = await live_post.sign_in("duty")
    known = await live_post.open_incident()
    async with await open_live(live_post, "commander") as socket:
        messages = messages_of(socket)
        first = await anext(messages)
        assert first["type"] == "snapshot"
        assert [r["id"] for r in first["data"]["records"] if r["type"] == "incident"] == [known]
        ADAPTER.validate_python(first)
        body = incident_body(title="第二起")
        await duty.post("incidents", json=body)
        seen: dict[str, Any] = {}
        async with asyncio.timeout(10):
            while not {"incident", "timeline"} <= seen.keys():
                message = await anext(messages)
                ADAPTER.validate_python(message)
                seen[message["type"]] = message["data"]
        assert seen["incident"]["id"] == body["id"]
        assert seen["timeline"]["action"] == "incident.opened"


async def test_boxes_reach_the_browser_and_vehicles_are_in_later_snapshots(
    live_post: Post,
) -> None:
    async with await open_live(live_post, "commander") as socket:
        await next_of(socket, "snapshot")
        tell(live_post, vehicle(5))
        boxes = FrameBoxes(stream_id="s", pts_90k=3, t_ms=1)
        live_post.services.bus.publish(FRAME_BOXES, boxes.key, boxes)
        assert (await next_of(socket, "frame_boxes"))["pts_90k"] == 3
    async with await open_live(live_post, "commander") as socket:
        snapshot = await next_of(socket, "snapshot")
        states = [v["data"] for v in snapshot["values"] if v["type"] == "vehicle_state"]
        assert [state["t_ms"] for state in states] == [5]


async def test_fast_telemetry_is_coalesced(live_post: Post) -> None:
    async with await open_live(live_post, "commander") as socket:
        await next_of(socket, "snapshot")
        received: list[int] = []
        for t_ms in range(50):
            tell(live_post, vehicle(t_ms))
        while not received or received[-1] != 49:
            received.append((await next_of(socket, "vehicle_state"))["t_ms"])
        assert len(received) < 5


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def test_nobody_is_closed_and_a_guest_of_no_incident_sees_nothing(live_post: Post) -> None:
    await live_post.open_incident()
    url = live_post.base_url.replace("http", "ws") + "/api/v1/live"
    async with connect(url) as socket:
        assert await close_code(socket) == 4401
    guest = {"Authorization": f"Bearer {live_post.add_guest()}"}
    async with connect(url, additional_headers=guest) as socket:
        assert (await next_of(socket, "snapshot"))["records"] == []


async def test_sign_out_closes_the_socket(live_post: Post) -> None:
    async with await open_live(live_post, "duty") as socket:
        await next_of(socket, "snapshot")
        await (await live_post.sign_in("duty")).delete("session")
        assert await close_code(socket) == 4401


async def test_a_foreign_page_can_not_connect(live_post: Post) -> None:
    url = live_post.base_url.replace("http", "ws") + "/api/v1/live"
    cookie = {"Cookie": f"xunshan_session={await live_post.token('duty')}"}
    with pytest.raises(Exception, match="403"):
        await connect(url, additional_headers=cookie, origin="https://elsewhere.example")
    own = live_post.base_url
    async with connect(url, additional_headers=cookie, origin=own) as socket:
        await next_of(socket, "snapshot")


async def test_a_client_that_does_not_read_is_ended(live_post: Post) -> None:
    async with await open_live(live_post, "commander") as socket:
        await next_of(socket, "snapshot")
        hub = live_post.services.part(Browsers)
        client = next(iter(hub._clients))  # pyright: ignore[reportPrivateUsage]
        for _ in range(live_post.services.settings.live_backlog + 1):
            client.queue.put_event(shared("{}"))
        client.wake.set()
        assert await close_code(socket) == 4408
    assert hub.client_count == 0
