"""The relay, H.264 access units, the newest-frame mailbox and the capture clock."""

import asyncio
import json
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from field_api.contract.access_units import AccessUnitFormer
from field_api.contract.capture_clock import CaptureClock
from field_api.contract.nal_units import codec_name, nal_units
from field_api.contract.video_packet import parse_packet
from vision.decoding import DecodedFrame
from vision.mailbox import NewestFrames
from vision.relay import StreamFormat, VideoRelay
from vision.source_events import AccessUnit

SPS, PPS = b"\x67\x42\xc0\x1f\xda", b"\x68\xce\x3c\x80"
IDR, SLICE, AUD = b"\x65\x88\x80\x10", b"\x41\x9b\x01\x02", b"\x09\xf0"
START = b"\x00\x00\x00\x01"


def stream(*units: bytes) -> bytes:
    return b"".join(START + u for u in units)


async def test_a_new_picture_format_is_announced_before_its_first_key_frame() -> None:
    received: list[str] = []
    arrived = asyncio.Event()

    async def post(socket: ServerConnection) -> None:
        async for message in socket:
            if isinstance(message, str):
                received.append(f"width {json.loads(message)['width']}")
            else:
                packet = parse_packet(message)
                received.append(f"{'key' if packet.keyframe else 'picture'} {packet.pts_90k}")
            arrived.set()

    async def until(count: int) -> None:
        async with asyncio.timeout(10):
            while len(received) < count:
                arrived.clear()
                await arrived.wait()

    async with serve(post, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        relay = VideoRelay(f"ws://127.0.0.1:{port}", "XS-U1-cam", "vision-1", "token")
        running = asyncio.create_task(relay.run())
        small, large = StreamFormat("avc1.42c01f", 640, 360), StreamFormat("avc1.42c01f", 1280, 720)
        relay.publish(AccessUnit(1, 0, True, stream(SPS, PPS, IDR)), 1000, small)
        await until(2)
        relay.publish(AccessUnit(2, 0, True, stream(SPS, PPS, IDR)), 1040, large)
        relay.publish(AccessUnit(3, 0, False, stream(SLICE)), 1080, large)
        await until(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert received == ["width 640", "key 1", "width 1280", "key 2", "picture 3"]


def test_parameter_sets_are_put_before_key_frames_that_lack_them() -> None:
    former = AccessUnitFormer()
    assert former.form(stream(IDR)) is None
    former.configure(stream(SPS, PPS))
    formed = former.form(stream(AUD, IDR))
    assert formed is not None
    assert formed[1]
    assert [u[0] & 31 for u in nal_units(formed[0])] == [7, 8, 9, 5]
    assert former.form(stream(SPS, PPS, IDR)) == (stream(SPS, PPS, IDR), True)
    assert former.form(stream(SLICE)) == (stream(SLICE), False)
    assert former.form(stream(AUD)) is None
    assert codec_name(SPS) == "avc1.42c01f"


@given(st.binary(max_size=200))
def test_any_bytes_are_split_without_an_error(data: bytes) -> None:
    former = AccessUnitFormer()
    formed = former.form(data)
    assert formed is None or formed[0].endswith(data)


def frame(pts: int) -> DecodedFrame:
    import av

    return DecodedFrame(pts, 0, av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8)))


def test_only_the_newest_picture_waits_and_streams_take_turns() -> None:
    now = [0.0]
    mailbox = NewestFrames(10, clock_s=lambda: now[0])
    for pts in (1, 2, 3):
        mailbox.put("a", frame(pts))
    mailbox.put("b", frame(7))
    first, second = mailbox.take(), mailbox.take()
    assert first is not None
    assert second is not None
    assert {(first[0], first[1].pts_90k), (second[0], second[1].pts_90k)} == {("a", 3), ("b", 7)}
    mailbox.done("a")
    mailbox.done("b")
    mailbox.put("a", frame(4))
    now[0] = 0.2
    third = mailbox.take()
    assert third is not None
    assert third[1].pts_90k == 4


def test_closing_lets_a_waiting_worker_go() -> None:
    mailbox = NewestFrames(5)
    answers: list[object] = []
    worker = threading.Thread(target=lambda: answers.append(mailbox.take()))
    worker.start()
    mailbox.close()
    worker.join(5)
    assert answers == [None]


def test_the_camera_clock_is_used_where_it_is_sane() -> None:
    clock = CaptureClock()
    clock.arrived(90_000, 1_000_500)
    assert clock.capture_ms(90_000, 1_000_500) == 1_000_500
    clock.stamped(90_000, 1_000_400)
    assert clock.capture_ms(180_000, 1_001_600) == 1_001_400
    clock.stamped(90_000, 5)
    assert clock.capture_ms(180_000, 1_001_600) == 1_001_500


@given(st.lists(st.integers(0, 400), min_size=1, max_size=50))
def test_without_stamps_the_least_delayed_arrival_sets_the_clock(delays: list[int]) -> None:
    clock = CaptureClock()
    for n, delay in enumerate(delays):
        clock.arrived(n * 6000, 1_000_000 + n * 6000 // 90 + delay)
    newest = len(delays) - 1
    true_ms = 1_000_000 + newest * 6000 // 90
    found = clock.capture_ms(newest * 6000, true_ms + delays[-1])
    assert found - true_ms == pytest.approx(min(delays), abs=1)
