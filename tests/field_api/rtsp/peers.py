"""What tests of RTSP at the post share: rules, streams, peers that speak it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import av
import av.error

from field_api.contract.rtsp import Challenge as RtspChallenge
from field_api.contract.rtsp import (
    Credentials,
    RtspPull,
    RtspReader,
    RtspRequest,
    RtspResponse,
    authorise,
)
from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.links.video.hub import StreamInfo, VideoHub, Viewer
from field_api.links.video.rtsp_access import Watcher
from field_api.links.video.rtsp_server import RtspServer

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


def basic(password: str = SECRET) -> str:
    return authorise(RtspChallenge("basic"), Credentials("camera", password), "ANNOUNCE", "")
