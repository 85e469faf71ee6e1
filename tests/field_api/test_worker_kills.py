"""Kill -9 of each process under load: nothing acknowledged is lost or doubled. More in soak."""

import asyncio
import os
import random
import select
import shutil
from pathlib import Path

import pytest

from tests.field_api.nats import NatsServer
from tests.field_api.postgresql import PostgresServer, postgres_server
from tests.field_api.process_kills import kill_grown
from tests.field_api.served_workers import WITHIN_S, served_workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def test_what_was_acknowledged_outlives_every_process(
    seeded: Path, tmp_path: Path, broker: NatsServer
) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    kills = {"worker": 1, "supervisor": 1, "database": 1, "broker": 1}
    with postgres_server() as database:
        if database is None:
            pytest.skip("PostgreSQL is not installed on this machine")
        found = await kill_grown(kills, data_dir, database, broker, random.Random(8))
    print(found)
    assert (found.lost, found.doubled, found.gaps) == (0, 0, 0)


async def test_workers_do_not_outlive_the_supervisor_that_holds_the_folder(
    seeded: Path, tmp_path: Path, postgres: PostgresServer, broker: NatsServer
) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    settings = {"database_url": postgres.create("outlived", "seeded"), "broker_url": broker.url}
    async with served_workers(data_dir, 2, **settings) as many:
        pids = many.worker_pids()
        assert len(pids) == 2
        ends = [os.pidfd_open(pid) for pid in pids]
        await many.kill()
        for end in ends:
            # Readable once its process has ended.
            readable, _, _ = await asyncio.to_thread(select.select, [end], [], [], WITHIN_S)
            os.close(end)
            assert readable, "a worker goes on without its supervisor"
