"""The video relay: packets, queues, sockets."""

import asyncio
import contextlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from field_api.contract.packet_queue import PacketQueue
from field_api.contract.video_packet import HEADER_BYTES, PacketError, VideoPacket, parse_packet
from field_api.core.exchange import Alone
from field_api.links.video.hub import StreamInfo, VideoHub
from tests.field_api.post import Post

INFO = StreamInfo(stream_id="XS-U1-cam", codec="avc1.42c01f", width=1280, height=720)


def wire(number: int, *, key: bool) -> bytes:
    header = struct.pack(">BBHqQ", 1, int(key), 20, number * 6000, 1_700_000_000_000 + number)
    return header + b"\x00\x00\x00\x01" + bytes([0x67 if key else 0x41]) + b"x" * 20


def packet(number: int, *, key: bool) -> VideoPacket:
    return parse_packet(wire(number, key=key))


def test_header_is_read_and_the_packet_kept_as_it_came() -> None:
    data = wire(3, key=True)
    parsed = parse_packet(data)
    assert (parsed.keyframe, parsed.pts_90k, parsed.t_ms) == (True, 18000, 1_700_000_000_003)
    assert parsed.data is data


@given(st.binary(max_size=60))
def test_garbage_never_does_more_than_be_refused(data: bytes) -> None:
    with contextlib.suppress(PacketError):
        assert len(parse_packet(data).data) > HEADER_BYTES


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x01" * 20, "more than 20 bytes"),
        (b"\x02" + wire(0, key=True)[1:], "version 2"),
        (wire(0, key=True)[:20] + b"no start code", "Annex B"),
        (wire(0, key=True)[:2] + b"\xff\xff" + wire(0, key=True)[4:], "header length"),
    ],
)
def test_a_wrong_packet_says_what_is_wrong(data: bytes, says: str) -> None:
    with pytest.raises(PacketError, match=says):
        parse_packet(data)


@given(
    st.lists(
        st.one_of(st.booleans().map(lambda key: ("put", key)), st.just(("take", False))),
        max_size=200,
    ),
    st.integers(2, 30),
)
def test_a_viewer_can_always_decode_what_it_is_sent(
    steps: list[tuple[str, bool]], limit: int
) -> None:
    queue = PacketQueue(limit)
    number = 0
    sent: list[VideoPacket] = []
    keys: dict[int, int] = {}
    newest_key = -1
    for action, key in steps:
        if action == "put":
            if key:
                newest_key = number
            keys[number] = newest_key
            queue.put(packet(number, key=key))
            number += 1
            assert len(queue) <= limit
        elif (one := queue.take()) is not None:
            sent.append(one)
    previous = None
    for one in sent:
        index = one.pts_90k // 6000
        # A picture follows the one before it, or begins anew at a key frame.
        assert one.keyframe or previous == index - 1
        assert keys[index] >= 0
        previous = index


