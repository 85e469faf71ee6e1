"""Records with version and area, the event tail, salted audit, devices, documents, sync

Every table is made anew and its rows are carried over: keys are named alike, bodies are JSON
columns, times 64 bits. The audit trail is chained anew over salted hashes; the head of the old
chain stands in its last entry, so that who noted it finds it again.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from field_api.migrations.frozen.tables_0003 import create_tables

revision = "0003"
down_revision = "0002"

Row = dict[str, Any]

_OLD = (
    "taskstep",
    "taskreport",
    "usersession",
    "sortierecord",
    "task",
    "applicationrecord",
    "planrecord",
    "incidentlink",
    "likelihoodrecord",
    "auditentry",
    "commandrecord",
    "detectionrecord",
    "fencerecord",
    "flownpiece",
    "incident",
    "lastposition",
    "media",
    "node",
    "point",
    "receivedmessage",
    "sortiestep",
    "team",
    "terminal",
    "user",
    "vehicle",
)


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    assert connection.dialect.name == "sqlite", "the first versions knew SQLite only"
    _put_aside(connection)
    create_tables()
    _carry(connection)
    for table in _OLD:
        op.drop_table(f"old_{table}")
    _protect_the_trail()


def _put_aside(connection: Connection) -> None:
    """Rename the old tables; names of indexes and triggers are free afterwards."""
    inspector = sa.inspect(connection)
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS auditentry_no_{verb}")
    for table in _OLD:
        for index in inspector.get_indexes(table):
            if index["name"] and not index["name"].startswith("sqlite_autoindex"):
                op.drop_index(index["name"], table)
        op.rename_table(table, f"old_{table}")


def _protect_the_trail() -> None:
    for table, verb, why in (
        ("auditentry", "UPDATE", "the audit trail is append-only"),
        ("auditentry", "DELETE", "the audit trail is append-only"),
        # Words may be erased (PIPL 47), by an act that names them; they never change.
        ("auditwords", "UPDATE", "the audit trail is append-only"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )


# --- rows --------------------------------------------------------------------------------------


def _rows(connection: Connection, table: str, order: str = "rowid") -> Iterator[Row]:
    found = connection.exec_driver_sql(f'SELECT * FROM "old_{table}" ORDER BY {order}')
    names = list(found.keys())
    while part := found.fetchmany(500):
        yield from (dict(zip(names, row, strict=True)) for row in part)


def _put(connection: Connection, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" for _ in names)
    connection.exec_driver_sql(
        f'INSERT INTO "{table}" ({columns}) VALUES ({marks})',
        [tuple(row[name] for name in names) for row in rows],
    )


def _list(text: str) -> str:
    return json.dumps([part for part in text.split(",") if part])


def _record(row: Row, *drop: str, **more: object) -> Row:
    """Return a row as a record: first version, everybody's business."""
    return {
        **{name: value for name, value in row.items() if name not in drop},
        "version": 1,
        "area": "",
        **more,
    }


def _carry(connection: Connection) -> None:
    def put(table: str, rows: Iterator[Row]) -> None:
        part: list[Row] = []
        for row in rows:
            part.append(row)
            if len(part) == 500:
                _put(connection, table, part)
                part = []
        _put(connection, table, part)

    def old(table: str) -> Iterator[Row]:
        return _rows(connection, table)

    put("incident", (_record(row) for row in old("incident")))
    put("incidentlink", old("incidentlink"))
    put("user", (_user(row) for row in old("user")))
    put("usersession", ({**row, "source": ""} for row in old("usersession")))
    put("device", (_device(row) for row in old("node")))
    put("vehicle", (_named(row, "vehicle_id", spec=row["spec_json"]) for row in old("vehicle")))
    put("terminal", (_named(row, "terminal_id") for row in old("terminal")))
    put("team", (_named(row, "team_id") for row in old("team")))
    put("point", (_record(row) for row in old("point")))
    put(
        "airspace",
        (_record(row, "fence_json", fence=row["fence_json"]) for row in old("fencerecord")),
    )
    put(
        "planrecord",
        (_record(row, "plan_json", plan=row["plan_json"]) for row in old("planrecord")),
    )
    put(
        "sortierecord",
        (_record(row, "sortie_json", sortie=row["sortie_json"]) for row in old("sortierecord")),
    )
    put("sortiestep", old("sortiestep"))
    put("commandrecord", (_record(row, order=None) for row in old("commandrecord")))
    incident_of = dict(
        tuple(row)
        for row in connection.exec_driver_sql("SELECT id, incident_id FROM old_sortierecord")
    )
    put("flownpiece", (_flown(row, incident_of) for row in old("flownpiece")))
    put("likelihoodrecord", (_likelihood(row) for row in old("likelihoodrecord")))
    put(
        "applicationrecord",
        (
            _record(row, "body_json", body=row["body_json"], plan_revision=1, document_id=None)
            for row in old("applicationrecord")
        ),
    )
    put("detectionrecord", (_detection(row) for row in old("detectionrecord")))
    put("lastposition", old("lastposition"))
    put("media", old("media"))
    put("receivedmessage", (_received(row) for row in old("receivedmessage")))
    finished = dict(
        tuple(row)
        for row in connection.exec_driver_sql(
            "SELECT task_id, max(received_ms) FROM old_taskstep "
            "WHERE to_state IN ('done', 'refused') GROUP BY task_id"
        )
    )
    put("task", (_record(row, finished_ms=finished.get(row["id"])) for row in old("task")))
    put("taskstep", old("taskstep"))
    put("taskreport", ({**row, "media": _list(row["media"])} for row in old("taskreport")))
    _put(connection, "attachment", _attachments(connection))
    _chain_anew(connection)


