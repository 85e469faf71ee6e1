"""What differs between databases, in one place: SQLite is embedded, PostgreSQL the grown-up one.

Both let one change happen at a time, SQLite by its writer lock, PostgreSQL by an advisory lock
taken where a change begins: what a change reads can't change before it commits, and the order of
commits is the order of the event tail.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["is_embedded", "make_engine", "sqlite_url", "storable"]

_WRITER_LOCK = 0x78756E73
"""Any number, the same in all workers."""
BUSY_S = 15.0
"""Longest wait of commands for other changes."""
_READERS, _MORE_READERS = 8, 40


def sqlite_url(file: Path) -> str:
    """Return the address of an embedded database."""
    return f"sqlite:///{file}"


def is_embedded(url: str) -> bool:
    """Whether a database is a file of this process."""
    return url.startswith("sqlite")


def _as_text(value: Any) -> str:
    """Pass JSON text through; columns that hold typed values (`Shape`) make it themselves."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_wire(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def make_engine(url: str, *, writer: bool, busy_s: float = BUSY_S) -> Engine:
    """Return an engine; `writer` may change rows, others are refused by the database itself.

    Args:
        url: of the database.
        writer: see above.
        busy_s: how long to wait for another process that writes.
    """
    make = _sqlite if is_embedded(url) else _postgresql
    return make(url, writer, busy_s)


def _sqlite(url: str, writer: bool, busy_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": busy_s, "check_same_thread": False},
        pool_size=1 if writer else _READERS,
        max_overflow=0 if writer else _MORE_READERS,
        json_serializer=_as_text,
        json_deserializer=_from_wire,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]
        assert isinstance(connection, sqlite3.Connection)
        # SQLAlchemy begins transactions itself (below), so that a writer takes its lock at once.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # Nodes and handhelds are told "stored" after a commit: it must survive a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={'OFF' if writer else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def storable(text: str) -> str:
    """Return a text as every database can hold it: PostgreSQL has no NUL, so it is shown."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _postgresql(url: str, writer: bool, busy_s: float) -> Engine:
    engine = create_engine(
        url,
        # A database that was restarted is met again by the next request.
        pool_pre_ping=True,
        pool_size=1 if writer else _READERS,
        max_overflow=0 if writer else _MORE_READERS,
        isolation_level="READ COMMITTED" if writer else "REPEATABLE READ",
        connect_args={"connect_timeout": 10, "application_name": "xunshan"},
        json_serializer=_as_text,
        json_deserializer=_from_wire,
        execution_options={} if writer else {"postgresql_readonly": True},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver is loaded only where there is such a database.
        from field_api.core.postgresql_text import clean_text

        clean_text(connection, storable)

    if writer:

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(busy_s * 1000)}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine
