"""Resumable uploads into the real command post, by three independent tus clients."""

import asyncio
import base64
import hashlib
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import aiotus
import httpx
import pytest
from sqlmodel import select
from tusclient import client as tuspy
from tusclient.exceptions import TusCommunicationError

from field_api.core.blobs.files import BlobFiles
from field_api.core.blobs.tables import Attachment, Upload
from field_api.features.attachments.uploads import UploadDesk
from field_api.settings import Settings
from tests.field_api.command_post import serving
from tests.field_api.post import Post, asgi_post, socket_post

CONTENT = b"\xff\xd8\xff\xe0" + os.urandom(600_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WEB = Path(__file__).parents[2] / "field_api" / "web"
CLOSED = {"Tus-Resumable": "1.0.0"}


def metadata(content: bytes = CONTENT, **more: str) -> dict[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"sha256": sha256, "filetype": "image/jpeg", **more}


async def stored(post: Post, sha256: str = SHA256) -> bytes:
    commander = await post.sign_in("commander")
    answer = await commander.get(f"media/{sha256}")
    assert answer.status_code == 200, answer.text
    return answer.content


async def bearer(post: Post) -> dict[str, str]:
    return {"Authorization": f"Bearer {await post.token('ht-05')}"}


async def test_tuspy_sends_a_picture_and_its_facts(live_post: Post) -> None:
    headers = await bearer(live_post)
    facts = metadata(topic="task", record_id="t-1", role="photo", t_ms="1742020200000")

    def send() -> None:
        client = tuspy.TusClient(f"{live_post.base_url}/api/v1/uploads", headers=headers)
        client.uploader(
            file_stream=io.BytesIO(CONTENT),
            chunk_size=100_000,
            metadata=facts,
            upload_checksum=True,
        ).upload()

    await asyncio.to_thread(send)
    assert await stored(live_post) == CONTENT
    with live_post.services.store.read() as session:
        tied = session.exec(select(Attachment)).one()
    assert (tied.sha256, tied.topic, tied.record_id, tied.role) == (SHA256, "task", "t-1", "photo")
    assert tied.t_ms == 1_742_020_200_000


async def test_a_broken_upload_goes_on_where_it_was_also_over_a_restart(
    settings: Settings,
) -> None:
    async with socket_post(settings) as first:
        headers = await bearer(first)

        def begin() -> str:
            client = tuspy.TusClient(f"{first.base_url}/api/v1/uploads", headers=headers)
            uploader = client.uploader(
                file_stream=io.BytesIO(CONTENT), chunk_size=200_000, metadata=metadata()
            )
            uploader.upload_chunk()
            return uploader.url.removeprefix(first.base_url)

        address = await asyncio.to_thread(begin)
    async with socket_post(settings) as second:
        # What a request that died left beyond the acknowledged bytes is not believed.
        [part] = (settings.media_dir / "parts").glob("*.part")
        with part.open("ab") as file:
            file.write(b"half a chunk that nobody acknowledged")

        def go_on() -> int:
            client = tuspy.TusClient(f"{second.base_url}/api/v1/uploads", headers=headers)
            uploader = client.uploader(
                file_stream=io.BytesIO(CONTENT), chunk_size=200_000, url=second.base_url + address
            )
            offset = uploader.offset
            uploader.upload()
            return offset

        assert await asyncio.to_thread(go_on) == 200_000
        assert await stored(second) == CONTENT


async def test_aiotus_sends_a_picture(live_post: Post) -> None:
    headers = await bearer(live_post)
    said = {name: value.encode() for name, value in metadata().items()}
    async with aiohttp.ClientSession(headers=headers) as session:
        url = await aiotus.upload(
            f"{live_post.base_url}/api/v1/uploads", io.BytesIO(CONTENT), said, session
        )
    assert url is not None
    assert await stored(live_post) == CONTENT


TUS_JS = """
import * as tus from 'tus-js-client';
const [url, token, file, metadata] = process.argv.slice(2);
const { readFileSync } = await import('node:fs');
await new Promise((done, failed) => new tus.Upload(readFileSync(file), {
  endpoint: url, chunkSize: 150000, retryDelays: [0, 100], metadata: JSON.parse(metadata),
  headers: { Authorization: token }, onError: failed, onSuccess: done,
}).start());
"""


async def test_tus_js_client_sends_a_picture(live_post: Post, tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(Path(os.sys.executable).parent))
    if node is None or not (WEB / "node_modules" / "tus-js-client").is_dir():
        pytest.skip("no Node or the web workspace is not installed (make web)")
    file = tmp_path / "picture.jpg"
    file.write_bytes(CONTENT)
    program = WEB / f".tus-test-{tmp_path.name}.mjs"
    program.write_text(TUS_JS)
    headers = await bearer(live_post)
    try:
        running = await asyncio.create_subprocess_exec(
            node,
            str(program),
            f"{live_post.base_url}/api/v1/uploads",
            headers["Authorization"],
            str(file),
            json.dumps(metadata()),
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            _, said = await running.communicate()
    finally:
        program.unlink()
    assert running.returncode == 0, said.decode()
    assert await stored(live_post) == CONTENT


async def test_bytes_that_are_others_than_named_are_dropped(live_post: Post) -> None:
    headers = await bearer(live_post)

    def send() -> None:
        client = tuspy.TusClient(f"{live_post.base_url}/api/v1/uploads", headers=headers)
        client.uploader(
            file_stream=io.BytesIO(CONTENT),
            chunk_size=10**9,
            metadata=metadata(b"something else"),
        ).upload()

    with pytest.raises(TusCommunicationError):
        await asyncio.to_thread(send)
    commander = await live_post.sign_in("commander")
    wrong = hashlib.sha256(b"something else").hexdigest()
    assert (await commander.get(f"media/{wrong}")).status_code == 404


async def test_a_file_that_is_here_needs_no_bytes(live_post: Post) -> None:
    handheld = await live_post.sign_in("ht-05")
    put = await handheld.put(
        f"media/{SHA256}", content=CONTENT, headers={"content-type": "image/jpeg"}
    )
    assert put.status_code == 200
    said = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata().items()
    )
    made = await handheld.post(
        "uploads",
        headers={**CLOSED, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": said},
    )
    assert made.status_code == 201, made.text
    assert made.headers["upload-offset"] == str(len(CONTENT))


async def test_an_upload_belongs_to_who_began_it_and_strays_are_swept(live_post: Post) -> None:
    headers = await bearer(live_post)

    def begin() -> str:
        client = tuspy.TusClient(f"{live_post.base_url}/api/v1/uploads", headers=headers)
        uploader = client.uploader(
            file_stream=io.BytesIO(CONTENT), chunk_size=200_000, metadata=metadata()
        )
        uploader.upload_chunk()
        return uploader.url

    url = await asyncio.to_thread(begin)
    stranger = await live_post.sign_in("ht-06")
    assert (await stranger.head(url, headers=CLOSED)).status_code == 404
    parts = live_post.services.settings.media_dir / "parts"
    stray = parts / "01900000-0000-7000-8000-000000000000.part"
    stray.write_bytes(b"left by a killed server")
    desk = live_post.services.part(UploadDesk)
    desk.tidy()
    assert len(list(parts.iterdir())) == 2, "another worker may be writing it"
    os.utime(stray, (1, 1))
    desk.tidy()
    assert len(list(parts.iterdir())) == 1
    live_post.clock.advance_s(8 * 24 * 3600)
    for left in parts.iterdir():
        os.utime(left, (1, 1))
    desk.tidy()
    assert not list(parts.iterdir())
    with live_post.services.store.read() as session:
        assert session.exec(select(Upload)).all() == []


def begun(content: bytes) -> dict[str, str]:
    """Return the headers that begin an upload."""
    said = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}"
        for name, value in metadata(content).items()
    )
    return {**CLOSED, "Upload-Length": str(len(content)), "Upload-Metadata": said}


