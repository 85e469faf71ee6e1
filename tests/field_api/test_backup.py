"""Backups of a running post, proved by killing it and starting what was restored."""

import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from field_api.backup.making import make_backup
from field_api.backup.manifest import DATABASE, MANIFEST, backups_in, read_manifest
from field_api.backup.restoring import TAIL_GAP, restore_backup
from field_api.backup.verifying import verify_backup
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import RESTORING, DataFolderError, hold
from field_api.core.database_file import check_pages
from field_api.settings import Settings
from tests.field_api.command_post import Server, in_process, refused, serving
from tests.field_api.crashes import dies_at_each_step
from tests.field_api.post import OPERATOR, T0_MS, asgi_post, incident_body
from tests.field_api.small_disk import small_disk

JPEG = {"content-type": "image/jpeg"}


def picture(number: int) -> bytes:
    """Return some bytes that pass for a JPEG."""
    return b"\xff\xd8\xff\xe0" + f"picture {number} ".encode() + os.urandom(20_000)


class Load:
    """Somebody who writes incidents and pictures to a server without a pause."""

    def __init__(self, server: Server) -> None:
        self.client = server.client()
        self.incidents: dict[str, dict[str, Any]] = {}
        """What was acknowledged, oldest first."""
        self.pictures: dict[str, bytes] = {}
        self.many = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        try:
            for number in itertools.count():
                data = picture(number)
                sha256 = hashlib.sha256(data).hexdigest()
                if self._over.is_set():
                    return
                put = self.client.put(f"media/{sha256}", content=data, headers=JPEG)
                if put.status_code == 200:
                    self.pictures[sha256] = data
                made = self.client.post("incidents", json=incident_body(title=f"No. {number}"))
                if made.status_code == 201:
                    self.incidents[made.json()["id"]] = made.json()
                # Before the thousandth page, at which the database writes its log into the file.
                if number == 15:
                    self.many.set()
        except httpx.TransportError:
            return  # the server was killed
        finally:
            self.many.set()

    def end(self) -> None:
        """Stop, or wait for the end that the server's death brings."""
        self._over.set()
        self._thread.join(120)


def test_what_was_acknowledged_before_a_backup_comes_back_after_a_kill(
    settings: Settings, tmp_path: Path
) -> None:
    to, again = tmp_path / "backups", tmp_path / "again"
    with serving(settings.data_dir, tmp_path / "log") as server:
        load = Load(server)
        try:
            assert load.many.wait(120)
            # What people do without this command: it holds nothing of what was acknowledged.
            shutil.copy(settings.database_file, tmp_path / "copied.sqlite3")
            incidents, pictures = dict(load.incidents), dict(load.pictures)
            done = in_process("backup", str(to), "--data-dir", str(settings.data_dir))
            assert done.exit_code == 0, done.output
            server.kill()
        finally:
            load.end()
    assert len(incidents) >= 15
    with sqlite3.connect(tmp_path / "copied.sqlite3") as copied:
        [(found,)] = copied.execute("SELECT count(*) FROM incident").fetchall()
    copied.close()
    assert found < len(incidents), "a copy of the file alone was enough: the backup isn't needed?"
    done = in_process("backup", "verify", str(to))
    assert (done.exit_code, "is whole" in done.output) == (0, True), done.output
    shutil.rmtree(settings.data_dir)
    done = in_process("restore", str(to), "--data-dir", str(again))
    assert done.exit_code == 0, done.output
    with serving(again, tmp_path / "log") as restored:
        client = restored.client()
        for incident_id, incident in incidents.items():
            assert client.get(f"incidents/{incident_id}").json() == incident
        for sha256, data in pictures.items():
            assert client.get(f"media/{sha256}").content == data
    done = in_process("admin", "verify-audit", "--data-dir", str(again))
    assert done.exit_code == 0, done.output


# --- one backup -------------------------------------------------------------------------------


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """A post with three stored pictures."""
    files = BlobFiles(settings.media_dir)
    for number in range(3):
        data = picture(number)
        files.put(hashlib.sha256(data).hexdigest(), data)
    return settings


