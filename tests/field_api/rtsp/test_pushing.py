"""RTSP in: streams pushed, by programs of others too."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest

from field_api.contract.nal_units import Codec
from field_api.contract.rtp import Packetizer, SenderReport, build_sender_report
from field_api.contract.rtp import describe_video as describe
from field_api.contract.rtsp import (
    interleave,
)
from field_api.links.video.hub import VideoHub
from field_api.links.video.rtsp_server import RtspServer
from tests.field_api.rtsp.peers import (
    NOW_MS,
    SECRET,
    ask,
    basic,
    next_packet,
    peer,
    pushed_by_ffmpeg,
    until,
)


@pytest.mark.parametrize(("encoder", "codec"), [("libx264", "avc1."), ("libx265", "hvc1.")])
async def test_another_program_pushes_a_stream(
    hub: VideoHub, server: RtspServer, encoder: str, codec: str
) -> None:
    viewer = hub.join("cam")
    url = f"rtsp://camera:{SECRET}@127.0.0.1:{server.port}/cam"
    async with pushed_by_ffmpeg(url, encoder):
        first = await next_packet(viewer)
        info = viewer.info
        assert info is not None
        assert info.codec.startswith(codec)
        assert (info.width, info.height) == (320, 180)
        assert first.keyframe
        second = await next_packet(viewer)
        assert second.pts_90k - first.pts_90k == 3600
        assert hub.published("cam")
    await until(lambda: not hub.published("cam"))
    assert viewer.ended


async def test_a_wrong_password_is_refused(hub: VideoHub, server: RtspServer) -> None:
    url = f"rtsp://camera:wrong@127.0.0.1:{server.port}/cam"
    async with pushed_by_ffmpeg(url) as process, asyncio.timeout(20):
        _, words = await process.communicate()
        assert b"401" in words
    assert not hub.published("cam")


@contextlib.asynccontextmanager
async def pushing(
    server: RtspServer, units: list[bytes]
) -> AsyncGenerator[tuple[asyncio.StreamWriter, Packetizer]]:
    sdp = describe(Codec.H264, [], name="x", control="video", payload_type=96).encode()
    async with peer(server) as (reader, writer):
        asked = [
            ("ANNOUNCE", {"Authorization": basic()}, sdp),
            ("SETUP", {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"}, b""),
            ("RECORD", {}, b""),
        ]
        for method, headers, body in asked:
            answer = await ask(reader, writer, method, server, "cam", body, **headers)
            assert answer.status == 200
        yield writer, Packetizer(Codec.H264, 96, 9)


@pytest.mark.parametrize(("off_ms", "told_ms"), [(-700, NOW_MS - 700), (-3_600_000, NOW_MS)])
async def test_pictures_bear_the_cameras_time_where_it_can_be(
    hub: VideoHub, server: RtspServer, units: list[bytes], off_ms: int, told_ms: int
) -> None:
    viewer = hub.join("cam")
    async with pushing(server, units) as (writer, packetizer):
        for number in range(3):
            for packet in packetizer.access_unit(units[number], number * 3600):
                writer.write(interleave(0, packet))
            if number == 1:
                report = SenderReport(9, NOW_MS + off_ms, 2 * 3600)
                writer.write(interleave(1, build_sender_report(report, "camera")))
        got = [await next_packet(viewer) for _ in range(3)]
    assert [bytes(p.access_unit) for p in got] == units[:3]
    assert got[0].t_ms == NOW_MS
    # By arrival it is the least delayed picture that counts: all came at once here.
    assert got[2].t_ms == (told_ms if off_ms == -700 else NOW_MS)


async def test_pictures_after_a_loss_wait_for_a_key_frame(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    viewer = hub.join("cam")
    async with pushing(server, units) as (writer, packetizer):
        for number in range(12):
            made = packetizer.access_unit(units[number], number * 3600)
            for packet in made[number == 4 :]:
                writer.write(interleave(0, packet))
        got = [await next_packet(viewer) for _ in range(6)]
    assert [p.pts_90k // 3600 for p in got] == [0, 1, 2, 3, 10, 11]


async def test_a_stream_of_another_codec_is_refused_with_words(server: RtspServer) -> None:
    sdp = b"v=0\r\nm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"
    async with peer(server) as (reader, writer):
        refused = await ask(reader, writer, "ANNOUNCE", server, "cam", sdp, Authorization=basic())
    assert refused.status == 415
    assert refused.body == b"offered is JPEG; taken are H264 and H265\n"


async def test_a_second_publisher_takes_the_place_of_the_first(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    async with pushing(server, units) as (first, one), pushing(server, units) as (second, two):
        for packet in one.access_unit(units[0], 0):
            first.write(interleave(0, packet))
        await until(lambda: hub.published("cam"))
        viewer = hub.join("cam")
        for packet in two.access_unit(units[0], 90_000):
            second.write(interleave(0, packet))
        while (await next_packet(viewer)).pts_90k != 90_000:
            pass
        for packet in one.access_unit(units[1], 3600):
            first.write(interleave(0, packet))
        for packet in two.access_unit(units[1], 93_600):
            second.write(interleave(0, packet))
        assert (await next_packet(viewer)).pts_90k == 93_600
