"""A power cut ends: a whole district comes back to one post within a second.

The server is killed. 300 handhelds with ten records each, 20 consoles and 8 nodes with 100 records
each wait for it to start again, on SQLite and, where PostgreSQL is installed, on that. Nobody has
to fetch the registers anew: handhelds go on where they were.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from field_api.moving import move
from field_api.settings import Settings
from tests.benchmarks.bench_post import (
    Row,
    answer_of,
    begin,
    client,
    enrolled,
    percentile,
    pull_all,
    row,
)
from tests.benchmarks.served import Served, free_port, serve
from tests.benchmarks.year import make_year
from tests.field_api.postgresql import PostgresServer, postgres_server

HANDHELDS, EACH, CONSOLES, NODES, BACKLOG = 300, 10, 20, 8, 100


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget, missed)."""
    with tempfile.TemporaryDirectory(prefix="xunshan-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        yield from _storm(folder / "sqlite", "SQLite", None)
        server = stack.enter_context(postgres_server(durable=True))
        if server is not None:
            yield from _storm(folder / "postgresql", "PostgreSQL", server)


async def _cursors(port: int, terminals: tuple[str, ...]) -> dict[str, str]:
    """Let every handheld fetch all there is; return where each has come to."""
    cursors: dict[str, str] = {}
    for name in terminals:
        _, _, cursors[name] = await pull_all(port, name)
    return cursors


def _storm(data_dir: Path, kind: str, server: PostgresServer | None) -> Iterator[Row]:
    made = make_year(data_dir, None, terminals=HANDHELDS, tasks_each=2)
    nodes = {f"fleet-{n}": enrolled(data_dir, f"fleet-{n}") for n in range(NODES)}
    settings: dict[str, str] = {}
    if server is not None:
        settings["database_url"] = server.create("bench")
        there = Settings.model_validate({"data_dir": data_dir, **settings})
        move(Settings(data_dir=data_dir).database, there.database)
    port = free_port()
    before = Served(data_dir, port, settings=settings)
    cursors = asyncio.run(_cursors(port, made.terminals))
    before.kill()
    coming = client(
        "storm",
        {
            "port": port, "terminals": made.terminals, "tasks": made.tasks, "users": made.users,
            "each": EACH, "consoles": CONSOLES, "nodes": nodes, "backlog": BACKLOG,
            "cursors": cursors,
        },
    )  # fmt: skip
    began = time.monotonic()
    begin(coming)
    with serve(data_dir, settings=settings, port=port) as served:
        starting = time.monotonic() - began
        found = answer_of(coming)
        memory = served.memory_bytes
    yield row(f"{kind}: the server starts", starting, "s")
    for who, times in found["took_s"].items():
        yield row(f"{kind}: {len(times)} {who}, half of them in", percentile(times, 0.5), "s")
        yield row(f"{kind}: {len(times)} {who}, all in", max(times), "s")
    reads = found["reads_ms"]
    yield row(f"{kind}: a list meanwhile, median", percentile(reads, 0.5), "ms")
    yield row(f"{kind}: a list meanwhile, p95", percentile(reads, 0.95), "ms")
    applied = found["answers"].pop("applied", 0)
    yield row(f"{kind}: records of handhelds lost", HANDHELDS * EACH - applied, "", 0)
    yield row(f"{kind}: memory of the server", memory / 1e6, "MB")
    for what, count in sorted(found["answers"].items()):
        yield row(f"{kind}: {what}", count, "")
