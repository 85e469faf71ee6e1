"""RTSP at the command post: streams pushed in and fetched, by programs of others too."""

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import av
import av.error
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from structlog.testing import capture_logs

from field_api.contract.nal_units import Codec, annex_b, nal_units
from field_api.contract.rtp import Packetizer, SenderReport, build_sender_report
from field_api.contract.rtp import describe_video as describe
from field_api.contract.rtsp import Challenge as RtspChallenge
from field_api.contract.rtsp import (
    Credentials,
    Ended,
    PictureCame,
    RtspPull,
    RtspReader,
    RtspRequest,
    RtspResponse,
    authorise,
    interleave,
)
from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.core.exchange import Alone
from field_api.features.accounts.sessions import token_hash
from field_api.features.accounts.tables import User
from field_api.links.video.hub import StreamInfo, VideoHub, Viewer
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import ENGINE, PostAccess, Watcher
from field_api.links.video.rtsp_server import RtspServer
from field_api.links.video.tokens import StreamTokens
from field_api.settings import Settings
from tests.field_api.post import Post, socket_post
from tests.vision.rtsp_peer import film

NOW_MS = 1_742_020_200_000
INFO = StreamInfo(stream_id="cam", codec="avc1.42c01f", width=320, height=180)
SECRET = "xsn_camera"


class Doors:
    """Stands in for the command post's rules."""

    def __init__(self) -> None:
        self.open = True

    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        return "vision-1" if who.password == SECRET else None

    async def viewer(self, stream_id: str, token: str, source: str) -> Watcher | None:
        async def still() -> bool:
            return self.open

        return Watcher("u-1", still) if (token, stream_id) == ("t-1", "cam") else None


@pytest.fixture
def hub() -> VideoHub:
    return VideoHub(Alone(), backlog_packets=30)


@pytest.fixture
async def server(hub: VideoHub) -> AsyncGenerator[RtspServer]:
    made = RtspServer(Renditions(hub, 4), Doors(), lambda: NOW_MS, host="127.0.0.1", port=0)
    await made.start()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def units() -> list[bytes]:
    return [annex_b(nal_units(u)) for u in film(Codec.H264, 40)]


def packets(units: list[bytes]) -> list[VideoPacket]:
    return [
        pack_packet(unit, keyframe=n % 10 == 0, pts_90k=n * 3600, t_ms=NOW_MS + n * 40)
        for n, unit in enumerate(units)
    ]


async def next_packet(viewer: Viewer) -> VideoPacket:
    async with asyncio.timeout(20):
        while (packet := viewer.queue.take()) is None:
            await viewer.wake.wait()
            viewer.wake.clear()
    return packet


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what it waits for tells nobody
            await asyncio.sleep(0.01)


# --- out ------------------------------------------------------------------------------------


def read_with_pyav(url: str, count: int) -> list[tuple[int | None, bytes]]:
    options = {"rtsp_transport": "tcp"}
    with av.open(url, options=options, timeout=(10, 10)) as container:
        video = container.streams.video[0]
        found: list[tuple[int | None, bytes]] = []
        for packet in container.demux(video):
            found.append((packet.pts, bytes(packet)))
            if len(found) == count:
                break
        return found


async def feeding(hub: VideoHub, made: list[VideoPacket], info: StreamInfo = INFO) -> None:
    """A live camera: the film again and again, faster than real."""
    source = hub.publish(info)
    n = 0
    while True:
        one = made[n % len(made)]
        hub.put(
            source,
            pack_packet(
                bytes(one.access_unit),
                keyframe=one.keyframe,
                pts_90k=n * 3600,
                t_ms=NOW_MS + n * 40,
            ),
        )
        n += 1
        await asyncio.sleep(0.01)


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


@contextlib.asynccontextmanager
async def peer(
    server: RtspServer,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    method: str,
    server: RtspServer,
    path: str,
    body: bytes = b"",
    **headers: str,
) -> RtspResponse:
    url = f"rtsp://127.0.0.1:{server.port}/{path}"
    writer.write(RtspRequest(method, url, {"CSeq": "7", **headers}, body).build())
    messages = RtspReader()
    async with asyncio.timeout(20):
        while True:
            data = await reader.read(65_536)
            assert data, "the server hung up"
            for one in messages.receive(data):
                if isinstance(one, RtspResponse):
                    assert one.headers["cseq"] == "7"
                    return one


async def pulled(server: RtspServer, on_event: Callable[[object], bool]) -> None:
    """Our own client, until `on_event` has enough or the server hangs up."""
    pull = RtspPull(f"rtsp://127.0.0.1:{server.port}/cam?token=t-1")
    async with peer(server) as (reader, writer), asyncio.timeout(30):
        pull.begin()
        while True:
            pull.poll(0.0)
            writer.write(pull.take_output())
            data = await reader.read(4096)
            if not data:
                return
            for event in pull.receive(data, 0.0):
                if on_event(event):
                    return


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


# --- in -------------------------------------------------------------------------------------


PUBLISHER = Path(__file__).with_name("rtsp_publisher.py")


@contextlib.asynccontextmanager
async def pushed_by_ffmpeg(
    url: str, encoder: str = "libx264"
) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PUBLISHER), url, encoder, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


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


def basic(password: str = SECRET) -> str:
    return authorise(RtspChallenge("basic"), Credentials("camera", password), "ANNOUNCE", "")


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