def test_a_late_joiner_starts_with_the_present_group_of_pictures() -> None:
    hub = VideoHub(Alone(), backlog_packets=30)
    source = hub.publish(INFO)
    for number in range(20):
        hub.put(source, packet(number, key=number % 8 == 0))
    viewer = hub.join("XS-U1-cam")
    got = [one.pts_90k // 6000 for one in iter(viewer.queue.take, None)]
    assert got == [16, 17, 18, 19]
    assert viewer.info == INFO


def test_who_wants_every_picture_gets_it_however_late() -> None:
    hub = VideoHub(Alone(), backlog_packets=12)
    source = hub.publish(INFO)
    recorder, viewer = hub.join("XS-U1-cam", backlog_packets=1000), hub.join("XS-U1-cam")
    for number in range(500):
        hub.put(source, packet(number, key=number % 25 == 0))
    got = [one.pts_90k // 6000 for one in iter(recorder.queue.take, None)]
    assert got == list(range(500))
    assert len(viewer.queue) <= 25


def test_a_new_publisher_replaces_the_old_and_viewers_start_anew() -> None:
    hub = VideoHub(Alone(), backlog_packets=30)
    old = hub.publish(INFO)
    viewer = hub.join("XS-U1-cam")
    hub.put(old, packet(0, key=True))
    new = hub.publish(INFO)
    assert old.replaced.is_set()
    hub.put(old, packet(1, key=True))
    hub.put(new, packet(7, key=False))
    assert viewer.queue.take() is None
    hub.put(new, packet(8, key=True))
    first = viewer.queue.take()
    assert first is not None
    assert first.pts_90k == 8 * 6000
    hub.end(old)
    assert hub.published("XS-U1-cam")


def test_a_camera_without_key_frames_fills_no_memory() -> None:
    hub = VideoHub(Alone(), backlog_packets=30)
    source = hub.publish(INFO)
    for number in range(1000):
        hub.put(source, packet(number, key=number == 0))
    assert len(hub.join("XS-U1-cam").queue) == 0


async def play(post: Post, stream_id: str = "XS-U1-cam") -> ClientConnection:
    return await connect(
        f"{post.base_url.replace('http', 'ws')}/api/v1/video/{stream_id}/play",
        additional_headers={"Authorization": f"Bearer {await post.token('commander')}"},
        compression=None,
    )


async def publish(post: Post, token: str) -> ClientConnection:
    return await connect(
        f"{post.base_url.replace('http', 'ws')}/api/v1/video/XS-U1-cam/publish",
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
    )


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


async def test_packets_are_relayed_unchanged_to_every_viewer(live_post: Post) -> None:
    token = live_post.enrol("vision-1", "vision")
    async with await publish(live_post, token) as camera:
        await camera.send(INFO.model_dump_json())
        await camera.send(wire(0, key=True))
        async with await play(live_post) as one, await play(live_post) as two:
            for viewer in (one, two):
                assert json.loads(await viewer.recv()) == INFO.model_dump()
                assert await viewer.recv() == wire(0, key=True)
            for number in range(1, 10):
                await camera.send(wire(number, key=False))
            for viewer in (one, two):
                for number in range(1, 10):
                    assert await viewer.recv() == wire(number, key=False)


async def test_a_viewer_may_come_before_the_camera(live_post: Post) -> None:
    token = live_post.enrol("vision-1", "vision")
    async with await play(live_post) as viewer, await publish(live_post, token) as camera:
        await camera.send(INFO.model_dump_json())
        await camera.send(wire(0, key=True))
        assert json.loads(await viewer.recv())["stream_id"] == "XS-U1-cam"
        assert await viewer.recv() == wire(0, key=True)


@pytest.mark.parametrize("kind", ["", "fleet"])
async def test_only_a_vision_node_may_publish(live_post: Post, kind: str) -> None:
    token = live_post.enrol("node-1", kind) if kind else "xsn_wrong"
    async with await publish(live_post, token) as camera:
        assert await close_code(camera) == 4401


@pytest.mark.parametrize("first", ["{}", '{"stream_id":"other"}', "not json"])
async def test_a_wrong_beginning_is_refused(live_post: Post, first: str) -> None:
    async with await publish(live_post, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(first)
        assert await close_code(camera) == 4400
    assert not live_post.services.part(VideoHub).published("XS-U1-cam")


async def test_a_wrong_packet_ends_the_publisher(live_post: Post) -> None:
    async with await publish(live_post, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(INFO.model_dump_json())
        await camera.send(b"not a packet, but long enough to be one")
        assert await close_code(camera) == 4400
    # And text where bytes belong does not harm anyone either.
    async with await publish(live_post, live_post.enrol("vision-1", "vision")) as camera:
        await camera.send(INFO.model_dump_json())
        await camera.send("text")
        await close_code(camera)
    assert (await live_post.anonymous().get("health")).status_code == 200


async def test_viewers_must_be_signed_in_and_streams_known(live_post: Post) -> None:
    url = f"{live_post.base_url.replace('http', 'ws')}/api/v1/video/XS-U1-cam/play"
    async with connect(url) as socket:
        assert await close_code(socket) == 4401
    async with await play(live_post, "no-such-camera") as socket:
        assert await close_code(socket) == 4404
    assert live_post.services.part(VideoHub).viewer_count("XS-U1-cam") == 0


class Told(Alone):
    """An exchange that writes down what is told."""

    def __init__(self) -> None:
        super().__init__()
        self.alone = False
        self.said: list[tuple[str, bytes]] = []

    def tell(self, subject: str, data: bytes) -> None:
        self.said.append((subject, data))


def test_a_rendition_is_this_workers_own() -> None:
    """Others were told of the small picture as if it were the camera's, whenever a worker came."""
    exchange = Told()
    hub = VideoHub(exchange, backlog_packets=30)
    source = hub.publish(INFO)
    small = hub.publish(INFO.model_copy(update={"width": 640, "height": 360}), rendition="~low")
    exchange.said.clear()
    hub.tell_all()
    assert [json.loads(data) for _, data in exchange.said] == [INFO.model_dump()]
    exchange.said.clear()
    hub.put(small, packet(0, key=True))
    hub.end(small)
    assert exchange.said == []
    hub.put(source, packet(0, key=True))
    assert [subject for subject, _ in exchange.said] == [f"video.{INFO.stream_id}"]
    assert hub.streams() == [INFO]
