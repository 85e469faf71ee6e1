"""A PostgreSQL server of the tests' own: private folder, loopback port, thrown away afterwards."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.fleet.flight_line import free_port

__all__ = ["PostgresServer", "postgres_server"]

USER = "xunshan"
START_S = 60


def _programs() -> Path | None:
    """Where initdb and postgres are, Debian's own place included."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server."""

    port: int
    _data: Path
    _control: Callable[[str], None]

    def url(self, database: str) -> str:
        """Return a database's address as people write it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """Execute one statement outside of every database of the tests."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, a copy of another one; return its address."""
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def stop(self) -> None:
        """End it without waiting for anybody."""
        self._control("stop")

    def kill(self) -> None:
        """End it with kill -9, and wait until its children have noticed."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ends = [os.pidfd_open(one) for one in (pid, *map(int, children))]
        os.kill(pid, signal.SIGKILL)
        for end in ends:
            # Readable once its process has ended.
            readable, _, _ = select.select([end], [], [], START_S)
            os.close(end)
            assert readable, "a part of PostgreSQL goes on"
        # It does not start again before its number is free, and whoever reaps it takes a moment.
        end_s = time.monotonic() + START_S
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < end_s, "nobody reaps PostgreSQL"
            time.sleep(0.05)

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        self._control("start")


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Generator[PostgresServer | None]:
    """Run a server; None where PostgreSQL is not installed.

    Args:
        durable: whether it waits for disks, and lies on one; what a crash leaves is PostgreSQL's
            business, so that only what is timed needs it.
    """
    programs = _programs()
    if programs is None:
        yield None
        return
    # PostgreSQL refuses to run as root; Debian's package makes this user. Its folder is none of
    # pytest's: every run that begins closes those to other users, the ones in use included.
    user = "postgres" if os.geteuid() == 0 else None
    where = None if durable else os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with tempfile.TemporaryDirectory(prefix="xunshan-postgresql-", dir=where) as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        with _server(programs, folder / "data", user, durable=durable) as server:
            yield server


@contextlib.contextmanager
def _server(
    programs: Path, data: Path, user: str | None, *, durable: bool
) -> Generator[PostgresServer]:
    port = free_port()
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "--locale=C.UTF-8", "-N"],
        check=True, capture_output=True, user=user, timeout=START_S, cwd="/",
    )  # fmt: skip
    options = (
        f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c max_connections=300 "
        f"-c fsync={'on' if durable else 'off'}"
    )

    def control(action: str) -> None:
        how = ["-o", options, "-l", data / "log"] if action == "start" else ["-m", "immediate"]
        subprocess.run(
            [programs / "pg_ctl", "-D", data, "-w", "-t", str(START_S), *how, action],
            check=True, capture_output=True, user=user, timeout=START_S + 10, cwd="/",
        )  # fmt: skip

    control("start")
    try:
        yield PostgresServer(port, data, control)
    finally:
        control("stop")