# --- hostile --------------------------------------------------------------------------------


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.builds(
                lambda method, url, name, value, body: RtspRequest(
                    method, url, {"CSeq": "1", name: value}, body
                ).build(),
                st.sampled_from(
                    ["DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "RECORD", "TEARDOWN", "NONE"]
                ),
                st.sampled_from(
                    ["*", "rtsp://h/cam?token=t-1", "rtsp://[/x", "rtsp://h/cam/video", "x"]
                ),
                st.sampled_from(["Transport", "Session", "Authorization", "Require"]),
                st.sampled_from(
                    [basic(), "RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=999-1", ";="]
                ),
                st.one_of(
                    st.binary(max_size=60),
                    st.just(b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"),
                ),
            ),
            st.builds(interleave, st.integers(0, 3), st.binary(max_size=60)),
        ),
        max_size=8,
    )
)
def test_whatever_comes_the_server_goes_on(pieces: list[bytes]) -> None:
    asyncio.run(_attacked(pieces))


async def _attacked(pieces: list[bytes]) -> None:
    hub = VideoHub(Alone(), backlog_packets=30)
    unit = annex_b([b"\x67\x42\xc0\x1f", b"\x68\xce", b"\x65abc"])
    hub.put(hub.publish(INFO), pack_packet(unit, keyframe=True, pts_90k=0, t_ms=NOW_MS))
    server = RtspServer(Renditions(hub, 4), Doors(), lambda: NOW_MS, host="127.0.0.1", port=0)
    await server.start()
    try:
        with capture_logs() as told:
            await _attack(server, pieces)
        async with peer(server) as (reader, writer):
            assert (await ask(reader, writer, "OPTIONS", server, "cam")).status == 200
    finally:
        await server.close()
    assert not [entry for entry in told if entry["event"] == "rtsp_failed"]
    assert hub.viewer_count("cam") == 0


async def _attack(server: RtspServer, pieces: list[bytes]) -> None:
    async with peer(server) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                while await reader.read(65_536):
                    pass


# --- the command post's own rules -----------------------------------------------------------


async def test_devices_push_by_their_enrolled_token(live_post: Post) -> None:
    access = PostAccess(live_post.services)
    vision = live_post.enrol("vision-1", "vision")
    fleet = live_post.enrol("fleet-1", "fleet")
    assert await access.publisher("cam", Credentials("any", vision)) == "vision-1"
    assert await access.publisher("cam", Credentials("any", fleet)) is None
    assert await access.publisher("cam", Credentials("vision-1", "")) is None


async def test_people_watch_by_a_token_as_long_as_their_session_lives(live_post: Post) -> None:
    access = PostAccess(live_post.services, "engine's secret")
    assert await access.viewer("XS-U1-cam", "wrong", "127.0.0.1") is None
    token, user_id = await token_of(live_post, "commander", "XS-U1-cam")
    watcher = await access.viewer("XS-U1-cam", token, "127.0.0.1")
    assert watcher is not None
    assert watcher.user_id == user_id
    assert await watcher.still()
    assert await access.viewer("XS-U2-cam", token, "127.0.0.1") is None
    await (await live_post.sign_in("commander")).delete("session")
    assert not await watcher.still()
    assert await access.viewer("XS-U1-cam", token, "127.0.0.1") is None
    engine = await access.viewer("XS-U1-cam", "engine's secret", "127.0.0.1")
    assert engine is not None
    assert engine.user_id == ENGINE


async def token_of(post: Post, name: str, stream_id: str) -> tuple[str, str]:
    with post.services.store.read() as session:
        user = session.exec(select(User).where(User.username == name)).one()
    hashed = token_hash(await post.token(name))
    token, _ = post.services.part(StreamTokens).give(stream_id, "play", user.id, hashed)
    return token, user.id


async def test_who_may_not_watch_any_more_is_cut_off(
    hub: VideoHub, units: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_api.links.video.rtsp_connection.CHECK_S", 0.01)
    doors = Doors()
    server = RtspServer(Renditions(hub, 4), doors, lambda: NOW_MS, host="127.0.0.1", port=0)
    await server.start()
    hub.put(hub.publish(INFO), packets(units)[0])
    first = asyncio.Event()

    def told(event: object) -> bool:
        if isinstance(event, PictureCame):
            first.set()
        return False

    client = asyncio.create_task(pulled(server, told))
    await first.wait()
    doors.open = False
    await client
    await server.close()
    assert hub.viewer_count("cam") == 0


async def test_a_stream_pushed_by_rtsp_is_fetched_by_rtsp_from_a_post(
    seeded: Path, tmp_path: Path
) -> None:
    shutil.copytree(seeded, tmp_path / "post")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    settings = Settings(data_dir=tmp_path / "post", rtsp_port=port)
    async with socket_post(settings) as post:
        secret = post.enrol("vision-1", "vision")
        hub = post.services.part(VideoHub)
        async with pushed_by_ffmpeg(f"rtsp://any:{secret}@127.0.0.1:{port}/XS-U1-cam"):
            await until(lambda: hub.published("XS-U1-cam"))
            token, _ = await token_of(post, "commander", "XS-U1-cam")
            url = f"rtsp://127.0.0.1:{port}/XS-U1-cam?token={token}"
            found = await asyncio.to_thread(read_with_pyav, url, 5)
            assert len(found) == 5
        await until(lambda: not hub.published("XS-U1-cam"))
