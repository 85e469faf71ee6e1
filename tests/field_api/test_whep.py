"""WebRTC by WHEP: a foreign player on real sockets, pictures that say their number."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from field_api.contract.video_packet import VideoPacket
from field_api.links.video.engines.addresses import offered_addresses, offering
from field_api.links.video.engines.peers import without_mdns
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.viewings import Viewings
from tests.field_api.pictures import STEP_90K, camera_packets, number_of
from tests.field_api.post import Post

STREAM = "XS-U1-cam"
INFO = StreamInfo(stream_id=STREAM, codec="avc1.42c00b", width=160, height=96)
PTS_FROM = 7_000_000_000
BEGAN_MS = 1_700_000_000_000


@pytest.fixture(scope="module")
def packets() -> list[VideoPacket]:
    return camera_packets(500, began_ms=BEGAN_MS, pts_from=PTS_FROM)


@asynccontextmanager
async def filming(post: Post, packets: list[VideoPacket]) -> AsyncGenerator[None]:
    """A camera at 25 pictures a second that is in the middle of a group of pictures."""
    hub = post.services.part(VideoHub)
    source = hub.publish(INFO)
    for packet in packets[:40]:
        hub.put(source, packet)

    async def film() -> None:
        for packet in packets[40:]:
            await asyncio.sleep(0.04)
            hub.put(source, packet)

    task = asyncio.create_task(film())
    try:
        yield
    finally:
        task.cancel()
        hub.end(source)


class Player:
    """A WHEP player that is none of ours."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.addTransceiver("video", direction="recvonly")
        self.track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.peer.on("track", self.track.set_result)

    async def offer(self) -> str:
        with offering(("127.0.0.1",)):
            await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def test_a_foreign_player_sees_the_cameras_pictures_from_the_newest_group_on(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    async with filming(live_post, packets), asyncio.timeout(30):
        player = Player()
        client = await live_post.sign_in("commander")
        answer = await client.post(
            f"video/{STREAM}/whep",
            content=await player.offer(),
            headers={"content-type": "application/sdp"},
        )
        assert answer.status_code == 201, answer.text
        where = answer.headers["location"].removeprefix("/api/v1/")
        await player.take(answer.text)
        track = await player.track
        numbers: list[int] = []
        stamps: list[int] = []
        while len(numbers) < 60:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame)
            assert frame.pts is not None
            numbers.append(number_of(frame.to_ndarray(format="rgb24")))
            stamps.append(frame.pts)
        # The group that was running when it joined, from its key frame on, and every one after it.
        assert numbers[0] % 25 == 0
        assert numbers == list(range(numbers[0], numbers[0] + 60))
        # After the opening group the distances are the camera's own; which picture a frame is the
        # clock says (tests/browser checks it where frames tell their RTP time).
        steady = stamps[-30:]
        assert {b - a for a, b in itertools.pairwise(steady)} == {STEP_90K}
        clock = (await client.get(f"{where}/clock")).json()
        assert (clock["pts_90k"] - PTS_FROM) % STEP_90K == 0
        assert clock["t_ms"] == BEGAN_MS + (clock["pts_90k"] - PTS_FROM) // 90
        assert (await client.delete(where)).status_code == 204
        assert live_post.services.part(Viewings).engine.sessions() == 0
        assert live_post.services.part(VideoHub).viewer_count(STREAM) == 0
        await player.peer.close()


async def test_nothing_is_shown_without_a_session(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    async with filming(live_post, packets):
        offer = await Player().offer()
        headers = {"content-type": "application/sdp"}
        path = f"video/{STREAM}/whep"
        anonymous = await live_post.anonymous().post(path, content=offer, headers=headers)
        assert anonymous.status_code == 401
        client = await live_post.sign_in("commander")
        unknown = await client.post("video/no-such/whep", content=offer, headers=headers)
        assert unknown.status_code == 404
        inspector = await live_post.sign_in("ht-05")
        assert (await inspector.post(path, content=offer, headers=headers)).status_code == 404


async def test_a_token_opens_its_stream_alone(live_post: Post, packets: list[VideoPacket]) -> None:
    async with filming(live_post, packets):
        client = await live_post.sign_in("commander")
        given = await client.post(f"video/{STREAM}/tokens")
        assert given.status_code == 201
        token = given.json()["token"]
        headers = {"content-type": "application/sdp"}
        offer = await Player().offer()
        stranger = live_post.anonymous()
        other = f"video/XS-U2-cam/whep?token={token}"
        assert (await stranger.post(other, content=offer, headers=headers)).status_code == 401
        own = f"video/{STREAM}/whep?token={token}"
        assert (await stranger.post(own, content=offer, headers=headers)).status_code == 201


@pytest.mark.parametrize(
    "body", ["", "no sdp", "v=0\r\n", "v=0\r\nm=video 9 X 1\r\n", "\x00\xff" * 50]
)
async def test_a_bad_offer_is_refused_with_words(
    live_post: Post, packets: list[VideoPacket], body: str
) -> None:
    async with filming(live_post, packets):
        client = await live_post.sign_in("commander")
        answer = await client.post(
            f"video/{STREAM}/whep", content=body, headers={"content-type": "application/sdp"}
        )
        assert answer.status_code == 400
        assert answer.json()["detail"]["code"] == "bad_offer"
        assert live_post.services.part(Viewings).engine.sessions() == 0


def test_candidates_hidden_behind_names_are_left_out() -> None:
    hidden = "a=candidate:1 1 udp 1 abc-1.local 50000 typ host"
    sdp = f"v=0\n{hidden}\na=candidate:2 1 udp 1 10.0.0.1 9 typ host\n"
    assert without_mdns(sdp) == "v=0\r\na=candidate:2 1 udp 1 10.0.0.1 9 typ host\r\n"


@pytest.mark.parametrize(
    ("listens_on", "chosen", "offered"),
    [
        ("127.0.0.1", [], ("127.0.0.1",)),
        ("localhost", [], ("127.0.0.1",)),
        ("0.0.0.0", [], ()),
        ("::", [], ()),
        ("post.example", [], ()),
        ("0.0.0.0", ["10.1.2.3"], ("10.1.2.3",)),
    ],
)
def test_webrtc_is_offered_where_the_post_listens(
    listens_on: str, chosen: list[str], offered: tuple[str, ...]
) -> None:
    assert offered_addresses(listens_on, chosen) == offered
