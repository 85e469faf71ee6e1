"""Upgrades of databases of the versions before: whole or not at all, and back."""

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic import command

from field_api.backup.manifest import DATABASE, backups_in
from field_api.core.data_folder import DataFolderError
from field_api.core.database_file import check_pages, moment_of
from field_api.core.dialect import sqlite_url
from field_api.migrate import alembic_config, known_revisions, migrate_file
from field_api.settings import Settings
from field_api.upgrade import BEFORE_UPGRADE, FAILED, go_back, kept_copies, upgrade_folder
from tests.field_api.command_post import refused
from tests.field_api.crashes import dies_at_each_step
from tests.field_api.post import OPERATOR, T0_MS, Post, asgi_post, incident_body

FIXTURES = Path(__file__).parent / "data"
KEPT = [file.name.split("_")[1][:4] for file in sorted(FIXTURES.glob("post_*.sql.gz"))]
REVISIONS = known_revisions()[::-1]
STEPS = [(old, to) for old in KEPT for to in REVISIONS[REVISIONS.index(old) + 1 :]]


def clock() -> int:
    return T0_MS


def old_post(data_dir: Path, revision: str) -> Path:
    """Return the database of a post as a revision left it."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    script = gzip.decompress((FIXTURES / f"post_{revision}.sql.gz").read_bytes()).decode()
    file = data_dir / DATABASE
    database = sqlite3.connect(file)
    database.executescript(script)
    database.close()
    file.chmod(0o600)
    return file


def counts(file: Path) -> dict[str, int]:
    """Return how many rows each table has."""
    database = sqlite3.connect(file)
    names = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_")
    ]
    found = {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names
    }
    database.close()
    return found


def test_a_post_of_the_version_before_is_kept_with_a_row_in_every_table(tmp_path: Path) -> None:
    assert set(REVISIONS[-2:]) <= set(KEPT), "run tests/field_api/data/make_post.py, see there"
    for revision in (kept for kept in KEPT if kept >= "0011"):
        rows = counts(old_post(tmp_path / revision, revision))
        assert all(rows.values()), [name for name, count in rows.items() if not count]


@pytest.mark.parametrize(("old", "to"), STEPS)
def test_each_step_up_loses_no_row(tmp_path: Path, old: str, to: str) -> None:
    file = old_post(tmp_path / "data", old)
    config = alembic_config(sqlite_url(file))
    command.upgrade(config, REVISIONS[REVISIONS.index(to) - 1])
    before = counts(file)
    command.upgrade(config, to)
    after = counts(file)
    check_pages(file)
    assert moment_of(file).revision == to
    if to != "0003":  # it renames tables, which tests/field_api/test_migration.py follows
        assert {name: after.get(name) for name in before} == before


class Old(NamedTuple):
    """A post of an earlier version."""

    file: Path
    rows: dict[str, int]


@pytest.fixture
def old(tmp_path: Path) -> Old:
    """A post of the schema before the last."""
    file = old_post(tmp_path / "data", REVISIONS[-2])
    return Old(file, counts(file))


def test_a_copy_is_kept_and_the_folder_is_of_this_version(old: Old) -> None:
    kept = upgrade_folder(old.file, clock)
    assert kept is not None
    assert kept.folder.parent == old.file.parent / BEFORE_UPGRADE
    assert counts(kept.folder / DATABASE) == old.rows
    assert moment_of(old.file).revision == REVISIONS[-1]
    assert {name: counts(old.file)[name] for name in old.rows} == old.rows
    assert upgrade_folder(old.file, clock) is None
    assert len(kept_copies(old.file)) == 1


def test_an_upgrade_that_fails_leaves_what_was_there(old: Old) -> None:
    before = old.file.read_bytes()

    def half(file: Path) -> None:
        migrate_file(file)
        with sqlite3.connect(file) as database:
            database.execute("DROP TABLE incident")
        database.close()
        raise RuntimeError("a row does not fit")

    with pytest.raises(DataFolderError, match=r"a row does not fit.*as it was"):
        upgrade_folder(old.file, clock, change=half)
    assert old.file.read_bytes() == before
    assert {path.name for path in old.file.parent.iterdir()} == {BEFORE_UPGRADE, DATABASE, FAILED}
    assert "RuntimeError" in (old.file.parent / FAILED).read_text()
    assert not kept_copies(old.file)
    assert upgrade_folder(old.file, clock) is not None


def test_too_little_room_is_said_before_anything_is_done(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=1000))
    with pytest.raises(DataFolderError, match="nothing was changed"):
        upgrade_folder(old.file, clock)
    assert [path.name for path in old.file.parent.iterdir()] == [DATABASE]


def test_back_to_the_copy_and_up_again(old: Old) -> None:
    upgrade_folder(old.file, clock)
    go_back(old.file, lambda: T0_MS + 1, lose=False)
    assert (moment_of(old.file).revision, counts(old.file)) == (REVISIONS[-2], old.rows)
    assert upgrade_folder(old.file, lambda: T0_MS + 2) is not None
    assert moment_of(old.file).revision == REVISIONS[-1]


def test_nothing_to_go_back_to_is_said(settings: Settings) -> None:
    with pytest.raises(DataFolderError, match="nothing to go back to"):
        go_back(settings.database_file, clock, lose=True)


async def test_what_was_recorded_since_is_lost_only_when_it_is_wanted(old: Old) -> None:
    upgrade_folder(old.file, clock)
    data_dir = old.file.parent
    async with asgi_post(Settings(data_dir=data_dir, improve_s=0)) as post:
        with post.services.store.change(OPERATOR) as change:
            change.record("node.connected", "1", node="1")
    # That one, and the law and the shipped plan that were put in at the start.
    refused(["upgrade", "--back", "--data-dir", data_dir], "3 acts", "--yes")
    kept = go_back(old.file, lambda: T0_MS + 1, lose=True)
    assert moment_of(old.file) == moment_of(kept.folder / DATABASE)
    newest = backups_in(data_dir / BEFORE_UPGRADE)[-1]
    assert moment_of(newest / DATABASE).revision == REVISIONS[-1], "what was left is kept as well"


def test_a_kill_at_any_step_of_an_upgrade_leaves_one_of_the_two(old: Old, tmp_path: Path) -> None:
    def begin(folder: Path) -> Callable[[], Any]:
        shutil.copytree(old.file.parent, folder)
        return lambda: upgrade_folder(folder / DATABASE, clock)

    died = 0
    for folder in dies_at_each_step(tmp_path / "crashes", begin):
        died += 1
        file = folder / DATABASE
        check_pages(file)
        assert moment_of(file).revision in REVISIONS[-2:]
        assert {name: counts(file)[name] for name in old.rows} == old.rows
        upgrade_folder(file, lambda: T0_MS + 5)
        assert moment_of(file).revision == REVISIONS[-1]
        assert not list(folder.glob("*.upgrading*"))
        assert not list((folder / BEFORE_UPGRADE).glob(".making*"))
    assert died > 8


async def test_the_upgraded_post_works(old: Old) -> None:
    upgrade_folder(old.file, clock)
    async with asgi_post(Settings(data_dir=old.file.parent, improve_s=0)) as post:
        assert isinstance(post, Post)
        commander = await post.sign_in("commander")
        made = await commander.post("incidents", json=incident_body())
        assert made.status_code == 201, made.text
