"""What differs between databases, in one place: SQLite is the embedded default.

PostgreSQL takes the other branch of each function: an advisory lock instead of the writer lock.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

__all__ = ["lock_order", "make_engine", "sqlite_url"]

_ORDER_LOCK = 0x78756E73
"""Any number, the same everywhere: who appends to the tail and the trail holds it."""


def sqlite_url(file: Path) -> str:
    """Return the address of an embedded database."""
    return f"sqlite:///{file}"


def _as_text(value: Any) -> str:
    """Pass JSON text through; columns that hold typed values (`Shape`) make it themselves."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def make_engine(url: str, *, writer: bool) -> Engine:
    """Return an engine; `writer` may change rows, others are refused by the database itself."""
    identity = {"json_serializer": _as_text, "json_deserializer": lambda value: value}
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=8, max_overflow=24, **identity)
    engine = create_engine(
        url,
        connect_args={"timeout": 15, "check_same_thread": False},
        pool_size=1 if writer else 8,
        max_overflow=0 if writer else 40,
        **identity,
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


def lock_order(session: Session) -> None:
    """Hold the one order of commits until this transaction ends.

    SQLite's writer holds it since its BEGIN IMMEDIATE.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ORDER_LOCK}
        )
