"""Live video over a WebSocket: as fragments of MP4, in a smaller size, into a slow line."""

import asyncio
import io
import json
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect

from field_api.contract.video_packet import VideoPacket, parse_packet
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.live_fmp4 import FragmentsBegin, LiveFragments
from field_api.links.video.renditions import Renditions
from field_api.links.video.send_window import SendWindow
from tests.field_api.pictures import STEP_90K, camera_packets, number_of
from tests.field_api.post import Post

STREAM = "XS-U1-cam"
INFO = StreamInfo(stream_id=STREAM, codec="avc1.42c00b", width=160, height=96)
BEGAN_MS = 1_700_000_000_000
PTS_FROM = 9_000_000


@pytest.fixture(scope="module")
def packets() -> list[VideoPacket]:
    return camera_packets(100, began_ms=BEGAN_MS, pts_from=PTS_FROM)


async def play(post: Post, query: str) -> ClientConnection:
    return await connect(
        f"{post.base_url.replace('http', 'ws')}/api/v1/video/{STREAM}/play?{query}",
        additional_headers={"Authorization": f"Bearer {await post.token('commander')}"},
        compression=None,
    )


def pictures_of(data: bytes) -> list[tuple[int, int]]:
    """Number and media time of every picture of an MP4."""
    with av.open(io.BytesIO(data), "r") as container:
        return [
            (number_of(frame.to_ndarray(format="rgb24")), frame.pts or 0)
            for frame in container.decode(video=0)
        ]


