"""WHIP: a handheld's camera by WebRTC, watched like any other, never decoded on the way."""

import asyncio
from fractions import Fraction
from typing import Any

import av
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

from field_api.contract.messages import StreamState
from field_api.contract.video_packet import VideoPacket
from field_api.links.video.engines.addresses import offering
from field_api.links.video.engines.peers import h264_only
from field_api.links.video.hub import VideoHub
from field_api.links.video.whip_ingest import WhipIngest
from tests.field_api.pictures import STEP_90K, camera_packets, number_of
from tests.field_api.post import Post

CAMERA = "HT-05-cam"
SDP = {"content-type": "application/sdp"}


class Filming(VideoStreamTrack):
    """A phone's encoder: numbered pictures at 25 a second."""

    def __init__(self, packets: list[VideoPacket]) -> None:
        super().__init__()
        self._packets = iter(packets)

    async def recv(self) -> Any:
        await asyncio.sleep(0.04)
        packet = next(self._packets)
        unit = av.Packet(bytes(packet.access_unit))
        unit.pts, unit.time_base = packet.pts_90k, Fraction(1, 90_000)
        return unit


async def offer_of(packets: list[VideoPacket]) -> tuple[RTCPeerConnection, str]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver(Filming(packets), direction="sendonly")
    transceiver.setCodecPreferences(h264_only())
    with offering(("127.0.0.1",)):
        await peer.setLocalDescription(await peer.createOffer())
    return peer, peer.localDescription.sdp


@pytest.fixture(scope="module")
def packets() -> list[VideoPacket]:
    return camera_packets(400, began_ms=0, key_every=50)


async def test_a_handhelds_picture_comes_whole_and_is_watched_until_it_stops(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    hub = live_post.services.part(VideoHub)
    viewer = hub.join(CAMERA)
    told: asyncio.Queue[StreamState] = asyncio.Queue()
    live_post.services.bus.listen(
        lambda value: told.put_nowait(value.data) if isinstance(value.data, StreamState) else None
    )
    holder = await live_post.sign_in("ht-05")
    peer, offer = await offer_of(packets)
    async with asyncio.timeout(40):
        answer = await holder.post(f"video/{CAMERA}/whip", content=offer, headers=SDP)
        assert answer.status_code == 201, answer.text
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        decoder: Any = av.CodecContext.create("h264", "r")
        seen: list[tuple[int, int]] = []
        while len(seen) < 60:
            await viewer.wake.wait()
            viewer.wake.clear()
            while (packet := viewer.queue.take()) is not None:
                unit = av.Packet(bytes(packet.access_unit))
                unit.pts = packet.pts_90k
                seen += [
                    (number_of(frame.to_ndarray(format="rgb24")), frame.pts)
                    for frame in decoder.decode(unit)
                ]
        # Every picture once, in order, at the distances of the phone's clock.
        first, began = seen[0]
        assert seen == [(first + n, began + n * STEP_90K) for n in range(len(seen))]
        info = hub.info(CAMERA)
        assert info is not None
        assert (info.codec, info.width, info.height) == ("avc1.42c00b", 160, 96)
        # Commanders find it among the streams; the wall is told as by a node.
        staff = await live_post.sign_in("commander")
        (shown,) = (await staff.get("video/streams")).json()
        assert shown["stream_id"] == CAMERA
        state = await told.get()
        assert (state.stream_id, state.state) == (CAMERA, "live")
        where = answer.headers["location"].removeprefix("/api/v1/")
        assert (await holder.delete(where)).status_code == 204
        while state.state != "ended":
            state = await told.get()
        assert not hub.published(CAMERA)
        assert live_post.services.part(WhipIngest).streams() == []
        await peer.close()


async def test_only_its_holder_sends_a_handhelds_picture(
    live_post: Post, packets: list[VideoPacket]
) -> None:
    peer, offer = await offer_of(packets)
    holder = await live_post.sign_in("ht-05")
    other = await holder.post("video/HT-06-cam/whip", content=offer, headers=SDP)
    assert (other.status_code, other.json()["detail"]["code"]) == (403, "not_your_camera")
    staff = await live_post.sign_in("commander")
    assert (await staff.post(f"video/{CAMERA}/whip", content=offer, headers=SDP)).status_code == 403
    nobody = live_post.anonymous()
    assert (
        await nobody.post(f"video/{CAMERA}/whip", content=offer, headers=SDP)
    ).status_code == 401
    await peer.close()


@pytest.mark.parametrize("body", ["", "v=0\r\n", "nonsense"])
async def test_a_bad_offer_is_refused_and_leaves_nothing_behind(live_post: Post, body: str) -> None:
    holder = await live_post.sign_in("ht-05")
    answer = await holder.post(f"video/{CAMERA}/whip", content=body, headers=SDP)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (400, "bad_offer")
    assert live_post.services.part(WhipIngest).streams() == []
