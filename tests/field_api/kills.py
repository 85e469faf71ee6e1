"""Kills at random moments of what changes a data folder: the post must always start after them."""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from field_api.backup.making import make_backup
from field_api.backup.manifest import DATABASE
from field_api.backup.restoring import restore_backup
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import DataFolderError
from field_api.migrate import known_revisions
from field_api.opening import owned
from field_api.settings import Settings
from field_api.upgrade import upgrade_folder
from tests.field_api.command_post import Server
from tests.field_api.post import OPERATOR, T0_MS, incident_body
from tests.field_api.test_upgrade import counts, old_post
from tests.field_api.test_uploads import CHUNK, CLOSED, begun

PICTURES = 40
CHUNK_BYTES = 64 * 1024


def _run(work: Callable[[], Any], kill_after_s: float | None) -> float:
    """Run `work` in a process of its own and kill it after a time; return how long it ran."""
    began_s = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, ended = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ended) in (0, -signal.SIGKILL)
    return time.monotonic() - began_s


def _opened(settings: Settings) -> str | None:
    """Open a folder as a server does; return the sentence that refuses it, None for none."""
    try:
        with owned(settings, "serve"):
            return None
    except DataFolderError as error:
        return str(error)


def kill_restores(kills: int, filled: Path, scratch: Path, chance: random.Random) -> int:
    """Kill restores; return how many were cut off. Each is then said, and done again."""
    post = Settings(data_dir=filled)
    files = BlobFiles(post.media_dir)
    for number in range(PICTURES):
        data = b"\xff\xd8\xff\xe0" + bytes([number]) * 50_000
        files.put(hashlib.sha256(data).hexdigest(), data)
    backup = make_backup(post.database_file, post.media_dir, scratch / "to", lambda: T0_MS)
    rows = counts(backup / DATABASE)

    def restore(there: Settings) -> Callable[[], Any]:
        return lambda: restore_backup(
            backup, there.data_dir, there.media_dir, there.database_file, OPERATOR, lambda: T0_MS
        )

    takes_s = _run(restore(Settings(data_dir=scratch / "whole")), None)
    cut_off = 0
    for number in range(kills):
        there = Settings(data_dir=scratch / f"restored-{number}")
        _run(restore(there), chance.uniform(0, takes_s))
        said = _opened(there) if there.data_dir.exists() else None
        begun_late = there.data_dir.exists() and not said and counts(there.database_file)
        if said is not None:
            assert "xunshan restore" in said
            assert "\n" not in said
            cut_off += 1
            restore(there)()
        elif not begun_late or not begun_late["incident"]:
            # Killed before it had touched the folder: an empty post, which is none restored.
            shutil.rmtree(there.data_dir, ignore_errors=True)
            restore(there)()
        assert _opened(there) is None
        found = counts(there.database_file)
        assert {name: found[name] for name in ("incident", "user")} == {
            name: rows[name] for name in ("incident", "user")
        }
        assert len(list(there.media_dir.glob("??/*"))) == PICTURES
        shutil.rmtree(there.data_dir)
    return cut_off


def kill_upgrades(kills: int, scratch: Path, chance: random.Random) -> int:
    """Kill upgrades; return how many were cut off. The post then starts, with every row."""
    revision = known_revisions()[1]

    def upgrade(file: Path) -> Callable[[], Any]:
        return lambda: upgrade_folder(file, lambda: T0_MS)

    takes_s = _run(upgrade(old_post(scratch / "whole", revision)), None)
    cut_off = 0
    for number in range(kills):
        file = old_post(scratch / f"upgraded-{number}", revision)
        rows = counts(file)
        _run(upgrade(file), chance.uniform(0, takes_s))
        left = {path.name for path in file.parent.iterdir()}
        cut_off += bool(left & {f"{DATABASE}.upgrading", f"{DATABASE}.upgrading-wal"})
        settings = Settings(data_dir=file.parent)
        settings.media_dir.mkdir(exist_ok=True)
        assert _opened(settings) is None
        assert {name: counts(file)[name] for name in rows} == rows
        shutil.rmtree(file.parent)
    return cut_off


class _Sender:
    """A handheld that sends pictures by tus, over every kill."""

    def __init__(self) -> None:
        self.data = b""
        self.path: str | None = None
        self.acknowledged = 0
        self.sent: list[str] = []
        self.incidents: list[str] = []

    def check(self, server: Server) -> None:
        """Compare what was acknowledged with what is there."""
        client = server.client()
        listed = {row["id"] for row in client.get("incidents?limit=1000").json()}
        assert set(self.incidents[-900:]) <= listed
        for sha256 in self.sent[-5:]:
            got = client.get(f"media/{sha256}").content
            assert hashlib.sha256(got).hexdigest() == sha256
        if self.path is not None:
            told = server.client("ht-05").head(self.path, headers=CLOSED)
            assert int(told.headers["upload-offset"]) >= self.acknowledged

    def send(self, server: Server, until_s: float) -> None:
        """Send until a time, or until the server is gone."""
        client, commander = server.client("ht-05"), server.client()
        while time.monotonic() < until_s:
            if self.path is None:
                self.data = b"\xff\xd8\xff\xe0" + os.urandom(400_000)
                made = client.post("uploads", headers=begun(self.data))
                self.path = "uploads/" + made.headers["location"].rpartition("/")[2]
                self.acknowledged = 0
            told = client.head(self.path, headers=CLOSED)
            offset = int(told.headers["upload-offset"])
            assert offset >= self.acknowledged
            if offset < len(self.data):
                chunk = self.data[offset : offset + CHUNK_BYTES]
                headers = {**CHUNK, "Upload-Offset": str(offset)}
                answer = client.patch(self.path, content=chunk, headers=headers)
                self.acknowledged = int(answer.headers["upload-offset"])
            if self.acknowledged == len(self.data):
                self.sent.append(hashlib.sha256(self.data).hexdigest())
                self.path = None
            body = incident_body()
            if commander.post("incidents", json=body).status_code == 201:
                self.incidents.append(body["id"])


def kill_uploads(kills: int, seeded: Path, scratch: Path, chance: random.Random) -> int:
    """Kill servers that files are sent to; return how many pictures came through.

    Some are killed while they start. Each that is left alone starts, with all it acknowledged.
    """
    sender = _Sender()
    for number in range(kills + 1):
        server = Server(seeded, scratch / "log", media_account_share=1)
        try:
            if chance.random() < 0.2 and number < kills:
                time.sleep(chance.uniform(0, 5))
                continue
            server.wait()
            sender.check(server)
            if number == kills:
                break
            ends_s = time.monotonic() + chance.uniform(0.2, 3)
            died = _killer(server, ends_s)
            with contextlib.suppress(httpx.TransportError):
                sender.send(server, ends_s + 60)
            died()
        finally:
            server.kill()
    return len(sender.sent)


def _killer(server: Server, at_s: float) -> Callable[[], None]:
    """Kill a server at a time from another thread; return what waits for that."""

    def kill() -> None:
        time.sleep(max(0.0, at_s - time.monotonic()))
        server.process.send_signal(signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread.join
