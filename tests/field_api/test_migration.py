"""A database of the version before is taken along, without losing a row or a word."""

import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from field_api.core.audit.trail import verify_chain
from field_api.core.dialect import sqlite_url
from field_api.features.inspections.tables import Hazard, Inspection, NumberBlock, Paper
from field_api.migrate import migrate
from field_api.settings import Settings
from tests.field_api.post import Post, asgi_post
from tests.field_api.registers.test_edits import edit
from tests.field_api.test_sync import push, step

FIXTURES = Path(__file__).parent / "data"
"""Databases of earlier revisions: an incident, a plan flown, an alert, a task done (0002, version
0.1); besides an enterprise and a handheld's item that waits for another (0003)."""


def kept(tmp_path: Path, revision: str) -> Path:
    """Return a data directory as a revision left it."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    script = gzip.decompress((FIXTURES / f"post_{revision}.sql.gz").read_bytes()).decode()
    with sqlite3.connect(data_dir / "xunshan.sqlite3") as database:
        database.executescript(script)
    database.close()
    return data_dir


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data directory as version 0.1 left it."""
    return kept(tmp_path, "0002")


def rows(data_dir: Path, query: str) -> list[dict[str, Any]]:
    database = sqlite3.connect(data_dir / "xunshan.sqlite3")
    database.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in database.execute(query)]
    finally:
        database.close()


SAME_COUNT = {
    "incident": "incident",
    "incidentlink": "incidentlink",
    "user": "user",
    "usersession": "usersession",
    "node": "device",
    "vehicle": "vehicle",
    "terminal": "terminal",
    "team": "team",
    "point": "point",
    "fencerecord": "airspace",
    "planrecord": "planrecord",
    "sortierecord": "sortierecord",
    "sortiestep": "sortiestep",
    "commandrecord": "commandrecord",
    "flownpiece": "flownpiece",
    "likelihoodrecord": "likelihoodrecord",
    "applicationrecord": "applicationrecord",
    "detectionrecord": "detectionrecord",
    "lastposition": "lastposition",
    "media": "media",
    "receivedmessage": "receivedmessage",
    "task": "task",
    "taskstep": "taskstep",
    "taskreport": "taskreport",
}


def test_every_row_is_carried_over_and_nothing_of_the_old_is_left(old: Path) -> None:
    before = {
        table: rows(old, f'SELECT count(*) AS n FROM "{table}"')[0]["n"] for table in SAME_COUNT
    }
    assert all(before[table] for table in SAME_COUNT if table != "commandrecord")
    migrate(sqlite_url(old / "xunshan.sqlite3"))
    for table, renamed in SAME_COUNT.items():
        assert rows(old, f'SELECT count(*) AS n FROM "{renamed}"')[0]["n"] == before[table], table
    assert not rows(old, "SELECT name FROM sqlite_master WHERE name LIKE 'old_%'")


async def test_the_trail_is_chained_anew_and_the_old_head_is_found(old: Path) -> None:
    entries = rows(old, "SELECT * FROM auditentry ORDER BY seq")
    async with asgi_post(Settings(data_dir=old, improve_s=0)) as post:
        with post.services.store.read() as session:
            report = verify_chain(session, noted_head=entries[-1]["hash"])
            # The chain made anew; the law and the shipped plan put in at the start.
            assert (report.intact, report.entries) == (True, len(entries) + 3)
            assert not verify_chain(session, noted_head="f" * 64).intact
        trail = (await (await post.sign_in("auditor")).get("audit?limit=1000")).json()
        texts = {entry["seq"]: entry["text_zh"] for entry in trail}
        assert all(texts[entry["seq"]] == entry["text_zh"] for entry in entries)
        assert "完整" in texts[len(entries) + 1]


async def test_a_broken_old_trail_is_said_to_be_broken(old: Path) -> None:
    with sqlite3.connect(old / "xunshan.sqlite3") as database:
        database.execute("DROP TRIGGER auditentry_no_update")
        database.execute("UPDATE auditentry SET text_zh='没有发生' WHERE seq=3")
    database.close()
    async with asgi_post(Settings(data_dir=old, improve_s=0)) as post:
        newest = (await (await post.sign_in("auditor")).get("audit?limit=5")).json()
        said = next(entry for entry in newest if entry["action"] == "audit.rechained")
        assert said["refs"]["whole"] == "False"


