"""Janus as the engine: a real one, watched by a real WebRTC client."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import aioice.ice
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from playwright.async_api import async_playwright

from field_api.contract.nal_units import Codec, annex_b, nal_units
from field_api.contract.video_packet import pack_packet
from field_api.core.exchange import Alone
from field_api.links.video.engines.engine import EngineError
from field_api.links.video.engines.janus import JanusEngine
from field_api.links.video.engines.peers import h264_only
from field_api.links.video.hub import StreamInfo, VideoHub
from field_api.links.video.renditions import Renditions
from tests.field_api.janus_server import SECRET, janus
from tests.vision.rtsp_peer import film

OWN_ADDRESSES = aioice.ice.get_host_addresses(True, False)
beyond_loopback = pytest.mark.skipif(
    not OWN_ADDRESSES, reason="only loopback here, and Janus passes over loopback addresses"
)
INFO = StreamInfo(stream_id="cam", codec="avc1.42c01f", width=320, height=180)


@pytest.fixture
async def hub() -> AsyncGenerator[VideoHub]:
    """A hub with a camera that shows the same film again and again."""
    made = VideoHub(Alone(), backlog_packets=30)
    units = [annex_b(nal_units(u)) for u in film(Codec.H264, 40)]
    source = made.publish(INFO)

    async def send() -> None:
        number = 0
        while True:
            packet = pack_packet(
                units[number % 40],
                keyframe=number % 10 == 0,
                pts_90k=number * 3600,
                t_ms=number * 40,
            )
            made.put(source, packet)
            number += 1
            await asyncio.sleep(0.04)

    sending = asyncio.create_task(send())
    yield made
    sending.cancel()


async def watched(engine: JanusEngine, stream_id: str = "cam") -> tuple[RTCPeerConnection, str]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    video = peer.addTransceiver("video", direction="recvonly")
    video.setCodecPreferences(h264_only())
    # Janus passes over loopback: both meet at this machine's own addresses.
    await peer.setLocalDescription(await peer.createOffer())
    answer = await engine.answer(stream_id, peer.localDescription.sdp, "full")
    await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
    return peer, answer.session_id


async def pictures(peer: RTCPeerConnection, count: int) -> list[np.ndarray]:
    track = peer.getTransceivers()[0].receiver.track
    async with asyncio.timeout(20):
        return [(await track.recv()).to_ndarray(format="rgb24") for _ in range(count)]


@beyond_loopback
async def test_viewers_are_shown_a_stream_by_janus(hub: VideoHub, tmp_path: Path) -> None:
    async with janus(tmp_path) as url:
        engine = JanusEngine(Renditions(hub, 0), url, SECRET)
        one, first = await watched(engine)
        two, second = await watched(engine)
        seen = await pictures(one, 15)
        assert {picture.shape for picture in seen} == {(180, 320, 3)}
        # The film is uniform but for a bar; no two pictures of it are the same.
        levels = [int(np.median(picture)) for picture in seen]
        assert len(set(levels)) > 10
        assert await pictures(two, 3)
        assert engine.sessions() == 2
        assert hub.viewer_count("cam") == 1, "one feed for both"
        await engine.hang_up(first)
        await one.close()
        assert await pictures(two, 3)
        await two.close()
        async with asyncio.timeout(20):
            await engine.ended(second)
            while hub.viewer_count("cam"):  # noqa: ASYNC110 - the last step tells nobody
                await asyncio.sleep(0.01)
        assert engine.sessions() == 0
        await engine.close()


WATCH = """async () => {
  const peer = new RTCPeerConnection();
  // Players ask for sound too; it is refused.
  peer.addTransceiver("audio", { direction: "recvonly" });
  peer.addTransceiver("video", { direction: "recvonly" });
  const video = document.createElement("video");
  video.muted = video.autoplay = true;
  document.body.append(video);
  peer.ontrack = (event) => {
    if (event.track.kind === "video") video.srcObject = new MediaStream([event.track]);
  };
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
  const sdp = await whep(peer.localDescription.sdp);
  await peer.setRemoteDescription({ type: "answer", sdp });
  await new Promise((resolve) => {
    let count = 0;
    const shown = () => (++count >= 10 ? resolve() : video.requestVideoFrameCallback(shown));
    video.requestVideoFrameCallback(shown);
  });
  return [video.videoWidth, video.videoHeight];
}"""


@beyond_loopback
@pytest.mark.browser
async def test_a_browser_is_shown_a_stream_by_janus(hub: VideoHub, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        assert "CI" not in os.environ, "the package chromium is missing"
        pytest.skip("the package chromium is missing")
    async with janus(tmp_path) as url, async_playwright() as program:
        engine = JanusEngine(Renditions(hub, 0), url, SECRET)
        flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        browser = await program.chromium.launch(executable_path=chromium, args=flags)
        page = await browser.new_page()

        async def whep(offer: str) -> str:
            return (await engine.answer("cam", offer, "full")).sdp

        await page.expose_function("whep", whep)
        async with asyncio.timeout(40):
            assert await page.evaluate(WATCH) == [320, 180]
        await browser.close()
        await engine.close()


async def test_what_cannot_be_is_said(hub: VideoHub, tmp_path: Path) -> None:
    async with janus(tmp_path) as url:
        engine = JanusEngine(Renditions(hub, 0), url, "wrong")
        with pytest.raises(EngineError, match="Janus refuses create: Unauthorized"):
            await watched(engine)
        await engine.close()
        engine = JanusEngine(Renditions(hub, 0), url, SECRET)
        with pytest.raises(EngineError):
            await engine.answer("cam", "no offer", "full")
        with pytest.raises(EngineError, match="asks for no video"):
            await engine.answer("cam", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "full")
        await engine.close()
    engine = JanusEngine(Renditions(hub, 0), url, SECRET)
    with pytest.raises(EngineError, match="does not answer"):
        await watched(engine)
    await engine.close()
    assert hub.viewer_count("cam") == 0
