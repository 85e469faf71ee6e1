"""The data folder: one owner, private, and a sentence for what can't be opened."""

import base64
import os
import shutil
import sqlite3
import stat
import subprocess
import time
from pathlib import Path

import pytest

from field_api.core.data_folder import DataFolderError, FolderInUseError, hold, make_private
from field_api.opening import beside, owned
from field_api.settings import Settings
from tests.field_api.command_post import (
    PROGRAM,
    Server,
    in_process,
    one_sentence,
    refused,
    serving,
    xunshan,
)
from tests.field_api.post import incident_body
from tests.field_api.small_disk import small_disk

DATABASE = "xunshan.sqlite3"


@pytest.fixture
def data_dir(settings: Settings) -> Path:
    """A seeded folder of its own."""
    return settings.data_dir


def modes(folder: Path) -> dict[str, str]:
    """Return the permissions of what others could read."""
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in [folder, *folder.rglob("*")]}
    return {str(path): oct(mode) for path, mode in found.items() if mode & 0o077}


# --- one owner --------------------------------------------------------------------------------


def test_a_second_server_is_refused_and_told_which_process_has_the_folder(
    data_dir: Path, tmp_path: Path
) -> None:
    with serving(data_dir, tmp_path / "log") as first:
        second = xunshan("serve", "--port", 1 + first.port, "--data-dir", data_dir)
        one_sentence(second, str(data_dir), "xunshan serve", str(first.process.pid))
        assert first.client().get("incidents").status_code == 200
        for words in (["admin", "migrate"], ["upgrade"], ["upgrade", "--back"]):
            refused([*words, "--data-dir", data_dir], str(first.process.pid))


def test_commands_that_work_beside_a_server_still_do(data_dir: Path, tmp_path: Path) -> None:
    with serving(data_dir, tmp_path / "log") as server:
        for words in (["user", "list"], ["device", "list"], ["verify-audit"]):
            done = in_process("admin", *words, "--data-dir", str(data_dir))
            assert done.exit_code == 0, done.output
        enrolled = xunshan("admin", "enrol", "fleet-7", "fleet", "--data-dir", data_dir)
        assert enrolled.stdout.startswith("xsn_"), enrolled.stderr
        listed = server.client("admin").get("devices").json()
        assert "fleet-7" in {device["subject_id"] for device in listed}


def test_a_command_that_reads_keeps_no_server_from_starting(settings: Settings) -> None:
    """Whoever looks through the trail page by page may take an hour for it."""
    with beside(settings, "admin verify-audit", writes=False), owned(settings, "serve"):
        pass
    with beside(settings, "admin change", writes=True):
        says = "admin change"
        with pytest.raises(FolderInUseError, match=says), hold(settings.data_dir, "serve", 0.1):
            pass


def test_a_short_command_is_waited_for_and_a_long_one_is_not(tmp_path: Path) -> None:
    refused_by = pytest.raises(FolderInUseError, match=f"{os.getpid()}")
    with hold(tmp_path, "restore"), refused_by, hold(tmp_path, "serve"):
        pass
    with hold(tmp_path, "admin change"):
        waiting = subprocess.Popen(
            [
                PROGRAM[0],
                "-c",
                "import sys, pathlib; from field_api.core.data_folder import hold\n"
                "print('asks', flush=True)\n"
                "with hold(pathlib.Path(sys.argv[1]), 'serve'): print('has', flush=True)",
                str(tmp_path),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "asks\n"
    assert waiting.communicate(timeout=60)[0] == "has\n"


# --- private ----------------------------------------------------------------------------------


def test_a_folder_of_an_older_version_becomes_private(data_dir: Path, tmp_path: Path) -> None:
    media = data_dir / "media" / "ab"
    media.mkdir(parents=True)
    (data_dir / "media" / "parts").mkdir()
    for file in (media / ("ab" * 32), data_dir / "media" / "parts" / "1.part"):
        file.write_bytes(b"a face")
    for path in [data_dir, *data_dir.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    left = data_dir / "media" / "parts" / "1.part"
    os.utime(left, (1, 1))
    with serving(data_dir, tmp_path / "log") as server:
        begun = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": _said()}
        assert server.client("ht-05").post("uploads", headers=begun).status_code == 201
        assert len(list((data_dir / "media" / "parts").glob("*-*.part"))) == 1
        assert (data_dir / f"{DATABASE}-wal").exists()
        until = time.monotonic() + 60
        while left.exists():  # what a killed server left goes at the start
            assert time.monotonic() < until
            time.sleep(0.1)
        assert modes(data_dir) == {}


def _said() -> str:
    facts = {"sha256": "0" * 64, "filetype": "image/jpeg"}
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in facts.items())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_another_user_is_refused(data_dir: Path) -> None:
    os.chown(data_dir, 65534, 65534)
    for words in (["serve"], ["admin", "user", "list"]):
        refused([*words, "--data-dir", data_dir], "nobody", "--data-dir")


def test_a_folder_of_everybody_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(DataFolderError, match="everybody"):
        make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


# --- what can't be opened ---------------------------------------------------------------------


def broken(data_dir: Path, how: str) -> None:
    """Break a database."""
    file = data_dir / DATABASE
    match how:
        case "newer":
            with sqlite3.connect(file) as database:
                database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.close()
        case "no database":
            file.write_bytes(b"Dear Sir or Madam, " * 1000)
        case "another program's":
            file.unlink()
            with sqlite3.connect(file) as database:
                database.execute("CREATE TABLE recipes (name TEXT)")
            database.close()
        case "damaged pages":
            content = bytearray(file.read_bytes())
            for page in range(4, len(content) // 4096, 3):
                content[page * 4096 : page * 4096 + 2000] = b"\x5a" * 2000
            file.write_bytes(content)
        case "cut off":
            file.write_bytes(file.read_bytes()[: 4096 * 20])
        case "pictures gone":
            with sqlite3.connect(file) as database:
                database.execute(
                    "INSERT INTO media (sha256, media_type, size_bytes, stored_ms, stored_by)"
                    " VALUES ('ab', 'image/jpeg', 1, 1, 'x')"
                )
            database.close()
            shutil.rmtree(data_dir / "media", ignore_errors=True)
        case _:
            raise AssertionError(how)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("newer", "newer version"),
        ("no database", "is not a database"),
        ("another program's", "another program"),
        ("damaged pages", "xunshan restore"),
        ("cut off", "xunshan restore"),
        ("pictures gone", "mount or restore"),
    ],
)
def test_what_cant_be_opened_is_said_in_one_sentence(data_dir: Path, how: str, says: str) -> None:
    """It used to be a traceback of 96 lines."""
    broken(data_dir, how)
    before = (data_dir / DATABASE).read_bytes()
    refused(["serve", "--data-dir", data_dir], says, str(data_dir))
    assert (data_dir / DATABASE).read_bytes() == before
    refused(["admin", "migrate", "--data-dir", data_dir], says)


def test_a_folder_that_can_only_be_read_is_said_so(data_dir: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        shutil.copytree(data_dir, disk / "data")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused(["serve", "--data-dir", disk / "data"], "can't be written", "--data-dir")


def test_an_incident_of_before_is_there_after_a_kill(data_dir: Path, tmp_path: Path) -> None:
    with serving(data_dir, tmp_path / "log") as server:
        body = incident_body()
        assert server.client().post("incidents", json=body).status_code == 201
        server.kill()
    with serving(data_dir, tmp_path / "log") as again:
        assert isinstance(again, Server)
        assert again.client().get(f"incidents/{body['id']}").status_code == 200