async def look(post: Post, username: str, url: str) -> Any:
    answer = await (await post.sign_in(username)).get(url)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_new_version_works_on_with_what_was_there(old: Path) -> None:
    task = rows(old, "SELECT * FROM task")[0]
    picture = rows(old, "SELECT media FROM taskreport")[0]["media"]
    async with asgi_post(Settings(data_dir=old, improve_s=0)) as post:
        incidents = await look(post, "commander", "incidents")
        assert {i["state"] for i in incidents} == {"open", "closed"}
        plan = (await look(post, "pilot", f"incidents/{task['incident_id']}/plans"))[0]
        assert (plan["state"], plan["version"]) == ("authorised", 1)
        assert plan["plan"]["sorties"]
        coverage = await look(post, "pilot", f"plans/{plan['id']}/coverage")
        assert coverage["sample_count"] == 5
        seen = await look(post, "ht-05", f"tasks/{task['id']}")
        assert seen["state"] == "done"
        assert [r["media"] for r in seen["reports"]] == [[picture]]
        applications = await look(post, "pilot", f"plans/{plan['id']}/applications")
        assert applications[0]["approval_id"] == "AP-2"
        # What a person decided then is no draft now: it can't be decided anew.
        commander = await post.sign_in("commander")
        again = await commander.post(
            f"applications/{applications[0]['id']}/answer",
            json={"approved": False, "text": "改主意"},
        )
        assert again.json()["state"] == "approved"
        attached = rows(old, "SELECT topic FROM attachment ORDER BY topic")
        assert {row["topic"] for row in attached} == {"detection", "task"}


def test_bodies_are_json(old: Path) -> None:
    migrate(sqlite_url(old / "xunshan.sqlite3"))
    for table, column in (("planrecord", "plan"), ("vehicle", "spec"), ("user", "areas")):
        for row in rows(old, f'SELECT "{column}" AS body FROM "{table}"'):
            json.loads(row["body"])


async def test_revision_0003_keeps_its_rows_and_its_waiting_items(tmp_path: Path) -> None:
    data_dir = kept(tmp_path, "0003")
    before = rows(data_dir, "SELECT * FROM enterprise")
    held = rows(data_dir, "SELECT * FROM syncitem WHERE waits_for IS NOT NULL")[0]
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as post:
        now = rows(data_dir, "SELECT * FROM enterprise")
        assert [{key: row[key] for key in before[0]} for row in now] == before
        handheld = await post.sign_in("ht-05")
        entry = (await handheld.get(f"registers/enterprises/{before[0]['id']}")).json()
        assert (await push(handheld, edit(entry, contact="乙")))[0]["status"] == "applied"
        task = json.loads(held["item"])["target"]
        missing = step({"id": task}, "en_route") | {"id": held["waits_for"]}
        assert (await push(handheld, missing))[0]["status"] == "applied"
        assert (await handheld.get(f"tasks/{task}")).json()["state"] == "on_scene"


async def test_revision_0012_gets_inspections_and_the_law(tmp_path: Path) -> None:
    data_dir = kept(tmp_path, "0012")
    before = rows(data_dir, "SELECT id, name FROM enterprise ORDER BY id")
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as post:
        admin = await post.sign_in("admin")
        clauses = (await admin.get("registers/law_clauses", params={"limit": 1})).json()
        assert clauses["total"] == 289
        assert (await admin.get("inspections")).json() == []
    assert rows(data_dir, "SELECT id, name FROM enterprise ORDER BY id") == before
    for table in (Inspection, Paper, Hazard, NumberBlock):
        made = table.__table__  # pyright: ignore[reportAttributeAccessIssue]
        info = rows(data_dir, f'PRAGMA table_info("{made.name}")')
        columns = {(row["name"], bool(row["notnull"])) for row in info}
        assert columns == {(column.name, not column.nullable) for column in made.columns}
        listed = rows(data_dir, f'PRAGMA index_list("{made.name}")')
        indexes = {row["name"] for row in listed if not row["name"].startswith("sqlite_")}
        assert indexes == {index.name for index in made.indexes}


def test_missing_people_said_before_counts_were_kept_are_the_first_count(
    tmp_path: Path,
) -> None:
    data_dir = kept(tmp_path, "0019")
    (before,) = rows(data_dir, "SELECT id, opened_by FROM incident LIMIT 1")
    with sqlite3.connect(data_dir / "xunshan.sqlite3") as database:
        database.execute("UPDATE incident SET people_missing = 4 WHERE id = ?", (before["id"],))
    database.close()
    migrate(sqlite_url(data_dir / "xunshan.sqlite3"))
    query = f"SELECT * FROM incidentfigures WHERE incident_id = '{before['id']}'"
    (count,) = rows(data_dir, query)
    assert (count["people_missing"], count["by"]) == (4, before["opened_by"])