CHUNK = {**CLOSED, "Content-Type": "application/offset+octet-stream"}


async def test_a_whole_file_in_one_request_goes_on_after_a_kill(
    settings: Settings, tmp_path: Path
) -> None:
    """What such a client had sent used to count only when its last byte had come."""
    content = b"\xff\xd8\xff\xe0" + os.urandom(3_000_000)
    with serving(settings.data_dir, tmp_path / "log") as server:
        client = server.client("ht-05")
        url = client.post("uploads", headers=begun(content)).headers["location"]
        reading = server.client("ht-05")

        def slowly() -> Iterator[bytes]:
            """Send until the server has acknowledged something, then kill it."""
            for at in range(0, len(content) - 1, 100_000):
                yield content[at : at + 100_000]
                if int(reading.head(url, headers=CLOSED).headers["upload-offset"]):
                    server.kill()
                    return
                time.sleep(0.1)

        with pytest.raises(httpx.TransportError):
            client.patch(url, content=slowly(), headers={**CHUNK, "Upload-Offset": "0"})
    with serving(settings.data_dir, tmp_path / "log") as again:
        client = again.client("ht-05")
        address = url.replace(f":{server.port}/", f":{again.port}/")
        offset = int(client.head(address, headers=CLOSED).headers["upload-offset"])
        assert offset > 0
        sent = client.patch(
            address, content=content[offset:], headers={**CHUNK, "Upload-Offset": str(offset)}
        )
        assert sent.status_code == 204, sent.text
        sha256 = hashlib.sha256(content).hexdigest()
        assert again.client().get(f"media/{sha256}").content == content


