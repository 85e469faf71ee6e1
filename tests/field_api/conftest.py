"""Fixtures: a seeded data directory, and a command post on it."""

import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from field_api.features.accounts import passwords
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post, seed, socket_post


@pytest.fixture(scope="session", autouse=True)
def cheap_argon2() -> Generator[None]:
    """Hash with little memory and one pass: the algorithm is argon2's business, not ours."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cheap)
        patch.setattr(passwords, "_nobody", cheap.hash("nobody"))
        yield


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
    return Settings(data_dir=data_dir, improve_s=0)


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
