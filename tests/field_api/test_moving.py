"""Moving a post to another database: every row as it was, or nothing."""

import shutil
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Table

from field_api import moving
from field_api.core.audit.trail import verify_chain
from field_api.core.database import Store
from field_api.moving import MoveError, move
from field_api.settings import Settings
from tests.field_api.command_post import in_process, refused
from tests.field_api.post import T0_MS, asgi_post, seed
from tests.field_api.postgresql import PostgresServer


@pytest.fixture
async def small(settings: Settings) -> Settings:
    """A stopped post with an incident of today."""
    async with asgi_post(settings) as post:
        await post.open_incident(title="水库边冒烟 🔥 'quoted' \\ back")
        await post.place_terminal("HT-05", 24.94, 102.61)
    return settings


def target(postgres: PostgresServer, name: str) -> Settings:
    return Settings(data_dir=Path("unused"), database_url=postgres.create(name))


async def test_every_row_arrives_and_the_post_goes_on_there(
    small: Settings, postgres: PostgresServer, tmp_path: Path
) -> None:
    there = target(postgres, "moved")
    moved = {one.table: one.rows for one in move(small.database, there.database)}
    assert moved["incident"] == 1
    assert moved["auditentry"] > 3
    with sqlite3.connect(small.database_file) as raw:
        names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        counts = {
            name: raw.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in moved
        }
    assert counts == moved
    assert set(names) - {"alembic_version", "sqlite_sequence"} == set(moved)
    grown = small.model_copy(update={"database_url": there.database_url})
    async with asgi_post(grown) as post:
        duty = await post.sign_in("duty")
        before = (await duty.get("incidents")).json()
        assert [one["title"] for one in before] == ["水库边冒烟 🔥 'quoted' \\ back"]
        await post.open_incident()
    store = Store(grown.database, lambda: T0_MS)
    with store.read() as session:
        assert verify_chain(session).intact
    store.close()


async def test_a_target_that_holds_something_is_not_touched(
    small: Settings, postgres: PostgresServer
) -> None:
    there = target(postgres, "not_empty")
    with psycopg.connect(postgres.url("not_empty"), autocommit=True) as raw:
        raw.execute("CREATE TABLE somebody (id int)")
    with pytest.raises(MoveError, match="not empty"):
        move(small.database, there.database)
    with psycopg.connect(postgres.url("not_empty")) as raw:
        found = raw.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (1,)


async def test_a_source_of_another_version_is_refused(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    old = Settings(data_dir=tmp_path / "old")
    seed(old.data_dir)
    with sqlite3.connect(old.database_file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0004'")
    raw.close()
    with pytest.raises(MoveError, match="upgrade"):
        move(old.database, target(postgres, "unused").database)


async def test_what_did_not_arrive_is_told_and_nothing_stays(
    small: Settings, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = target(postgres, "half")
    whole = moving._compare  # pyright: ignore[reportPrivateUsage]

    def losing(source: Connection, target: Connection, table: Table) -> int:
        if table.name == "incident":
            target.execute(table.delete())
        return whole(source, target, table)

    monkeypatch.setattr(moving, "_compare", losing)
    with pytest.raises(MoveError, match="incident did not arrive"):
        move(small.database, there.database)
    with psycopg.connect(postgres.url("half")) as raw:
        found = raw.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (0,)


def test_the_command_moves_there_and_back(
    seeded: Path, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    file = Settings(data_dir=data_dir).database_file
    monkeypatch.setenv("XUNSHAN_DATABASE_URL", postgres.create("there_and_back"))
    words = ("migrate", "--data-dir", str(data_dir))
    there = in_process(*words, "--from", "sqlite", "--to", "postgresql")
    assert there.exit_code == 0, there.output
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    back = in_process(*words, "--from", "postgresql", "--to", "sqlite")
    assert back.exit_code == 0, back.output
    assert [line for line in back.output.splitlines() if "rows arrived" in line] == [
        line for line in there.output.splitlines() if "rows arrived" in line
    ]
    assert file.is_file()
    refused([*words, "--from", "sqlite", "--to", "postgresql"], "not empty")


def test_a_folder_whose_records_moved_is_not_opened_as_if_they_had_not(
    seeded: Path, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = shutil.copytree(seeded, tmp_path / "data")
    where = ("--data-dir", str(data_dir))
    monkeypatch.setenv("XUNSHAN_DATABASE_URL", postgres.create("moved_away"))
    moved = in_process("migrate", *where, "--from", "sqlite", "--to", "postgresql")
    assert moved.exit_code == 0, moved.output
    monkeypatch.delenv("XUNSHAN_DATABASE_URL")
    for words in (("admin", "user", "list"), ("serve",), ("backup", "make", str(tmp_path / "to"))):
        refused([*words, *where], "moved to PostgreSQL", "database_url")
    monkeypatch.setenv("XUNSHAN_DATABASE_URL", postgres.url("moved_away"))
    file = Settings(data_dir=data_dir).database_file
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    back = in_process("migrate", *where, "--from", "postgresql", "--to", "sqlite")
    assert back.exit_code == 0, back.output
    monkeypatch.delenv("XUNSHAN_DATABASE_URL")
    listed = in_process("admin", "user", "list", *where)
    assert listed.exit_code == 0, listed.output
