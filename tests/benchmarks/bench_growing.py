"""One post on SQLite, on PostgreSQL, and on PostgreSQL with two workers, under the same load.

All three begin with the same records: the SQLite post is moved. PostgreSQL waits for its disk, as
SQLite does. The servers' processor time does not count the database server's and the broker's.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from field_api.moving import move
from field_api.settings import Settings
from tests.benchmarks.bench_post import (
    TERMINALS,
    Row,
    cold_pull,
    enrolled,
    field_day,
    handhelds,
    row,
)
from tests.benchmarks.served import serve
from tests.benchmarks.year import make_year
from tests.field_api.nats import NatsServer
from tests.field_api.postgresql import PostgresServer, postgres_server

KINDS = (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2))
LOAD_S = 20.0 if os.environ.get("BENCH_SMALL") == "1" else 60.0


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget, missed)."""
    with tempfile.TemporaryDirectory(prefix="xunshan-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        server = stack.enter_context(postgres_server(durable=True))
        if server is None or not NatsServer.installed():
            raise RuntimeError("PostgreSQL and nats-server must be installed")
        broker = NatsServer()
        broker.start()
        stack.callback(broker.kill)
        for number, (kind, workers) in enumerate(KINDS):
            yield from _post(folder / str(number), kind, workers, server, broker)
    yield row("load average in the end", os.getloadavg()[0], "")


def _post(
    data_dir: Path, kind: str, workers: int, server: PostgresServer, broker: NatsServer
) -> Iterator[Row]:
    made = make_year(data_dir, None, terminals=TERMINALS, tasks_each=2)
    token = enrolled(data_dir)
    settings = dict[str, str]()
    if kind == "PostgreSQL":
        settings["database_url"] = server.create(f"bench{data_dir.name}")
        if workers > 1:
            settings["broker_url"] = broker.url
    there = Settings.model_validate({"data_dir": data_dir, **settings})
    if settings:
        move(Settings(data_dir=data_dir).database, there.database)
    name = f"{kind}, {workers} worker{'s' if workers > 1 else ''}"
    with serve(data_dir, workers=workers, settings=settings) as served:
        yield from cold_pull(made, served, name)
        yield from field_day(made, served, token, LOAD_S, name)
        yield row(f"{name}: memory of all its processes", served.memory_bytes / 1e6, "MB")
        yield from handhelds(made, served, there.database, name)
