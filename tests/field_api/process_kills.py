"""Kill -9 of each process of a post under load, and what of the acknowledged is there then."""

import os
import random
import signal
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from field_api.settings import Settings
from tests.field_api.nats import NatsServer
from tests.field_api.post import seed
from tests.field_api.postgresql import PostgresServer
from tests.field_api.served_workers import Load, ServedWorkers, load_on, served_workers

__all__ = ["Losses", "kill_grown", "kill_single"]

BETWEEN = 30
"""Acknowledged between two kills."""

STORED = "SELECT id FROM incident"
TOLD = "SELECT record_id FROM event WHERE topic = 'incident'"
NUMBERS = "SELECT count(*), max(seq) - min(seq) + 1 FROM event"


@dataclass(frozen=True)
class Losses:
    """What came of a load under kills."""

    kills: int
    acknowledged: int
    lost: int
    """Acknowledged, and not there."""
    doubled: int
    """Told more than once, or never."""
    gaps: int
    """Numbers missing among the events."""

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.acknowledged} acknowledged, {self.lost} lost, "
            f"{self.doubled} doubled or untold, {self.gaps} gaps"
        )


def _losses(kills: int, load: Load, stored: Any, told: Any, numbers: Any) -> Losses:
    there = {row[0] for row in stored}
    times = Counter(row[0] for row in told)
    return Losses(
        kills=kills,
        acknowledged=len(load.acknowledged),
        lost=len(set(load.acknowledged) - there),
        doubled=sum(times[one] != 1 for one in there),
        gaps=numbers[1] - numbers[0],
    )


async def kill_single(kills: int, data_dir: Path) -> Losses:
    """Kill the one server of an embedded database, and start it again, under load."""
    async with served_workers(data_dir) as server, load_on(server.url) as load:
        for _ in range(kills):
            await load.more(BETWEEN)
            await server.kill()
            await server.start()
        await load.more(BETWEEN)
        await load.end()
    with sqlite3.connect(Settings(data_dir=data_dir).database_file) as database:
        ask = database.execute
        return _losses(
            kills, load, ask(STORED).fetchall(), ask(TOLD).fetchall(), ask(NUMBERS).fetchone()
        )


async def kill_grown(
    kills: dict[str, int],
    data_dir: Path,
    database: PostgresServer,
    broker: NatsServer,
    chance: random.Random,
) -> Losses:
    """Kill processes of a post with two workers, in any order, under load.

    Args:
        kills: how often the `worker`, `supervisor`, `database` and `broker` are killed.
        data_dir: a seeded one.
        database: its server.
        broker: where the workers meet.
        chance: which is next.
    """
    url = database.create("post")
    seed(data_dir, url)
    turns = [what for what, times in kills.items() for _ in range(times)]
    chance.shuffle(turns)
    settings = {"database_url": url, "broker_url": broker.url}
    async with served_workers(data_dir, 2, **settings) as many, load_on(many.url) as load:
        for what in turns:
            await load.more(BETWEEN)
            await _kill(what, many, database, broker, chance)
        await load.more(BETWEEN)
        await load.end()
    with psycopg.connect(url) as connection:
        # Requests that were cut off may still be committed while these are asked.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        rows = [connection.execute(words).fetchall() for words in (STORED, TOLD, NUMBERS)]
    return _losses(len(turns), load, rows[0], rows[1], rows[2][0])


async def _kill(
    what: str,
    many: ServedWorkers,
    database: PostgresServer,
    broker: NatsServer,
    chance: random.Random,
) -> None:
    match what:
        case "worker":
            os.kill(chance.choice(many.worker_pids()), signal.SIGKILL)
            await many.one_more_started()
        case "supervisor":
            await many.kill()
            await many.start()
        case "database":
            database.kill()
            database.start()
        case "broker":
            broker.kill()
            broker.start()
        case _:
            raise ValueError(f"{what} is no process of a post")