def _user(row: Row) -> Row:
    return _record(
        row,
        role=row["role"].lower(),
        areas=_list(row["areas"]),
        request_sha256="",
        totp_secret=None,
        totp_pending=None,
        totp_step=0,
        incident_id=None,
        expires_ms=None,
        erased=False,
    )


def _device(row: Row) -> Row:
    disabled = bool(row["disabled"])
    return {
        "id": row["node_id"],
        "version": 1,
        "area": "",
        "request_sha256": "",
        "kind": row["kind"],
        "subject_id": row["node_id"],
        "name": row["node_id"],
        "state": "revoked" if disabled else "enrolled",
        "token_hash": None if disabled else row["token_hash"],
        "code_hash": None,
        "code_expires_ms": 0,
        "enrolled_ms": row["enrolled_ms"],
        "last_seen_ms": None,
        "description": "",
    }


def _named(row: Row, key: str, **more: object) -> Row:
    return _record(row, key, "spec_json", id=row[key], **more)


def _flown(row: Row, incident_of: dict[str, str]) -> Row:
    return _record(
        row,
        "samples_json",
        "watched_json",
        samples=row["samples_json"],
        watched=row["watched_json"],
        incident_id=incident_of.get(row["sortie_id"]),
    )


def _likelihood(row: Row) -> Row:
    return _record(row, "incident_id", "body_json", id=row["incident_id"], body=row["body_json"])


def _detection(row: Row) -> Row:
    return _record(row, "detection_json", detection=row["detection_json"])


def _received(row: Row) -> Row:
    return {**{k: v for k, v in row.items() if k != "body_json"}, "body": row["body_json"]}


def _attachments(connection: Connection) -> list[Row]:
    """Tie stored pictures to the alerts, tasks and reports that show them."""
    found: dict[tuple[str, str, str], Row] = {}

    def add(sha256: str, topic: str, record_id: str, role: str, t_ms: int, by: str) -> None:
        found.setdefault(
            (sha256, topic, record_id),
            {
                "sha256": sha256,
                "topic": topic,
                "record_id": record_id,
                "role": role,
                "t_ms": t_ms,
                "lat_deg": None,
                "lon_deg": None,
                "device_id": "",
                "added_ms": t_ms,
                "added_by": by,
            },
        )

    evidence: dict[str, list[Row]] = {}
    for row in _rows(connection, "detectionrecord"):
        evidence[row["id"]] = json.loads(row["detection_json"]).get("evidence", [])
        for item in evidence[row["id"]]:
            by = f"node:{row['node_id']}"
            add(item["sha256"], "detection", row["id"], item["role"], row["t_ms"], by)
    for row in _rows(connection, "task"):
        for item in evidence.get(row["detection_id"] or "", []):
            role = f"evidence_{item['role']}"
            add(item["sha256"], "task", row["id"], role, row["created_ms"], row["created_by"])
    for row in _rows(connection, "taskreport"):
        for sha256 in filter(None, row["media"].split(",")):
            add(sha256, "task", row["task_id"], "report", row["t_ms"], row["by"])
    return list(found.values())


# --- the trail ---------------------------------------------------------------------------------


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _chain_anew(connection: Connection) -> None:
    prev_hash, seq, old_head = "0" * 64, 0, "0" * 64
    whole = True

    def append(entry: Row, words: Row) -> None:
        nonlocal prev_hash
        salt = secrets.token_hex(16)
        entry = {**entry, "words_sha256": _sha256(salt + _canonical(words))}
        row_hash = _sha256(prev_hash + _canonical(entry))
        _put(connection, "auditentry", [{**entry, "prev_hash": prev_hash, "hash": row_hash}])
        refs = json.dumps(words["refs"], ensure_ascii=False)
        _put(connection, "auditwords", [{"seq": entry["seq"], "salt": salt, **words, "refs": refs}])
        prev_hash = row_hash

    for row in _rows(connection, "auditentry", "seq"):
        plain = {k: v for k, v in row.items() if k not in ("prev_hash", "hash")}
        seq += 1
        whole = whole and row["seq"] == seq and row["prev_hash"] == old_head
        whole = whole and _sha256(old_head + _canonical(plain)) == row["hash"]
        old_head = row["hash"]
        append(
            {
                "seq": seq,
                "t_ms": row["t_ms"],
                "action": row["action"],
                "subject": row["subject"],
                "incident_id": row["incident_id"],
            },
            {
                "actor": row["actor"],
                "actor_name": row["actor_name"],
                "source": row["source"],
                "text_zh": row["text_zh"],
                "text_en": row["text_en"],
                "refs": json.loads(row["refs_json"]),
            },
        )
    if seq == 0:
        return
    state_zh, state_en = ("完整", "whole") if whole else ("已断裂", "BROKEN")
    append(
        {
            "seq": seq + 1,
            "t_ms": time.time_ns() // 1_000_000,
            "action": "audit.rechained",
            "subject": "audit",
            "incident_id": None,
        },
        {
            "actor": "system",
            "actor_name": "系统",
            "source": "migration 0003",
            "text_zh": f"审计链以加盐哈希重新链接;原链 {seq} 条,{state_zh},链头 {old_head}",
            "text_en": f"Chained anew over salted hashes; the old chain of {seq} entries was "
            f"{state_en}, its head {old_head}",
            "refs": {"old_head": old_head, "entries": str(seq), "whole": str(whole)},
        },
    )
