"""Each process of a post killed a hundred times under load: `make soak`, or SOAK_RUNS=N times."""

import asyncio
import os
import random
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.field_api.nats import NatsServer
from tests.field_api.post import seed
from tests.field_api.postgresql import postgres_server
from tests.field_api.process_kills import Losses, kill_grown, kill_single
from tests.field_api.served_workers import load_on, served_workers

RUNS = int(os.environ.get("SOAK_RUNS", "100"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().getrandbits(32)
AWAY_S = float(os.environ.get("AWAY_S", "60"))

pytestmark = pytest.mark.timeout(120 + 120 * RUNS)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A seeded folder."""
    seed(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def broker() -> Generator[NatsServer]:
    if not NatsServer.installed():
        pytest.skip("nats-server is not installed on this machine")
    server = NatsServer()
    server.start()
    yield server
    server.kill()


def nothing_was_lost(what: str, found: Losses) -> None:
    print(f"SEED {SEED}, {what}: {found}")
    assert (found.lost, found.doubled, found.gaps) == (0, 0, 0)


async def test_the_server_of_an_embedded_database(data_dir: Path) -> None:
    nothing_was_lost("server", await kill_single(RUNS, data_dir))


@pytest.mark.parametrize("what", ["worker", "supervisor", "database", "broker"])
async def test_a_process_of_a_grown_post(what: str, data_dir: Path, broker: NatsServer) -> None:
    with postgres_server() as database:
        if database is None:
            pytest.skip("PostgreSQL is not installed on this machine")
        chance = random.Random(SEED)
        nothing_was_lost(what, await kill_grown({what: RUNS}, data_dir, database, broker, chance))


@pytest.mark.parametrize("what", ["database", "broker"])
async def test_a_minute_away(what: str, data_dir: Path, tmp_path: Path, broker: NatsServer) -> None:
    """Gone for a minute under load: told, and back by itself."""
    with postgres_server() as database:
        if database is None:
            pytest.skip("PostgreSQL is not installed on this machine")
        url = database.create("post")
        seed(shutil.copytree(data_dir, tmp_path / "shared"), url)
        settings = {"database_url": url, "broker_url": broker.url}
        async with (
            served_workers(tmp_path / "shared", 2, **settings) as many,
            load_on(many.url) as load,
        ):
            await load.more(100)
            await asyncio.to_thread(database.kill if what == "database" else broker.kill)
            before, told = len(load.acknowledged), load.refused
            await asyncio.sleep(AWAY_S)
            meanwhile, refused = len(load.acknowledged) - before, load.refused - told
            await asyncio.to_thread(database.start if what == "database" else broker.start)
            await load.more(100)
    print(f"{what} away for {AWAY_S:g} s: {meanwhile} acknowledged, {refused} told to come again")
    # Without a broker records go on; without a database nothing can be kept, and that is said.
    assert (refused == 0) == (what == "broker")
    assert (meanwhile > 50) == (what == "broker")
