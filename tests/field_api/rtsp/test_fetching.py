"""RTSP out: streams fetched, by programs of others too."""

import asyncio
import itertools
import os
import shutil
import socket
from pathlib import Path

import av
import av.error
import pytest

from field_api.contract.nal_units import Codec, nal_units
from field_api.contract.rtsp import (
    Ended,
    PictureCame,
    RtspPull,
)
from field_api.contract.video_packet import pack_packet
from field_api.links.video.hub import VideoHub
from field_api.links.video.rtsp_server import RtspServer
from tests.field_api.rtsp.peers import (
    INFO,
    NOW_MS,
    ask,
    feeding,
    packets,
    peer,
    pulled,
    read_with_pyav,
    until,
)
from tests.vision.rtsp_peer import film


async def test_another_program_fetches_a_stream(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    feed = asyncio.create_task(feeding(hub, packets(units)))
    url = f"rtsp://127.0.0.1:{server.port}/cam?token=t-1"
    found = await asyncio.to_thread(read_with_pyav, url, 30)
    feed.cancel()
    wanted = {b"".join(nal_units(u)) for u in units}
    assert all(b"".join(nal_units(data)) in wanted for _, data in found[1:])
    times = [pts for pts, _ in found[1:] if pts is not None]
    assert {b - a for a, b in itertools.pairwise(times)} == {3600}
    await until(lambda: hub.viewer_count("cam") == 0)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("cam", "403"),
        ("cam?token=wrong", "403"),
        ("other?token=t-1", "403"),
        ("..%2Fcam?token=t-1", "404"),
    ],
)
async def test_nothing_is_fetched_without_a_token_for_it(
    hub: VideoHub, server: RtspServer, units: list[bytes], path: str, says: str
) -> None:
    hub.put(hub.publish(INFO), packets(units)[0])
    async with peer(server) as (reader, writer):
        status = (await ask(reader, writer, "DESCRIBE", server, path)).status
        assert str(status) == says
        assert (await ask(reader, writer, "SETUP", server, path)).status == 455
        assert (await ask(reader, writer, "PLAY", server, path)).status == 455
    with pytest.raises(av.error.FFmpegError):
        await asyncio.to_thread(read_with_pyav, f"rtsp://127.0.0.1:{server.port}/{path}", 1)


async def test_a_stream_that_does_not_send_is_not_found(
    server: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_api.links.video.rtsp_play.WAIT_FOR_PICTURE_S", 0.05)
    async with peer(server) as (reader, writer):
        answer = await ask(reader, writer, "DESCRIBE", server, "cam?token=t-1")
        assert answer.status == 404
        assert b"does not send now" in answer.body


async def test_a_weak_line_fetches_the_small_size(hub: VideoHub, server: RtspServer) -> None:
    large = INFO.model_copy(update={"width": 1280, "height": 720})
    feed = asyncio.create_task(feeding(hub, packets(film(Codec.H264, 20, 1280, 720)), large))

    def small(url: str) -> tuple[int, int]:
        with av.open(url, options={"rtsp_transport": "tcp"}, timeout=(15, 15)) as container:
            frame = next(container.decode(video=0))
            assert isinstance(frame, av.VideoFrame)
            return frame.width, frame.height

    url = f"rtsp://127.0.0.1:{server.port}/cam?token=t-1&size=low"
    width, height = await asyncio.to_thread(small, url)
    feed.cancel()
    assert (width, height) == (640, 360)


SYSTEM_PYTHON = "/usr/bin/python3"
GST_VIEWER = Path(__file__).with_name("gst_viewer.py")


async def by_system_python(*arguments: str) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    async with asyncio.timeout(60):
        told, errors = await process.communicate()
    return process.returncode or 0, (told + errors).decode()


async def test_gstreamer_fetches_a_stream(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    probe = "import gi; gi.require_version('Gst', '1.0'); from gi.repository import Gst"
    if shutil.which(SYSTEM_PYTHON) is None or (await by_system_python("-c", probe))[0]:
        why = "needs python3-gi and gstreamer1.0-plugins-good"
        assert "CI" not in os.environ, why
        pytest.skip(why)
    feed = asyncio.create_task(feeding(hub, packets(units)))
    url = f"rtsp://127.0.0.1:{server.port}/cam?token=t-1"
    _, told = await by_system_python(str(GST_VIEWER), url, "30")
    feed.cancel()
    assert told == "30\n"


async def test_a_stream_that_ends_is_said_to_end(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    source = hub.publish(INFO)
    made = packets(units)
    for one in made[:5]:
        hub.put(source, one)
    came: list[object] = []
    first = asyncio.Event()

    def told(event: object) -> bool:
        came.append(event)
        first.set()
        return False

    client = asyncio.create_task(pulled(server, told))
    await first.wait()
    await until(lambda: sum(isinstance(e, PictureCame) for e in came) == 5)
    pictures = [e for e in came if isinstance(e, PictureCame)]
    assert [p.unit.data for p in pictures] == units[:5]
    assert all(p.unit.clean for p in pictures)
    hub.end(source)
    await client
    assert isinstance(came[-1], Ended)


async def test_a_viewer_that_is_too_slow_goes_on_at_a_key_frame(
    hub: VideoHub, server: RtspServer, units: list[bytes]
) -> None:
    big = [
        pack_packet(
            u + b"\x00\x00\x00\x01\x06" + b"x" * 60_000,
            keyframe=n % 10 == 0,
            pts_90k=n * 3600,
            t_ms=NOW_MS,
        )
        for n, u in enumerate(units * 5)
    ]
    source = hub.publish(INFO)
    hub.put(source, big[0])
    numbers: list[int] = []
    loop = asyncio.get_running_loop()
    read_on = asyncio.Event()
    pull = RtspPull(f"rtsp://127.0.0.1:{server.port}/cam?token=t-1")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await loop.sock_connect(line, ("127.0.0.1", server.port))
    pull.begin()
    async with asyncio.timeout(30):
        while len(numbers) < 1:
            await loop.sock_sendall(line, pull.take_output())
            for event in pull.receive(await loop.sock_recv(line, 65_536), 0.0):
                if isinstance(event, PictureCame):
                    numbers.append(event.pts_90k // 3600)
        # It reads nothing while the camera goes on: what is sent then is bounded.
        for one in big[1:]:
            hub.put(source, one)
            await asyncio.sleep(0)
        read_on.set()
        while numbers[-1] < len(big) - 1:
            for event in pull.receive(await loop.sock_recv(line, 65_536), 0.0):
                if isinstance(event, PictureCame):
                    assert event.unit.clean
                    numbers.append(event.pts_90k // 3600)
    line.close()
    jumps = [b for a, b in itertools.pairwise(numbers) if b != a + 1]
    assert jumps
    assert all(n % 10 == 0 for n in jumps)
    assert len(numbers) < 60
