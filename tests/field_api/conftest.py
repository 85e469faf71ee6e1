"""Fixtures: a seeded data directory, and a command post on it."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post, seed, socket_post


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with roster and accounts, to be copied."""
    data_dir = tmp_path_factory.mktemp("seeded")
    seed(data_dir)
    return data_dir


@pytest.fixture
def settings(seeded: Path, tmp_path: Path) -> Settings:
    """Settings of a fresh copy of the seeded data directory."""
    data_dir = tmp_path / "data"
    shutil.copytree(seeded, data_dir)
    return Settings(data_dir=data_dir)


@pytest.fixture
async def post(settings: Settings) -> AsyncGenerator[Post]:
    """A command post reached without sockets."""
    async with asgi_post(settings) as running:
        yield running


@pytest.fixture
async def live_post(settings: Settings) -> AsyncGenerator[Post]:
    """A command post on a real socket."""
    async with socket_post(settings) as running:
        yield running
