"""A full disk and full shares: what is said, that nothing half-written stays, that it passes."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from field_api.core.blobs.files import BlobFiles
from field_api.features.attachments.room import MediaRoom
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post, incident_body
from tests.field_api.small_disk import small_disk
from tests.field_api.test_uploads import CHUNK, CLOSED, begun

JPEG = {"content-type": "image/jpeg"}


def picture(size_bytes: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + os.urandom(size_bytes - 4)


async def put(client: httpx.AsyncClient, data: bytes) -> httpx.Response:
    sha256 = hashlib.sha256(data).hexdigest()
    return await client.put(f"media/{sha256}", content=data, headers=JPEG)


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.status_code >= 400, answer.text
    return answer.status_code, answer.json()["detail"]["code"]


# --- a full disk ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files take the last byte of a disk, which is kept for records else."""
    monkeypatch.setenv("XUNSHAN_LOW_DISK_BYTES", "0")


@pytest.fixture
async def on_small_disk(settings: Settings, tmp_path: Path) -> AsyncGenerator[Post]:
    """A post whose data folder has 16 MB, and answers for every byte of it."""
    with small_disk(tmp_path / "disk", "16m") as disk:
        shutil.copytree(settings.data_dir, disk / "data")
        small = Settings(data_dir=disk / "data", improve_s=0, media_share=1, media_account_share=1)
        async with asgi_post(small) as post:
            yield post


def fill(disk: Path) -> Path:
    """Take the last byte of a disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


async def test_a_full_disk_is_said_by_every_way_to_write_and_passes(on_small_disk: Post) -> None:
    pytest.importorskip("field_api.core.failures", reason="NOT TESTED: 507 is another branch's")
    post = on_small_disk
    data_dir = post.services.settings.data_dir
    handheld, commander = await post.sign_in("ht-05"), await post.sign_in("commander")
    kept = picture(50_000)
    assert (await put(handheld, kept)).status_code == 200
    incident = await post.open_incident()
    whole = picture(600_000)
    url = (await handheld.post("uploads", headers=begun(whole))).headers["location"]
    first = {**CHUNK, "Upload-Offset": "0"}
    assert (await handheld.patch(url, content=whole[:100_000], headers=first)).status_code == 204
    before = {path for path in data_dir.rglob("*") if path.is_file()}
    ballast = fill(data_dir.parent)

    full, no_room = (507, "disk_full"), (507, "media_full")
    rest = {**CHUNK, "Upload-Offset": "100000"}
    assert code(await put(handheld, picture(50_000))) == no_room
    assert code(await handheld.patch(url, content=whole[100_000:], headers=rest)) == full
    assert code(await handheld.post("uploads", headers=begun(picture(5000)))) == no_room
    told = [await commander.post("incidents", json=incident_body()) for _ in range(400)]
    # The write-ahead log has room that it took before the disk was full.
    assert code(told[-1]) == full
    assert {answer.status_code for answer in told} <= {201, 507}

    # Reading goes on, and what was acknowledged is there.
    assert (await commander.get(f"incidents/{incident}")).status_code == 200
    taken = {answer.json()["id"] for answer in told if answer.status_code == 201}
    listed = {row["id"] for row in (await commander.get("incidents?limit=1000")).json()}
    assert listed == taken | {incident}
    assert (await commander.get(f"media/{hashlib.sha256(kept).hexdigest()}")).content == kept
    assert (await handheld.head(url, headers=CLOSED)).headers["upload-offset"] == "100000"
    after = {path for path in data_dir.rglob("*") if path.is_file()}
    assert {path for path in after - before if path.stat().st_size} == set()

    ballast.unlink()
    assert (await commander.post("incidents", json=incident_body())).status_code == 201
    assert (await put(handheld, picture(50_000))).status_code == 200
    assert (await handheld.patch(url, content=whole[100_000:], headers=rest)).status_code == 204
    sent = hashlib.sha256(whole).hexdigest()
    assert (await commander.get(f"media/{sent}")).content == whole


def test_files_on_a_full_disk_are_whole_or_not_there(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        files = BlobFiles(disk / "media")
        data = picture(300_000)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        files.start("u1")
        files.append("u1", 0, data[:1000])
        ballast = fill(disk)
        for write in (
            lambda: files.put(sha256, data),
            lambda: files.take(elsewhere, sha256),
            lambda: files.append("u1", 1000, data[1000:]),
        ):
            with pytest.raises(OSError, match="No space left") as error:
                write()
            assert error.value.errno == errno.ENOSPC
        assert not files.exists(sha256)
        assert files.size_bytes("u1") == 1000
        assert [path.name for path in (disk / "media" / "parts").iterdir()] == ["u1.part"]
        ballast.unlink()
        files.append("u1", 1000, data[1000:])
        assert files.finish("u1", sha256).read_bytes() == data


# --- shares -----------------------------------------------------------------------------------


@pytest.fixture
async def small_shares(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Post]:
    """A post whose disk has 2 MB for files, and 0.5 MB for each account."""
    usage = shutil.disk_usage(settings.data_dir)
    free = 4_000_000
    monkeypatch.setattr(
        "field_api.features.attachments.room.shutil.disk_usage",
        lambda _path: usage._replace(free=free),
    )
    shares = Settings(
        data_dir=settings.data_dir, improve_s=0, media_share=0.5, media_account_share=0.25
    )
    async with asgi_post(shares) as post:
        yield post


async def test_an_account_fills_its_share_and_no_more(small_shares: Post) -> None:
    handheld, other = await small_shares.sign_in("ht-05"), await small_shares.sign_in("ht-06")
    first = picture(400_000)
    assert (await put(handheld, first)).status_code == 200
    over = await put(handheld, picture(200_000))
    assert code(over) == (507, "media_share_full")
    assert "0.4 of" in over.json()["detail"]["text_en"]
    begins = await handheld.post("uploads", headers=begun(picture(200_000)))
    assert code(begins) == (507, "media_share_full")
    assert (await put(handheld, first)).status_code == 200, "what is here takes nothing"
    assert (await put(other, picture(200_000))).status_code == 200


async def test_uploads_count_from_their_beginning_and_until_they_are_dropped(
    small_shares: Post,
) -> None:
    handheld = await small_shares.sign_in("ht-05")
    begins = await handheld.post("uploads", headers=begun(picture(400_000)))
    assert begins.status_code == 201
    assert code(await put(handheld, picture(200_000))) == (507, "media_share_full")
    small_shares.services.part(MediaRoom).count()
    assert code(await put(handheld, picture(200_000))) == (507, "media_share_full")
    gone = await handheld.delete(begins.headers["location"], headers=CLOSED)
    assert gone.status_code == 204
    small_shares.services.part(MediaRoom).count()
    assert (await put(handheld, picture(200_000))).status_code == 200


async def test_all_files_fill_their_share_and_records_go_on(small_shares: Post) -> None:
    for name in ("ht-05", "ht-06", "ht-11", "duty"):
        client = await small_shares.sign_in(name)
        assert (await put(client, picture(480_000))).status_code == 200
    commander = await small_shares.sign_in("commander")
    told = await put(commander, picture(1_200_000))
    assert told.status_code == 507
    assert (await commander.post("incidents", json=incident_body())).status_code == 201
