"""Files and parts on a real disk, with crashes wherever they may come."""

import hashlib
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from field_api.core.blobs.files import BlobFiles, HashMismatchError, PartLostError

CONTENT = bytes(range(256)) * 40
SHA = hashlib.sha256(CONTENT).hexdigest()


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture
def files(tmp_path: Path) -> BlobFiles:
    return BlobFiles(tmp_path)


def test_put_is_whole_and_repeatable(files: BlobFiles, tmp_path: Path) -> None:
    files.put(SHA, CONTENT)
    files.put(SHA, CONTENT)
    assert files.path(SHA).read_bytes() == CONTENT
    assert not list((tmp_path / "parts").iterdir())


def test_put_of_other_bytes_keeps_nothing(files: BlobFiles) -> None:
    with pytest.raises(HashMismatchError):
        files.put(SHA, b"other")
    assert not files.exists(SHA)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA.upper(), SHA + "\n", SHA[:-1] + "/"])
def test_a_hash_is_not_a_way_out(files: BlobFiles, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        files.path(name)


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".put-x", "x\n", "a" * 65, "ａ"])
def test_an_upload_id_is_not_a_way_out(files: BlobFiles, name: str) -> None:
    with pytest.raises(ValueError, match="upload id"):
        files.start(name)


def test_chunks_then_the_file(files: BlobFiles) -> None:
    files.start("u1")
    assert files.append("u1", 0, CONTENT[:5000]) == 5000
    files.start("u1")
    assert files.size_bytes("u1") == 5000, "starting again takes nothing away"
    assert files.append("u1", 5000, CONTENT[5000:]) == len(CONTENT)
    assert files.finish("u1", SHA).read_bytes() == CONTENT
    assert files.size_bytes("u1") is None
    assert files.finish("u1", SHA) == files.path(SHA), "again, as after a crash"


def test_a_chunk_that_is_not_kept_leaves_no_byte(files: BlobFiles) -> None:
    files.start("u1")
    files.append("u1", 0, b"good")
    with files.writer("u1", 4) as writer:
        writer.write(b"corrupt")
        writer.undo()
    assert files.size_bytes("u1") == 4
    with suppress(Crash), files.writer("u1", 4) as writer:
        writer.write(b"lost")
        raise Crash
    assert files.size_bytes("u1") == 4
    with files.writer("u1", 4) as writer:
        writer.write(b" half")
        assert writer.keep(3) == 7
    assert files.size_bytes("u1") == 7


