"""After a power cut handhelds, consoles and nodes come back at once: all get in, nothing is lost.

A small district; `python -m tests.benchmarks storm` has a whole one.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from field_api.settings import Settings
from tests.benchmarks.bench_post import enrolled
from tests.benchmarks.load_client import work_of_a_shift
from tests.benchmarks.storm import storm
from tests.benchmarks.year import make_year
from tests.field_api.served import served
from tests.fleet.flight_line import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

HANDHELDS, EACH, CONSOLES, NODES, BACKLOG = 30, 6, 4, 3, 20


async def test_all_come_in_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    made = make_year(tmp_path / "data", None, terminals=HANDHELDS, tasks_each=2, enterprises=10)
    nodes = {f"fleet-{n}": enrolled(tmp_path / "data", f"fleet-{n}") for n in range(NODES)}
    port = free_port()
    task: dict[str, Any] = {
        "port": port, "terminals": made.terminals, "tasks": made.tasks, "users": made.users,
        "each": EACH, "consoles": CONSOLES, "nodes": nodes, "backlog": BACKLOG, "cursors": {},
    }  # fmt: skip
    coming = asyncio.create_task(storm(task, work_of_a_shift))
    with served(tmp_path / "data", port=port):
        async with asyncio.timeout(240):
            found = await coming
    assert {who: len(times) for who, times in found["took_s"].items()} == {
        "handhelds": HANDHELDS,
        "consoles": CONSOLES,
        "nodes": NODES,
    }
    assert found["answers"].pop("applied") == HANDHELDS * EACH
    assert all(answer.startswith(("refused 503", "refused 429")) for answer in found["answers"])
    with sqlite3.connect(Settings(data_dir=tmp_path / "data").database_file) as database:
        (items,) = database.execute("SELECT count(*) FROM syncitem").fetchone()
        (told,) = database.execute(
            "SELECT count(*) FROM vehicleeventrecord WHERE code = 'statustext'"
        ).fetchone()
    assert (items, told) == (HANDHELDS * EACH, NODES * BACKLOG)
