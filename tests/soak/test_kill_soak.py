"""A hundred kills at random moments of restore, upgrade and upload: `make soak`, or KILLS=N."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.field_api.kills import kill_restores, kill_upgrades, kill_uploads
from tests.field_api.post import seed

KILLS = int(os.environ.get("KILLS", "100"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().getrandbits(32)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A seeded folder."""
    seed(tmp_path / "post")
    return tmp_path / "post"


def test_restores(filled: Path, tmp_path: Path) -> None:
    print("SEED", SEED)
    cut_off = kill_restores(KILLS * 2 // 5, filled, tmp_path, random.Random(SEED))
    print(f"{cut_off} of {KILLS * 2 // 5} restores cut off")
    assert cut_off


def test_upgrades(tmp_path: Path) -> None:
    print("SEED", SEED)
    cut_off = kill_upgrades(KILLS * 2 // 5, tmp_path, random.Random(SEED))
    print(f"{cut_off} of {KILLS * 2 // 5} upgrades cut off")
    assert cut_off


def test_uploads(filled: Path, tmp_path: Path) -> None:
    print("SEED", SEED)
    shutil.copytree(filled, tmp_path / "served")
    sent = kill_uploads(KILLS // 5, tmp_path / "served", tmp_path, random.Random(SEED))
    print(f"{KILLS // 5} kills of the server, {sent} pictures came through")
    assert sent