def test_a_full_disk_leaves_what_was_acknowledged(files: BlobFiles, tmp_path: Path) -> None:
    files.start("u1")
    files.append("u1", 0, b"good")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(OSError, match="too large"):
            files.append("u1", 4, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (tmp_path / "parts/u1.part").read_bytes() == b"good"


def test_more_than_was_written_cannot_be_kept(files: BlobFiles) -> None:
    files.start("u1")
    with files.writer("u1", 0) as writer:
        writer.write(b"ab")
        with pytest.raises(ValueError, match="can't be kept"):
            writer.keep(3)


def test_bytes_that_nobody_acknowledged_are_cut_off(files: BlobFiles, tmp_path: Path) -> None:
    files.start("u1")
    files.append("u1", 0, b"good")
    with (tmp_path / "parts/u1.part").open("ab") as file:
        file.write(b"written by a request that was killed")
    assert BlobFiles(tmp_path).append("u1", 4, b"!") == 5
    assert (tmp_path / "parts/u1.part").read_bytes() == b"good!"


def test_a_shorter_part_says_where_to_go_on(files: BlobFiles) -> None:
    files.start("u1")
    files.append("u1", 0, b"good")
    with pytest.raises(PartLostError) as lost:
        files.append("u1", 6, b"x")
    assert lost.value.size_bytes == 4
    with pytest.raises(PartLostError) as gone:
        files.append("u2", 0, b"x")
    assert gone.value.size_bytes == 0
    with pytest.raises(PartLostError):
        files.finish("u2", SHA)
    files.truncate("u1", 2)
    assert files.size_bytes("u1") == 2


def test_a_part_of_other_bytes_is_never_filed(files: BlobFiles) -> None:
    files.start("u1")
    files.append("u1", 0, b"other")
    with pytest.raises(HashMismatchError):
        files.finish("u1", SHA)
    assert not files.exists(SHA)
    files.drop("u1")
    files.drop("u1")
    assert files.parts() == []


def test_parts_untouched_for_long_are_dropped(files: BlobFiles, tmp_path: Path) -> None:
    for name, modified_s in (("old", 1000), ("new", 2000)):
        files.start(name)
        os.utime(tmp_path / f"parts/{name}.part", (modified_s, modified_s))
    assert [part.upload_id for part in files.parts()] == ["old", "new"]
    assert files.drop_untouched(2_000_000) == ["old"]
    assert [part.upload_id for part in files.parts()] == ["new"]


def test_sweep_removes_strays_of_this_and_the_version_before(
    files: BlobFiles, tmp_path: Path
) -> None:
    files.put(SHA, CONTENT)
    files.start("mine")
    files.start("stray")
    strays = [tmp_path / "parts/.put-x1", tmp_path / SHA[:2] / ".part-x2", tmp_path / "parts/junk"]
    for stray in strays:
        stray.write_bytes(b"x")
    assert files.sweep(["mine"], before_ms=0) == [], "another worker may be writing them"
    assert set(files.sweep(["mine"])) == {*strays, tmp_path / "parts/stray.part"}
    assert files.exists(SHA)
    assert files.size_bytes("mine") == 0


def test_sweep_of_nothing(tmp_path: Path) -> None:
    assert BlobFiles(tmp_path / "never made").sweep([]) == []


WRITER = """
import sys
from pathlib import Path
from field_api.core.blobs.files import BlobFiles
files = BlobFiles(Path(sys.argv[1]))
files.start("u1")
size = files.size_bytes("u1")
while True:
    size = files.append("u1", size, bytes([size // 5000 % 256]) * 5000)
    print(size, flush=True)
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(20):
                acknowledged = int(process.stdout.readline())
            process.kill()
            for line in process.stdout:
                acknowledged = int(line) if line.endswith("\n") else acknowledged
        files = BlobFiles(tmp_path)
        size_bytes = files.size_bytes("u1")
        assert size_bytes is not None
        assert size_bytes >= acknowledged
        files.truncate("u1", acknowledged)
        content = (tmp_path / "parts/u1.part").read_bytes()
        assert content == b"".join(bytes([i % 256]) * 5000 for i in range(acknowledged // 5000))
    assert [path.name for path in files.sweep([])] == ["u1.part"]


@settings(max_examples=40)
@given(dies_at=st.integers(0, 40), chunk_bytes=st.integers(900, 6000))
def test_a_crash_at_any_call_leaves_a_part_or_the_file(
    tmp_path_factory: pytest.TempPathFactory, dies_at: int, chunk_bytes: int
) -> None:
    """Die at the n-th system call that matters, reopen, go on: the file is whole in the end."""
    root = tmp_path_factory.mktemp("blobs")
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == dies_at:
            raise Crash

    acknowledged = 0
    with pytest.MonkeyPatch.context() as patch:
        real_fsync, real_replace = os.fsync, Path.replace

        def fsync(handle: int) -> None:
            count()
            real_fsync(handle)

        def replace(source: Path, target: Path) -> Path:
            count()
            result = real_replace(source, target)
            count()
            return result

        patch.setattr(os, "fsync", fsync)
        patch.setattr(Path, "replace", replace)
        for _ in range(3):
            files = BlobFiles(root)
            try:
                files.start("u1")
                while acknowledged < len(CONTENT):
                    chunk = CONTENT[acknowledged:][:chunk_bytes]
                    acknowledged = files.append("u1", acknowledged, chunk)
                files.finish("u1", SHA)
                break
            except Crash:
                assert files.exists(SHA) or (files.size_bytes("u1") or 0) >= acknowledged
    assert BlobFiles(root).path(SHA).read_bytes() == CONTENT
    BlobFiles(root).sweep([])
    assert [path for path in root.rglob("*") if path.is_file()] == [BlobFiles(root).path(SHA)]