def back_up(settings: Settings, to: Path, now_ms: int = T0_MS) -> Path:
    return make_backup(settings.database_file, settings.media_dir, to, lambda: now_ms)


def restore(given: Path, data_dir: Path) -> None:
    there = Settings(data_dir=data_dir)
    restore_backup(given, data_dir, there.media_dir, there.database_file, OPERATOR, lambda: T0_MS)


def stored(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_the_second_backup_takes_only_new_files(filled: Settings, tmp_path: Path) -> None:
    to = tmp_path / "to"
    back_up(filled, to)
    before = {path: path.stat().st_ino for path in (to / "media").rglob("*") if path.is_file()}
    data = picture(9)
    BlobFiles(filled.media_dir).put(hashlib.sha256(data).hexdigest(), data)
    second = verify_backup(back_up(filled, to, T0_MS + 1000))
    assert len(second.media) == len(before) + 1
    assert {path: path.stat().st_ino for path in before} == before
    assert all(not path.stat().st_mode & 0o077 for path in to.rglob("*"))


def test_a_kill_at_any_step_leaves_no_half_of_a_backup(filled: Settings, tmp_path: Path) -> None:
    def begin(to: Path) -> Callable[[], Any]:
        return lambda: back_up(filled, to)

    died = 0
    for to in dies_at_each_step(tmp_path / "crashes", begin):
        died += 1
        for whole in backups_in(to):
            verify_backup(whole)
        if not backups_in(to):
            with pytest.raises(DataFolderError, match="no whole backup"):
                restore(to, tmp_path / "never")
        verify_backup(back_up(filled, to, T0_MS + 1000))
        assert not list(to.glob(".making*"))
    assert died > 10


def test_a_kill_at_any_step_of_a_restore_is_said_and_done_again(
    filled: Settings, tmp_path: Path
) -> None:
    backup = back_up(filled, tmp_path / "to")

    def begin(data_dir: Path) -> Callable[[], Any]:
        return lambda: restore(backup, data_dir)

    cut_off = 0
    for data_dir in dies_at_each_step(tmp_path / "crashes", begin):
        database = data_dir / DATABASE
        if (data_dir / RESTORING).exists():
            cut_off += 1
            for words in (["serve"], ["admin", "user", "list"]):
                refused([*words, "--data-dir", data_dir], "xunshan restore", "cut off")
            restore(backup, data_dir)
        elif not database.exists():
            restore(backup, data_dir)
        check_pages(database)
        media = {path for path in stored(data_dir / "media") if "parts" not in path.parts}
        assert len(media) == 3
        assert not (data_dir / RESTORING).exists()
    assert cut_off > 8


@pytest.mark.parametrize("what", ["picture", "picture gone", "database", "manifest"])
def test_a_damaged_backup_is_found_and_never_restored(
    filled: Settings, tmp_path: Path, what: str
) -> None:
    backup = back_up(filled, tmp_path / "to")
    media = next(path for path in (tmp_path / "to" / "media").rglob("*") if path.is_file())
    file = {"database": backup / DATABASE, "manifest": backup / MANIFEST}.get(what, media)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    if what == "picture gone":
        file.unlink()
    refused(["backup", "verify", tmp_path / "to"], "backup")
    refused(["restore", tmp_path / "to", "--data-dir", tmp_path / "new"], "backup")
    assert not (tmp_path / "new" / DATABASE).exists()
    media.unlink(missing_ok=True)
    verify_backup(back_up(filled, tmp_path / "to", T0_MS + 1000))


def test_a_folder_that_holds_something_is_not_restored_into(
    filled: Settings, tmp_path: Path
) -> None:
    back_up(filled, tmp_path / "to")
    into = tmp_path / "mine"
    into.mkdir()
    (into / "letter.txt").write_text("keep me")
    refused(["restore", tmp_path / "to", "--data-dir", into], "not empty", "letter.txt")
    assert (into / "letter.txt").read_text() == "keep me"
    with hold(into, "serve"):
        refused(["restore", tmp_path / "to", "--data-dir", into], "in use")


def test_a_backup_of_a_newer_version_is_refused(filled: Settings, tmp_path: Path) -> None:
    backup = back_up(filled, tmp_path / "to")
    manifest = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps({**manifest, "revision": "9999"}))
    refused(["restore", tmp_path / "to", "--data-dir", tmp_path / "new"], "newer version")


