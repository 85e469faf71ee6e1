"""Whatever comes, the RTSP server goes on; who may do what is the post's business."""

import asyncio
import contextlib
import shutil
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from structlog.testing import capture_logs

from field_api.contract.nal_units import annex_b
from field_api.contract.rtsp import (
    Credentials,
    PictureCame,
    RtspRequest,
    interleave,
)
from field_api.contract.video_packet import pack_packet
from field_api.core.exchange import Alone
from field_api.features.accounts.sessions import token_hash
from field_api.features.accounts.tables import User
from field_api.links.video.hub import VideoHub
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import ENGINE, PostAccess
from field_api.links.video.rtsp_server import RtspServer
from field_api.links.video.tokens import StreamTokens
from field_api.settings import Settings
from tests.field_api.post import Post, socket_post
from tests.field_api.rtsp.peers import (
    INFO,
    NOW_MS,
    Doors,
    ask,
    basic,
    packets,
    peer,
    pulled,
    pushed_by_ffmpeg,
    read_with_pyav,
    until,
)


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
