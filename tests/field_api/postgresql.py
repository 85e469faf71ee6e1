"""A PostgreSQL server of the tests' own: private folder, loopback port, thrown away afterwards."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator
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


@contextlib.contextmanager
def postgres_server(folder: Path) -> Generator[PostgresServer | None]:
    """Run a server; None where PostgreSQL is not installed.

    It does not wait for disks (`fsync=off`): what a crash leaves is PostgreSQL's business.
    """
    programs = _programs()
    if programs is None:
        yield None
        return
    data, port = folder / "postgresql", free_port()
    data.mkdir(parents=True)
    # PostgreSQL refuses to run as root; Debian's package makes this user.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(data, user)
        for parent in data.parents:
            parent.chmod(parent.stat().st_mode | 0o011)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "--locale=C.UTF-8", "-N"],
        check=True, capture_output=True, user=user, timeout=START_S, cwd="/",
    )  # fmt: skip
    options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300"
    control = [programs / "pg_ctl", "-D", data, "-w", "-t", str(START_S)]
    subprocess.run(
        [*control, "-o", options, "-l", data / "log", "start"],
        check=True, capture_output=True, user=user, timeout=START_S + 10, cwd="/",
    )  # fmt: skip
    try:
        yield PostgresServer(port)
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"],
            check=True, capture_output=True, user=user, timeout=START_S + 10, cwd="/",
        )  # fmt: skip