@pytest.mark.parametrize("dies", ["before the bytes are filed", "before the record is written"])
async def test_a_kill_at_the_end_of_an_upload_loses_no_picture(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    """All bytes counted as taken before the file had a record: its sender went away, and it was
    swept after a day."""

    def killed(*_: object) -> None:
        raise RuntimeError("the server is killed here")

    async with asgi_post(settings) as post:
        handheld = await post.sign_in("ht-05")
        url = (await handheld.post("uploads", headers=begun(CONTENT))).headers["location"]
        with monkeypatch.context() as patch:
            if dies == "before the bytes are filed":
                patch.setattr(BlobFiles, "finish", killed)
            else:
                patch.setattr(sys.modules[UploadDesk.__module__], "add_media", killed)
            whole = {**CHUNK, "Upload-Offset": "0"}
            answer = await handheld.patch(url, content=CONTENT, headers=whole)
            assert answer.status_code == 500
        told = await handheld.head(url, headers=CLOSED)
        offset = int(told.headers["upload-offset"])
        if offset < len(CONTENT):
            rest = {**CHUNK, "Upload-Offset": str(offset)}
            assert (await handheld.patch(url, content=CONTENT[offset:], headers=rest)).is_success
        assert await stored(post) == CONTENT


async def test_the_offset_told_is_what_is_on_disk(live_post: Post) -> None:
    """A restored backup has the record of an upload, and not its bytes."""
    handheld = await live_post.sign_in("ht-05")
    url = (await handheld.post("uploads", headers=begun(CONTENT))).headers["location"]
    first = {**CHUNK, "Upload-Offset": "0"}
    assert (await handheld.patch(url, content=CONTENT[:300_000], headers=first)).status_code == 204
    [part] = (live_post.services.settings.media_dir / "parts").glob("*.part")
    part.unlink()
    assert (await handheld.head(url, headers=CLOSED)).headers["upload-offset"] == "0"
    await handheld.patch(url, content=CONTENT, headers=first)
    assert (await handheld.patch(url, content=CONTENT, headers=first)).status_code == 204
    assert await stored(live_post) == CONTENT