def test_files_that_were_lost_before_are_named(filled: Settings, tmp_path: Path) -> None:
    sha256 = "ab" * 32
    with sqlite3.connect(filled.database_file) as database:
        database.execute(
            "INSERT INTO media (sha256, media_type, size_bytes, stored_ms, stored_by)"
            f" VALUES ('{sha256}', 'image/jpeg', 1, 1, 'x')"
        )
    database.close()
    damaged = next(path for path in filled.media_dir.rglob("*") if path.is_file())
    damaged.write_bytes(b"bit rot")
    backup = back_up(filled, tmp_path / "to")
    assert read_manifest(backup).missing == sorted([sha256, damaged.name])
    done = in_process("backup", "verify", str(backup))
    assert (done.exit_code, "2 files" in done.output) == (0, True)


async def test_whoever_saw_more_than_the_backup_holds_starts_anew(
    settings: Settings, tmp_path: Path
) -> None:
    """A handheld's cursor from after the backup would hide what is recorded from now on."""
    async with asgi_post(settings) as post:
        await post.open_incident()
        back_up(settings, tmp_path / "to")
        handheld = await post.sign_in("ht-05")
        await post.open_incident()
        cursor = None
        for _ in range(50):
            page = await handheld.get("sync/pull", params={"cursor": cursor} if cursor else {})
            cursor = page.json()["cursor"]
            if not page.json()["more"]:
                break
    restore(tmp_path / "to", tmp_path / "new")
    async with asgi_post(Settings(data_dir=tmp_path / "new", improve_s=0)) as post:
        assert post.services.tail.seq > TAIL_GAP
        handheld = await post.sign_in("ht-05")
        for _ in range(3):
            await post.open_incident()
        page = await handheld.get("sync/pull", params={"cursor": cursor})
        assert page.json()["resync"], page.text
        trail = (await (await post.sign_in("auditor")).get("audit?limit=50")).json()
        assert "post.restored" in {entry["action"] for entry in trail}


def test_the_posts_own_certificates_come_back(settings: Settings, tmp_path: Path) -> None:
    """Handhelds trust its authority: a new one would have to be installed on each of them."""
    tls = settings.data_dir / "tls"
    tls.mkdir()
    (tls / "ca.pem").write_bytes(b"a key")
    backup = back_up(settings, tmp_path / "to")
    restore(backup, tmp_path / "new")
    restored = tmp_path / "new" / "tls" / "ca.pem"
    assert (restored.read_bytes(), restored.stat().st_mode & 0o077) == (b"a key", 0)
    (backup / "tls" / "ca.pem").write_bytes(b"b key")
    with pytest.raises(DataFolderError, match="damaged"):
        verify_backup(backup)


def test_a_backup_on_a_disk_that_is_only_read_is_restored(
    settings: Settings, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        back_up(settings, disk / "to")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        restore(disk / "to", tmp_path / "new")
    check_pages(tmp_path / "new" / DATABASE)


def test_a_full_disk_of_backups_is_said_and_leaves_nothing_half_done(
    filled: Settings, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(500_000))
        words = ["backup", disk / "to", "--data-dir", filled.data_dir]
        refused(words, "full", str(disk))
        assert {path.name for path in (disk / "to").iterdir()} <= {"lock", "media"}
        ballast.unlink()
    with small_disk(tmp_path / "larger", "64m") as disk:
        done = in_process("backup", str(disk), "--data-dir", str(filled.data_dir))
        assert done.exit_code == 0, done.output
        with small_disk(tmp_path / "small", "8m") as small:
            refused(["restore", disk, "--data-dir", small / "new"], "MB are free", str(small))


def test_no_database_to_back_up_is_said(tmp_path: Path) -> None:
    refused(["backup", tmp_path / "to", "--data-dir", tmp_path / "no"], "no database")
