"""What a node must remember over a crash: unacknowledged records, and the commands it has seen.

One SQLite file in WAL mode with `synchronous=FULL`: when a call returns, the change has been
fsynced and survives `kill -9` and a power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
The file is locked for the life of the process, so two nodes can't share one by mistake.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from field_api.contract.ids import new_id
from field_api.contract.link.frames import MAX_FRAME_BYTES
from field_api.contract.messages import CommandOutcome, CommandResult, DurableBody

__all__ = ["JournalError", "MessageTooLargeError", "NodeJournal", "RejectedRecord", "StoredRecord"]

FRAME_OVERHEAD_BYTES = 100
"""Room for the frame around a record."""

LEDGER_KEEP_MS = 24 * 3_600_000
"""A command id is remembered this long after its expiry; after that its expiry refuses it."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    rejected_code TEXT,
    rejected_text TEXT
);
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY,
    expires_ms INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


class JournalError(RuntimeError):
    """The journal file can't be opened or written; the text names the file and the reason."""


class MessageTooLargeError(ValueError):
    """A record that no frame can carry; it was not stored."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record waiting for its acknowledgement."""

    seq: int
    body: str
    """The message as JSON text."""


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record the command post refused to store, kept for a person to see."""

    seq: int
    body: str
    code: str
    text: str


class NodeJournal:
    """The outbox and the command ledger of one node; use from one thread."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            JournalError: the folder is not writable, the file is no journal, or another process
                has it open.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_SCHEMA)
            with self._transaction():
                self._db.execute(
                    "INSERT OR IGNORE INTO meta VALUES ('outbox_id', ?)",
                    (new_id(),),
                )
            row = self._db.execute("SELECT value FROM meta WHERE name='outbox_id'").fetchone()
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"can't open the outbox {path}: {error}; it must be in a writable folder "
                "and used by one node only"
            ) from error
        self.outbox_id: str = row[0]
        """Sequence numbers count within this id."""
        self.newest_seq: int = self._db.execute(
            "SELECT coalesce(max(seq), 0) FROM outbox"
        ).fetchone()[0]
        """No waiting record has a larger number: what every poll asks, without the disk."""

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db, self._path)

    def _forgetting(self) -> "_Transaction":
        """Return a transaction that may be undone by a power cut: the record is then sent again.

        It spares the fsync, and half the time of every acknowledged record with it.
        """
        return _Transaction(self._db, self._path, synchronous="NORMAL")

    def put(self, message: DurableBody, *, closes_command: bool = True) -> int:
        """Store a record and return its sequence number once it is on disk.

        The same record again returns its old number. A final `CommandResult` also closes its
        command in the ledger, in the same transaction, unless `closes_command` is false.

        Raises:
            MessageTooLargeError: longer than a frame may be.
            ValueError: another body under an id that is still waiting.
            JournalError: the disk refused.
        """
        body = message.model_dump_json()
        size = len(body.encode())
        if size > MAX_FRAME_BYTES - FRAME_OVERHEAD_BYTES:
            raise MessageTooLargeError(
                f"{message.kind} {message.id} has {size} bytes; "
                f"at most {MAX_FRAME_BYTES - FRAME_OVERHEAD_BYTES} fit into a frame"
            )
        with self._transaction():
            old = self._db.execute(
                "SELECT seq, body FROM outbox WHERE message_id=?", (message.id,)
            ).fetchone()
            if old is not None:
                if old[1] != body:
                    raise ValueError(f"{message.id} is already used by another record")
                return int(old[0])
            cursor = self._db.execute(
                "INSERT INTO outbox (message_id, body) VALUES (?, ?)", (message.id, body)
            )
            if (
                closes_command
                and isinstance(message, CommandResult)
                and message.outcome is not CommandOutcome.ACCEPTED
            ):
                self._db.execute("UPDATE commands SET answered=1 WHERE id=?", (message.command_id,))
            seq = cursor.lastrowid
        if seq is None:
            raise JournalError(f"{self._path} gave no sequence number")
        self.newest_seq = max(self.newest_seq, seq)
        return seq

    def after(self, seq: int, count: int) -> list[StoredRecord]:
        """Return up to `count` waiting records with larger numbers, oldest first."""
        rows = self._db.execute(
            "SELECT seq, body FROM outbox WHERE seq>? AND rejected_code IS NULL "
            "ORDER BY seq LIMIT ?",
            (seq, count),
        )
        return [StoredRecord(*row) for row in rows]

    def get(self, seq: int) -> StoredRecord | None:
        """Return one waiting record, None when it is acknowledged, rejected or unknown."""
        row = self._db.execute(
            "SELECT seq, body FROM outbox WHERE seq=? AND rejected_code IS NULL", (seq,)
        ).fetchone()
        return StoredRecord(*row) if row else None

    @property
    def pending_count(self) -> int:
        """How many records wait for their acknowledgement."""
        row = self._db.execute("SELECT count(*) FROM outbox WHERE rejected_code IS NULL").fetchone()
        return int(row[0])

    def remove(self, seqs: Iterable[int]) -> None:
        """Forget acknowledged records."""
        with self._forgetting():
            self._db.executemany(
                "DELETE FROM outbox WHERE seq=? AND rejected_code IS NULL",
                [(seq,) for seq in seqs],
            )

    def remove_through(self, seq: int) -> None:
        """Forget every record up to `seq`, which the command post says it has."""
        with self._forgetting():
            self._db.execute("DELETE FROM outbox WHERE seq<=? AND rejected_code IS NULL", (seq,))

    def reject(self, seq: int, code: str, text: str) -> None:
        """Set a record aside with the command post's reason."""
        with self._transaction():
            self._db.execute(
                "UPDATE outbox SET rejected_code=?, rejected_text=? WHERE seq=?",
                (code, text, seq),
            )

    def rejected(self) -> list[RejectedRecord]:
        """Return the records set aside, oldest first."""
        rows = self._db.execute(
            "SELECT seq, body, rejected_code, rejected_text FROM outbox "
            "WHERE rejected_code IS NOT NULL ORDER BY seq"
        )
        return [RejectedRecord(*row) for row in rows]

    def claim_command(self, command_id: str, expires_ms: int, server_now_ms: int) -> bool:
        """Remember a command; False if it was seen before, also before a restart."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM commands WHERE answered=1 AND expires_ms<?",
                (server_now_ms - LEDGER_KEEP_MS,),
            )
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO commands (id, expires_ms) VALUES (?, ?)",
                (command_id, expires_ms),
            )
        return cursor.rowcount == 1

    def unanswered_commands(self) -> list[str]:
        """Return the ids of commands taken but not answered by a final result."""
        return [row[0] for row in self._db.execute("SELECT id FROM commands WHERE answered=0")]

    def close(self) -> None:
        """Release the file."""
        self._db.close()


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK on any error; SQLite's errors name the file."""

    def __init__(self, db: sqlite3.Connection, path: Path, synchronous: str = "FULL") -> None:
        self._db = db
        self._path = path
        self._synchronous = synchronous

    def __enter__(self) -> Self:
        try:
            self._db.execute(f"PRAGMA synchronous={self._synchronous}")
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise JournalError(f"{self._path}: {error}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._db.execute("COMMIT" if error is None else "ROLLBACK")
        except sqlite3.Error as refused:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise JournalError(f"{self._path}: {refused}") from refused
        if isinstance(error, sqlite3.Error):
            raise JournalError(f"{self._path}: {error}") from error
