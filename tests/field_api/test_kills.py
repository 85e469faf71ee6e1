"""A few kills at random moments; a hundred in tests/soak."""

import random
import shutil
from pathlib import Path

import pytest

from field_api.settings import Settings
from tests.field_api.kills import kill_restores, kill_upgrades, kill_uploads

SEED = 20261129


def test_a_killed_restore_is_said_and_done_again(settings: Settings, tmp_path: Path) -> None:
    kill_restores(2, settings.data_dir, tmp_path, random.Random(SEED))


def test_a_killed_upgrade_leaves_a_post_that_starts(tmp_path: Path) -> None:
    kill_upgrades(2, tmp_path, random.Random(SEED))


@pytest.mark.slow
def test_a_killed_server_lost_nothing_it_acknowledged(seeded: Path, tmp_path: Path) -> None:
    shutil.copytree(seeded, tmp_path / "post")
    kill_uploads(1, tmp_path / "post", tmp_path, random.Random(SEED))