async def test_fragments_hold_every_picture_at_its_own_time(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    hub = live_post.services.part(VideoHub)
    source = hub.publish(INFO)
    for packet in packets[:30]:
        hub.put(source, packet)
    async with await play(live_post, "form=fmp4") as socket, asyncio.timeout(20):
        begin = FragmentsBegin.model_validate(json.loads(await socket.recv()))
        # Media time counts from the first picture anybody asked for, here number 25.
        assert begin.base_90k == PTS_FROM + 25 * STEP_90K
        assert begin.base_t_ms == BEGAN_MS + 25 * 40
        assert (begin.codec, begin.width, begin.height) == ("avc1.42c00b", 160, 96)
        parts = [await socket.recv() for _ in range(6)]
        for packet in packets[30:60]:
            hub.put(source, packet)
            parts.append(await socket.recv())
        data = b"".join(part for part in parts if isinstance(part, bytes))
        assert pictures_of(data) == [(25 + n, n * STEP_90K) for n in range(35)]


async def test_all_viewers_are_given_the_same_fragments(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    hub = live_post.services.part(VideoHub)
    source = hub.publish(INFO)
    for packet in packets[:10]:
        hub.put(source, packet)
    async with await play(live_post, "form=fmp4") as early, asyncio.timeout(20):
        begun = await early.recv()
        first = [await early.recv() for _ in range(11)]
        for packet in packets[10:40]:
            hub.put(source, packet)
            first.append(await early.recv())
        async with await play(live_post, "form=fmp4") as late:
            assert await late.recv() == begun
            second = [await late.recv() for _ in range(16)]
    # The late one begins at the newest key frame, number 25, at its own media time.
    assert second == [first[0], *first[26:41]]
    data = b"".join(_bytes(part) for part in second)
    assert pictures_of(data) == [(n, n * STEP_90K) for n in range(25, 40)]


def test_a_camera_whose_clock_begins_anew_begins_the_players_anew(
    packets: list[VideoPacket],
) -> None:
    fragments = LiveFragments(INFO)
    assert fragments.of(packets[26]) is None
    first = [fragments.of(packet) for packet in packets[25:50]]
    again = [fragments.of(packet) for packet in packets[0:25]]
    begins = []
    for parts in (first, again):
        made = [part for part in parts if part is not None]
        assert {part.begin.base_90k for part in made} == {made[0].begin.base_90k}
        begins.append(made[0].begin.base_90k)
        data = made[0].init + b"".join(part.data for part in made)
        assert [time for _, time in pictures_of(data)] == [n * STEP_90K for n in range(25)]
    assert begins == [PTS_FROM + 25 * STEP_90K, PTS_FROM]
    # Whoever is behind is given what was made.
    assert fragments.of(packets[30]) is first[5]


async def test_the_small_size_is_made_once_for_all_and_keeps_the_cameras_times(
    live_post: Post,
) -> None:
    large = [
        parse_packet(packet.data)
        for packet in camera_packets(
            50, began_ms=BEGAN_MS, pts_from=PTS_FROM, width=1280, height=720
        )
    ]
    hub = live_post.services.part(VideoHub)
    source = hub.publish(INFO.model_copy(update={"width": 1280, "height": 720}))
    for packet in large[:25]:
        hub.put(source, packet)
    async with (
        await play(live_post, "size=low") as one,
        await play(live_post, "size=low") as two,
        asyncio.timeout(20),
    ):
        seen: list[list[tuple[int, int]]] = []
        for socket in (one, two):
            info = json.loads(await socket.recv())
            assert (info["width"], info["height"]) == (640, 360)
        assert live_post.services.part(Renditions).made() == [f"{STREAM}~low"]
        for packet in large[25:]:
            hub.put(source, packet)
            await asyncio.sleep(0.002)
        for socket in (one, two):
            decoder = av.CodecContext.create("h264", "r")
            shown: list[tuple[int, int]] = []
            while not shown or shown[-1][0] < 48:
                packet = parse_packet(_bytes(await socket.recv()))
                unit = av.Packet(bytes(packet.access_unit))
                unit.pts = packet.pts_90k
                for frame in decoder.decode(unit):  # pyright: ignore[reportAttributeAccessIssue]
                    number = number_of(frame.to_ndarray(format="rgb24"))
                    shown.append((number, int(frame.pts or 0)))
                assert packet.t_ms == BEGAN_MS + (packet.pts_90k - PTS_FROM) // 90
            seen.append(shown)
        for shown in seen:
            # Half as many pictures, each still the one its time stamp says.
            assert all(pts == PTS_FROM + number * STEP_90K for number, pts in shown)
            assert len(shown) <= 30
    assert hub.viewer_count(f"{STREAM}~low") == 0


def _bytes(message: Any) -> bytes:
    assert isinstance(message, bytes)
    return message


async def test_a_viewer_that_says_what_it_saw_is_shown_the_newest_and_not_the_past(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    """The line between takes everything; only the viewer's word tells that nothing arrives."""
    hub = live_post.services.part(VideoHub)
    source = hub.publish(INFO)
    hub.put(source, packets[0])
    async with await play(live_post, "form=packets") as socket, asyncio.timeout(20):
        await socket.recv()
        await socket.recv()
        await socket.send('{"seen": 1}')
        hub.put(source, packets[1])
        await socket.recv()
        # From here on it says nothing for longer than the window is.
        await asyncio.sleep(0.5)
        for packet in packets[2:80]:
            hub.put(source, packet)
            await asyncio.sleep(0)
        await socket.send('{"seen": 2}')
        first = parse_packet(_bytes(await socket.recv()))
        assert first.keyframe
        assert first.pts_90k >= PTS_FROM + 75 * STEP_90K


@pytest.mark.parametrize("word", ["", "x", "{}", '{"seen": -1}', '{"seen": 1e99}', "[]", "{" * 500])
async def test_a_viewers_word_that_is_none_changes_nothing(
    live_post: Post, packets: list[VideoPacket], word: str
) -> None:
    hub = live_post.services.part(VideoHub)
    source = hub.publish(INFO)
    hub.put(source, packets[0])
    async with await play(live_post, "") as socket, asyncio.timeout(20):
        await socket.recv()
        await socket.recv()
        await socket.send(word)
        hub.put(source, packets[1])
        assert parse_packet(_bytes(await socket.recv())).pts_90k == packets[1].pts_90k


@pytest.mark.parametrize("query", ["form=mjpeg", "size=huge"])
async def test_other_forms_and_sizes_are_refused(live_post: Post, query: str) -> None:
    with pytest.raises(Exception, match=r"403|1008|rejected"):
        await play(live_post, query)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sent"), st.integers(0, 50)),
            st.tuples(st.just("seen"), st.integers(-5, 300)),
        ),
        max_size=100,
    )
)
def test_a_window_is_shut_only_by_what_is_old_and_unseen(steps: list[tuple[str, int]]) -> None:
    window = SendWindow(400)
    now_ms, sent, seen, told = 0, 0, 0, False
    times: list[int] = []
    for what, amount in steps:
        if what == "sent":
            now_ms += amount
            window.sent(now_ms)
            times.append(now_ms)
            sent += 1
        else:
            told = True
            window.seen(amount)
            seen = max(seen, min(sent, max(0, amount)))
        old = [t for t in times[seen:] if now_ms - t > 400]
        assert window.is_open(now_ms) == (not told or not old)


def test_a_viewer_that_never_says_anything_is_sent_everything() -> None:
    window = SendWindow(400)
    for n in range(5000):
        window.sent(n * 40)
    assert window.is_open(10_000_000)
