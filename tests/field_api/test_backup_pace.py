"""Backups one after the other: their pace, and which of them stay."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from field_api.app import utc_ms
from field_api.backup.keeping import Pace, parse_duration_s
from field_api.backup.manifest import MANIFEST, backups_in
from field_api.backup.pruning import prune
from field_api.backup.verifying import verify_backup
from field_api.core.blobs.files import BlobFiles
from field_api.core.data_folder import hold
from field_api.settings import Settings
from tests.field_api.command_post import refused, running
from tests.field_api.post import T0_MS
from tests.field_api.test_backup import back_up, filled, picture

__all__ = ["filled"]


def test_old_backups_go_with_their_files(filled: Settings, tmp_path: Path) -> None:
    to, day_ms = tmp_path / "to", 86_400_000
    start_ms = T0_MS - T0_MS % day_ms
    only_old = picture(7)
    files = BlobFiles(filled.media_dir)
    sha256 = hashlib.sha256(only_old).hexdigest()
    files.put(sha256, only_old)
    ages = [30 * day_ms, 3 * day_ms + 1000, 3 * day_ms, 2 * day_ms, 2000, 1000, 0]
    made = {age: back_up(filled, to, start_ms + day_ms // 2 - age) for age in ages[:1]}
    files.path(sha256).unlink()
    made |= {age: back_up(filled, to, start_ms + day_ms // 2 - age) for age in ages[1:]}
    gone = prune(to, start_ms + day_ms // 2, all_ms=day_ms // 4, daily_ms=7 * day_ms)
    assert set(gone) == {made[30 * day_ms], made[3 * day_ms + 1000]}
    assert set(backups_in(to)) == set(made.values()) - set(gone)
    assert not BlobFiles(to / "media").exists(sha256)
    for left in backups_in(to):
        verify_backup(left)
    cut_off = backups_in(to)[0]
    (cut_off / MANIFEST).unlink()
    back_up(filled, to, start_ms + day_ms // 2 + 1)
    assert not cut_off.exists(), "a kill while it was removed left the rest of it"
    assert prune(to, start_ms + 999 * day_ms, all_ms=1, daily_ms=1)
    assert len(backups_in(to)) == 1, "the newest stays, however old"


def test_the_pace_leaves_time_for_making_the_backup() -> None:
    now = 100.0
    pace = Pace(300, lambda: now)
    assert pace.wait_s == 0
    moments: list[float] = []
    whole: list[float] = []
    for _ in range(5):
        now += pace.wait_s
        moments.append(now)
        pace.begin()
        now += 40
        whole.append(now)
        pace.done()
    assert pace.kept_up
    # Just before one is whole, all since the moment of the one before can be lost.
    assert all(new - old <= 300 for old, new in zip(moments, whole[1:], strict=False))
    pace.begin()
    now += 200
    pace.done()
    assert (pace.kept_up, pace.wait_s) == (False, 0)


@pytest.mark.parametrize("text", ["", "5", "m", "0m", "5 m", "-5m", "5w", "٥m"])
def test_what_is_no_duration_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no duration"):
        parse_duration_s(text)


def test_a_duration_that_cant_be_read_is_said(settings: Settings, tmp_path: Path) -> None:
    words = ["backup", tmp_path / "to", "--data-dir", settings.data_dir, "--every", "soon"]
    refused(words, "--every", "5m")


async def test_every_goes_on_also_after_one_that_failed(settings: Settings, tmp_path: Path) -> None:
    to = tmp_path / "to"
    words = ["backup", to, "--data-dir", settings.data_dir, "--every", "1s", "--keep", "1h"]
    with hold_for_test(to), running(words) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        said = await asyncio.to_thread(process.stderr.readline)
        assert "in use" in said
        (to / "lock").unlink()
        made = [Path((await asyncio.to_thread(process.stdout.readline)).strip()) for _ in range(2)]
    for backup in made:
        assert verify_backup(backup).made_ms <= utc_ms()


def hold_for_test(to: Path) -> Any:
    to.mkdir()
    return hold(to, "backup")
