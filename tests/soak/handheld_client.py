"""A small handheld, written from docs/sync.md alone: it keeps what it makes until acknowledged.

Runs as its own process so that it can be killed: it is given its file, the port, a session, its
terminal, its user and how wrong its clock is, reads one JSON command a line and answers with one
JSON line. Standard library only: it starts quickly and shares nothing with the command post.
"""

import hashlib
import http.client
import json
import random
import sqlite3
import sys
import time
import uuid
from base64 import b64encode
from pathlib import Path
from typing import Any

CHUNK = 700
LIMIT = 3
"""Small pages and pieces, so that everything breaks in between."""
TABLES = """
CREATE TABLE IF NOT EXISTS item (
  seq INTEGER PRIMARY KEY, id TEXT UNIQUE, text TEXT, state TEXT, reason TEXT, pictures TEXT);
CREATE TABLE IF NOT EXISTS picture (sha256 TEXT PRIMARY KEY, bytes BLOB, address TEXT, task TEXT);
CREATE TABLE IF NOT EXISTS record (
  type TEXT, id TEXT, version INTEGER, data TEXT, PRIMARY KEY (type, id));
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT);
"""


class LostError(Exception):
    """No answer came: whether the request arrived nobody knows."""


def made_id(t_ms: int) -> str:
    """Return a UUIDv7."""
    value = (t_ms & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | random.getrandbits(12) << 64
    return str(uuid.UUID(int=value | 0b10 << 62 | random.getrandbits(62)))


class Handheld:
    """Its outbox, its pictures, and what it knows."""

    def __init__(
        self, file: Path, port: int, token: str, name: str, user: str, skew_ms: int
    ) -> None:
        self._port, self._token, self._name, self._user = port, token, name, user
        self._skew_ms = skew_ms
        self.store = sqlite3.connect(file, isolation_level=None)
        self.store.execute("PRAGMA journal_mode=WAL")
        self.store.execute("PRAGMA synchronous=FULL")
        self.store.executescript(TABLES)

    def _now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._skew_ms

    def _ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        sent = {"Authorization": f"Bearer {self._token}", "Connection": "close"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise LostError(type(error).__name__) from None
        finally:
            connection.close()
        if answer.status >= 500:
            raise LostError(f"status {answer.status}: {content[:200]!r}")
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    # --- making -----------------------------------------------------------------------------

    def _keep(self, op: str, task: str, body: dict[str, Any], after: str | None) -> dict[str, Any]:
        t_ms = self._now_ms()
        item = {
            "id": made_id(t_ms),
            "op": op,
            "target": task,
            "after": after,
            "made_ms": t_ms,
            "body": {"id": made_id(t_ms), "t_ms": t_ms, **body},
        }
        self.store.execute(
            "INSERT INTO item (id, text, state, pictures) VALUES (?, ?, 'waiting', ?)",
            (item["id"], json.dumps(item), json.dumps(body.get("media", []))),
        )
        return item

    def do_report(self, task: str, text: str, pictures: list[int], after: str | None) -> Any:
        """Write a report, with pictures of so many bytes."""
        names: list[str] = []
        self.store.execute("BEGIN")
        for size in pictures:
            # A JPEG by its first bytes, the rest is chance.
            content = b"\xff\xd8\xff\xe0" + random.randbytes(size) + b"\xff\xd9"
            names.append(hashlib.sha256(content).hexdigest())
            self.store.execute(
                "INSERT INTO picture VALUES (?, ?, NULL, ?)", (names[-1], content, task)
            )
        body = {"text": text, "lat_deg": 24.94, "lon_deg": 102.61, "media": names}
        item = self._keep("task.report", task, body, after)
        self.store.execute("COMMIT")
        return item

    def do_move(self, task: str, to: str, after: str | None) -> Any:
        """Move a task on."""
        return self._keep("task.move", task, {"to": to}, after)

    def do_edit(self, entry: str, column: str, value: Any) -> Any:
        """Change a column of an enterprise, as it is known here."""
        found = self.store.execute(
            "SELECT data FROM record WHERE type = 'register.enterprises' AND id = ?", (entry,)
        ).fetchone()
        if found is None:
            return None  # It was told to begin anew and has not heard of it again.
        data = json.loads(found[0])
        changed = {**data, column: value}
        self.store.execute(
            "UPDATE record SET data = ? WHERE type = 'register.enterprises' AND id = ?",
            (json.dumps(changed, sort_keys=True), entry),
        )
        edit = {
            "register_name": "enterprises",
            "was": {column: data[column]},
            "now": {column: value},
        }
        return self._keep("register.edit", entry, edit, self._last_edit(entry))

    def _last_edit(self, entry: str) -> str | None:
        """Return the last edit of an entry that waits: the next one goes on from it."""
        waiting = self.store.execute("SELECT text FROM item ORDER BY seq DESC").fetchall()
        items = (json.loads(text) for (text,) in waiting)
        same = (i["id"] for i in items if (i["op"], i["target"]) == ("register.edit", entry))
        return next(same, None)

    # --- sending ----------------------------------------------------------------------------

    def do_push(self, most: int, seed: int, only: list[str] | None = None) -> Any:
        """Send some of what waits, in any order; forget what is acknowledged with its pictures."""
        rows = self.store.execute("SELECT text FROM item WHERE state IN ('waiting', 'held')")
        items = [json.loads(text) for (text,) in rows]
        random.Random(seed).shuffle(items)
        if only is not None:
            items = [item for item in items if item["id"] in only]
        if not items:
            return []
        return self._send(items[:most])

    def do_send_again(self, item: dict[str, Any]) -> Any:
        """Send a forged item: it is no business of the outbox what becomes of it."""
        return self._answers([item])

    def _answers(self, items: list[dict[str, Any]]) -> Any:
        body = {"device_id": self._name, "author": self._user, "items": items}
        status, _, content = self._ask(
            "POST", "/api/v1/sync/push", json.dumps(body).encode(), Content_Type="application/json"
        )
        assert status == 200, content
        return json.loads(content)["answers"]

    def _send(self, items: list[dict[str, Any]]) -> Any:
        answers = self._answers(items)
        self.store.execute("BEGIN")
        for answer in answers:
            state = {"applied": "acknowledged", "repeated": "acknowledged"}.get(
                answer["status"], answer["status"]
            )
            self.store.execute(
                "UPDATE item SET state = ?, reason = ? WHERE id = ? AND state != 'acknowledged'",
                (state, answer["code"], answer["id"]),
            )
            for sha256 in answer["media_missing"]:
                self.store.execute("UPDATE picture SET address = '' WHERE sha256 = ?", (sha256,))
            if answer["record"] is not None:
                self._take(answer["record"])
        self.store.execute("COMMIT")
        self._tidy()
        return answers

    def do_upload(self) -> Any:
        """Send the pictures on from where each is."""
        rows = self.store.execute("SELECT sha256, bytes, address, task FROM picture").fetchall()
        for sha256, content, address, task in rows:
            self._upload(sha256, content, address, task)
            self.store.execute("DELETE FROM picture WHERE sha256 = ?", (sha256,))
        self._tidy()
        return len(rows)

    def _upload(self, sha256: str, content: bytes, address: str | None, task: str) -> None:
        tus: dict[str, Any] = {"Tus_Resumable": "1.0.0"}
        offset = None
        if address:
            status, headers, _ = self._ask("HEAD", address, **tus)
            if status == 200:
                offset = int(headers["upload-offset"])
        if offset is None:
            said = {"sha256": sha256, "filetype": "image/jpeg", "topic": "task"}
            said |= {"record_id": task, "role": "report"}
            pairs = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in said.items())
            status, headers, answer = self._ask(
                "POST",
                "/api/v1/uploads",
                b"",
                **tus,
                Upload_Length=str(len(content)),
                Upload_Metadata=pairs,
            )
            assert status == 201, (status, answer)
            address = "/api/" + headers["location"].partition("/api/")[2]
            self.store.execute("UPDATE picture SET address = ? WHERE sha256 = ?", (address, sha256))
            offset = int(headers.get("upload-offset", "0"))
        assert address is not None
        while offset < len(content):
            status, headers, answer = self._ask(
                "PATCH",
                address,
                content[offset : offset + CHUNK],
                **tus,
                Upload_Offset=str(offset),
                Content_Type="application/offset+octet-stream",
            )
            if status in (409, 423):
                _, headers, _ = self._ask("HEAD", address, **tus)
            else:
                assert status == 204, (status, answer)
            offset = int(headers["upload-offset"])

    def _tidy(self) -> None:
        """Forget what is acknowledged and whose pictures have all arrived."""
        rows = self.store.execute("SELECT id, pictures FROM item WHERE state = 'acknowledged'")
        here = {sha256 for (sha256,) in self.store.execute("SELECT sha256 FROM picture")}
        for item_id, pictures in rows.fetchall():
            if not here.intersection(json.loads(pictures)):
                self.store.execute("DELETE FROM item WHERE id = ?", (item_id,))

    # --- learning ---------------------------------------------------------------------------

    def _take(self, record: dict[str, Any]) -> None:
        key = (record["type"], record["id"])
        known = self.store.execute(
            "SELECT version FROM record WHERE type = ? AND id = ?", key
        ).fetchone()
        if known is not None and known[0] > record["version"]:
            return
        if record["op"] == "put":
            self.store.execute(
                "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)",
                (*key, record["version"], json.dumps(record["data"], sort_keys=True)),
            )
        else:
            self.store.execute("DELETE FROM record WHERE type = ? AND id = ?", key)

    def do_pull(self) -> Any:
        """Learn what changed, to the end; a page and its cursor are kept together."""
        for _ in range(10_000):
            found = self.store.execute("SELECT value FROM mark WHERE name = 'cursor'").fetchone()
            asked = f"limit={LIMIT}" + (f"&cursor={found[0]}" if found and found[0] else "")
            status, _, content = self._ask("GET", f"/api/v1/sync/pull?{asked}")
            assert status == 200, content
            page = json.loads(content)
            self.store.execute("BEGIN")
            if page["resync"]:
                self.store.execute("DELETE FROM record")
            for record in page["changes"]:
                self._take(record)
            self.store.execute(
                "INSERT OR REPLACE INTO mark VALUES ('cursor', ?)", (page["cursor"],)
            )
            self.store.execute("COMMIT")
            if not page["more"]:
                return None
        raise AssertionError("the tail has no end")

    def do_spoil_cursor(self, cursor: str) -> Any:
        """Pull from a cursor that is not one's own the next time."""
        self.store.execute("INSERT OR REPLACE INTO mark VALUES ('cursor', ?)", (cursor,))

    def do_state(self) -> Any:
        """Return all that it knows."""
        items = self.store.execute("SELECT id, state, reason FROM item ORDER BY seq").fetchall()
        records = self.store.execute("SELECT type, id, version, data FROM record").fetchall()
        pictures = [sha256 for (sha256,) in self.store.execute("SELECT sha256 FROM picture")]
        return {"items": items, "records": records, "pictures": pictures}


def main() -> None:
    """Do one command after the other."""
    file, port, token, name, user, skew_ms = sys.argv[1:]
    handheld = Handheld(Path(file), int(port), token, name, user, int(skew_ms))
    for line in sys.stdin:
        command = json.loads(line)
        try:
            found = getattr(handheld, f"do_{command.pop('do')}")(**command)
            answer = {"found": found}
        except LostError as error:
            answer = {"lost": str(error)}
        except Exception as error:  # noqa: BLE001 - told to who gave the command
            answer = {"error": f"{type(error).__name__}: {error}"}
        if handheld.store.in_transaction:
            handheld.store.execute("ROLLBACK")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
