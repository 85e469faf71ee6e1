"""Fixtures: a seeded data directory, and a command post on it."""

import logging
import os
import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher

from field_api.contract.ids import new_id
from field_api.features.accounts import passwords
from field_api.settings import Settings
from tests.field_api.nats import NatsServer
from tests.field_api.post import Post, asgi_post, seed, socket_post
from tests.field_api.postgresql import PostgresServer, postgres_server
from xunshan import log_plainly


@pytest.fixture(scope="session", autouse=True)
def cheap_argon2() -> Generator[None]:
    """Hash with little memory and one pass: the algorithm is argon2's business, not ours."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cheap)
        patch.setattr(passwords, "_nobody", cheap.hash("nobody"))
        yield


@pytest.fixture(autouse=True)
def logs_as_before() -> Generator[None]:
    """Undo what a command that ran in this process did to logging."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if root.handlers != handlers:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()
        log_plainly()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with roster and accounts, to be copied."""
    data_dir = tmp_path_factory.mktemp("seeded")
    seed(data_dir)
    return data_dir


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Generator[PostgresServer]:
    """A PostgreSQL server with a seeded database to copy, `seeded`."""
    with postgres_server() as server:
        if server is None:
            pytest.skip("PostgreSQL is not installed on this machine")
        seed(tmp_path_factory.mktemp("grown"), server.create("seeded"))
        yield server


@pytest.fixture
def broker() -> Generator[NatsServer]:
    """A NATS server that runs."""
    if not NatsServer.installed():
        pytest.skip("nats-server is not installed on this machine")
    server = NatsServer()
    server.start()
    yield server
    server.kill()


BOTH = {
    f"tests.field_api.{name}" for name in ("test_tail", "test_sync", "test_access", "test_live")
}
"""Suites of store, sync, scope and live socket: they run on both databases."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on each of them."""
    if metafunc.module.__name__ in BOTH and "settings" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test's command post has; see `pytest_generate_tests`."""
    return getattr(request, "param", os.environ.get("XUNSHAN_TEST_DATABASE", "sqlite"))


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, seeded: Path, tmp_path: Path, database: str
) -> Settings:
    """Settings of a fresh copy of the seeded data directory, and of the database."""
    data_dir = tmp_path / "data"
    shutil.copytree(seeded, data_dir)
    url = ""
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create(f"t{new_id().replace('-', '')}", "seeded")
    return Settings(data_dir=data_dir, database_url=url, improve_s=0)


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
