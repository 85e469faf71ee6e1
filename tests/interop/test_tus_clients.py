"""Uploads by independent tus clients, over a bad link, into real files.

The server here is the smallest one that does what `field_api.core.blobs` says: it shows that the
decisions suffice, and that tuspy and aiotus agree with them.
"""

import asyncio
import hashlib
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiotus
import pytest
from tusclient import client as tuspy
from tusclient.exceptions import TusCommunicationError

from field_api.core.blobs import tus
from field_api.core.blobs.files import BlobFiles

CONTENT = bytes(range(256)) * 4000
SHA = hashlib.sha256(CONTENT).hexdigest()
LIMITS = tus.Limits(max_length_bytes=2_000_000, keep_ms=60_000)


class Post(ThreadingHTTPServer):
    """Keeps uploads in memory and their bytes on disk."""

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = BlobFiles(root)
        self.uploads: dict[str, tus.UploadState] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.break_after_bytes: list[int] = []
        """Cut the connection after so many bytes of the next chunks."""
        self.corrupt_next = False
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/uploads"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Post

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, result: tus.Answer | tus.Refusal) -> None:
        if isinstance(result, tus.Refusal):
            self.server.refused.append(result.code)
        self.send_response(result.status)
        for name, value in result.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        if isinstance(result, tus.Refusal):
            self.send_header("Connection", "close")
        self.end_headers()

    def asked(self) -> tuple[str, dict[str, str], int]:
        return self.path.rpartition("/")[2], dict(self.headers), time.time_ns() // 1_000_000

    def do_OPTIONS(self) -> None:
        self.answer(tus.options(LIMITS))

    def do_POST(self) -> None:
        _, headers, now_ms = self.asked()
        made = tus.create(headers, LIMITS, now_ms)
        if isinstance(made, tus.Refusal):
            self.answer(made)
            return
        upload_id = f"u{len(self.server.uploads)}"
        self.server.uploads[upload_id] = made.state
        self.server.metadata[upload_id] = dict(made.metadata)
        self.server.files.start(upload_id)
        if made.chunk is not None:
            result = self.take(upload_id, made.chunk)
            if not isinstance(result, tus.Answer):
                if result is not None:
                    self.answer(result)
                return
        # A whole address: aiotus 1.1.0 can't go on from a Location that begins with a slash.
        location = f"{self.server.url}/{upload_id}"
        self.answer(tus.created(self.server.uploads[upload_id], location))

    def do_HEAD(self) -> None:
        upload_id, headers, now_ms = self.asked()
        self.answer(tus.head(self.server.uploads.get(upload_id), headers, now_ms))

    def do_PATCH(self) -> None:
        upload_id, headers, now_ms = self.asked()
        leave = tus.append(self.server.uploads.get(upload_id), headers, now_ms)
        result = leave if isinstance(leave, tus.Refusal) else self.take(upload_id, leave)
        if result is not None:
            self.answer(result)

    def do_DELETE(self) -> None:
        upload_id, headers, now_ms = self.asked()
        result = tus.terminate(self.server.uploads.get(upload_id), headers, now_ms)
        if isinstance(result, tus.Answer):
            del self.server.uploads[upload_id]
            self.server.files.drop(upload_id)
        self.answer(result)

    def take(self, upload_id: str, leave: tus.Append) -> tus.Answer | tus.Refusal | None:
        server = self.server
        cut = server.break_after_bytes.pop(0) if server.break_after_bytes else None
        left = int(self.headers["Content-Length"])
        check = tus.ChunkCheck(leave)
        with server.files.writer(upload_id, leave.offset_bytes) as writer:
            while left:
                data = self.rfile.read(min(left, 65_536, cut or 65_536))
                left -= len(data)
                if server.corrupt_next:
                    data, server.corrupt_next = b"\xff" + data[1:], False
                refusal = check.feed(data)
                if refusal is not None:
                    return refusal
                writer.write(data)
                if cut is not None:
                    kept = check.interrupted_bytes()
                    writer.keep(kept)
                    server.uploads[upload_id], _ = tus.appended(server.uploads[upload_id], kept)
                    self.close_connection = True
                    self.connection.close()
                    return None
            refusal = check.finish()
            if refusal is not None:
                return refusal
            writer.keep()
        server.uploads[upload_id], answer = tus.appended(
            server.uploads[upload_id], check.received_bytes
        )
        if server.uploads[upload_id].complete:
            server.files.finish(upload_id, server.metadata[upload_id]["sha256"])
        return answer


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    server = Post(tmp_path)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


METADATA = {"sha256": SHA, "filetype": "image/jpeg", "filename": "火场.jpg"}


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy_over_a_link_that_breaks(post: Post, checksum: bool) -> None:
    post.break_after_bytes = [1000, 70]
    uploader = tuspy.TusClient(post.url).uploader(
        file_stream=io.BytesIO(CONTENT),
        chunk_size=300_000,
        metadata=METADATA,
        upload_checksum=checksum,
        retries=4,
        retry_delay=0,
    )
    uploader.upload()
    assert post.files.path(SHA).read_bytes() == CONTENT
    assert post.metadata["u0"] == METADATA


def test_a_corrupted_chunk_is_dropped_and_sent_again(post: Post) -> None:
    post.corrupt_next = True
    uploader = tuspy.TusClient(post.url).uploader(
        file_stream=io.BytesIO(CONTENT),
        chunk_size=300_000,
        metadata=METADATA,
        upload_checksum=True,
        retries=2,
        retry_delay=0,
    )
    uploader.upload()
    assert post.refused == ["upload_checksum_differs"]
    assert post.files.path(SHA).read_bytes() == CONTENT


def test_tuspy_goes_on_with_an_upload_begun_before(post: Post) -> None:
    client = tuspy.TusClient(post.url)
    first = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=300_000, metadata=METADATA)
    first.upload_chunk()
    second = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=300_000, url=first.url)
    assert second.offset == 300_000
    second.upload()
    assert post.files.exists(SHA)


def test_tuspy_is_told_that_a_file_is_too_large(post: Post) -> None:
    uploader = tuspy.TusClient(post.url).uploader(
        file_stream=io.BytesIO(bytes(2_000_001)), metadata=METADATA
    )
    with pytest.raises(TusCommunicationError) as refused:
        uploader.upload()
    assert refused.value.status_code == 413
    assert post.uploads == {}


async def test_aiotus(post: Post) -> None:
    metadata = {name: value.encode() for name, value in METADATA.items()}
    async with asyncio.timeout(20):
        location = await aiotus.upload(post.url, io.BytesIO(CONTENT), metadata=metadata)
    assert location is not None
    assert post.files.path(SHA).read_bytes() == CONTENT
    assert await aiotus.metadata(location) == metadata
