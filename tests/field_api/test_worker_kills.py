"""Workers of one post killed with kill -9 under load: nothing acknowledged is lost or doubled."""

import asyncio
import os
import random
import select
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import psycopg
import pytest

from field_api.contract.ids import new_id
from tests.field_api.nats import NatsServer
from tests.field_api.post import incident_body
from tests.field_api.postgresql import PostgresServer
from tests.fleet.flight_line import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("WORKER_KILLS", "2"))
WITHIN_S = 120
WRITERS = 4


class ManyWorkers:
    """`xunshan serve --workers 2` as a process of its own."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v1/"
        self._process = process

    async def one_more_started(self) -> None:
        """Wait until another worker says that it listens."""
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while b"command post:" not in (line := await self._process.stdout.readline()):
                assert line, "the server ended"

    def kill(self) -> None:
        """Kill the supervisor alone, as a power user or the system's memory watch does."""
        self._process.kill()

    def worker_pids(self) -> list[int]:
        """The processes below the supervisor."""
        pid = self._process.pid
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
async def served(
    seeded: Path, tmp_path: Path, postgres: PostgresServer, broker: NatsServer
) -> AsyncGenerator[tuple[ManyWorkers, str]]:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    database, port = f"k{new_id().replace('-', '')}", free_port()
    environment = {
        **os.environ,
        "XUNSHAN_DATABASE_URL": postgres.create(database, "seeded"),
        "XUNSHAN_BROKER_URL": broker.url,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "xunshan", "serve", "--workers", "2"),
        *("--port", str(port), "--data-dir", str(data_dir)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    many = ManyWorkers(port, process)
    try:
        for _ in range(2):
            await many.one_more_started()
        yield many, postgres.url(database)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(WITHIN_S):
            await process.wait()


async def write_on(url: str, cookie: httpx.Cookies, acknowledged: list[str]) -> None:
    """Open incidents, each until it is acknowledged; connections break now and then."""
    async with httpx.AsyncClient(base_url=url, cookies=cookie, timeout=20) as client:
        while True:
            body = incident_body()
            while True:
                try:
                    answer = await client.post("incidents", json=body)
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.status_code in (200, 201):
                    acknowledged.append(body["id"])
                    break
                assert answer.status_code == 503, answer.text


async def test_what_was_acknowledged_outlives_the_worker_that_did(
    served: tuple[ManyWorkers, str],
) -> None:
    many, database_url = served
    async with httpx.AsyncClient(base_url=many.url, timeout=60) as client:
        signed = await client.post("session", json={"username": "duty", "password": "xunshan-demo"})
        assert signed.status_code == 200, signed.text
        cookies = client.cookies
    acknowledged: list[str] = []
    writers = [
        asyncio.create_task(write_on(many.url, cookies, acknowledged)) for _ in range(WRITERS)
    ]
    chance = random.Random(8)
    for _ in range(KILLS):
        count = len(acknowledged)
        async with asyncio.timeout(WITHIN_S):
            while len(acknowledged) < count + 50:
                assert not any(writer.done() for writer in writers)
                await asyncio.sleep(0.02)
        os.kill(chance.choice(many.worker_pids()), signal.SIGKILL)
        await many.one_more_started()
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    with psycopg.connect(database_url) as database:
        # Requests that were cut off may still be committed while these are asked.
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        stored = database.execute("SELECT id FROM incident").fetchall()
        told = database.execute(
            "SELECT record_id, count(*) FROM event WHERE topic = 'incident' GROUP BY record_id"
        ).fetchall()
        numbers = database.execute("SELECT count(*), max(seq) - min(seq) + 1 FROM event").fetchone()
    assert set(acknowledged) <= {row[0] for row in stored}
    assert {row[0]: 1 for row in stored} == dict(told)
    assert numbers is not None
    assert numbers[0] == numbers[1], "no number is missing"
    print(f"{KILLS} kills, {len(acknowledged)} acknowledged, {len(stored)} stored")


async def test_workers_do_not_outlive_the_supervisor_that_holds_the_folder(
    served: tuple[ManyWorkers, str],
) -> None:
    many, _ = served
    pids = many.worker_pids()
    assert len(pids) == 2
    ends = [os.pidfd_open(pid) for pid in pids]
    many.kill()
    for end in ends:
        # Readable once its process has ended.
        readable, _, _ = await asyncio.to_thread(select.select, [end], [], [], WITHIN_S)
        os.close(end)
        assert readable, "a worker goes on without its supervisor"
