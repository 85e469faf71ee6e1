"""The command line, the configuration and the schema."""

import json
import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel, select

import field_api
from field_api.app import make_services
from field_api.core.database import Store
from field_api.core.dialect import sqlite_url
from field_api.features.accounts.tables import Device, User
from field_api.features.roster.tables import Terminal, Vehicle
from field_api.migrate import migrate
from field_api.settings import Settings
from tests.field_api.command_post import in_process
from tests.field_api.post import OPERATOR, SCENARIO, T0_MS


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """The test scenario as a file."""
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(SCENARIO), "utf-8")
    return file


def test_seed_fills_the_roster_and_may_be_repeated(tmp_path: Path, scenario: Path) -> None:
    data_dir = tmp_path / "data"
    for _ in range(2):
        result = in_process(
            "admin", "seed", "--scenario", scenario, "--data-dir", data_dir, "--demo-accounts"
        )
        assert result.exit_code == 0, result.output
    store = Store(sqlite_url(Settings(data_dir=data_dir).database_file), lambda: T0_MS)
    with store.read() as session:
        assert len(session.exec(select(Vehicle)).all()) == 2
        assert session.get_one(Terminal, "HT-05").team_id == "T3"
        users = {user.username for user in session.exec(select(User))}
    store.close()
    assert {"duty", "commander", "pilot", "admin", "auditor", "ht-05"} <= users


def test_without_demo_accounts_nobody_can_sign_in(tmp_path: Path, scenario: Path) -> None:
    data_dir = tmp_path / "data"
    in_process("admin", "seed", "--scenario", scenario, "--data-dir", data_dir)
    store = Store(sqlite_url(Settings(data_dir=data_dir).database_file), lambda: T0_MS)
    with store.read() as session:
        assert session.exec(select(User)).all() == []
    store.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"crs": "GCJ-02"}, "crs"),
        ({"aircraft": []}, "aircraft"),
        ({"points": {}}, "not one of the points"),
    ],
)
def test_a_broken_scenario_says_what_is_wrong(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    file = tmp_path / "broken.json"
    file.write_text(json.dumps({**SCENARIO, **change}), "utf-8")
    result = in_process("admin", "seed", "--scenario", file, "--data-dir", tmp_path / "data")
    assert result.exit_code == 2
    assert says in result.output
    assert not (tmp_path / "data").exists()


def test_enrolled_token_is_shown_once_and_stored_hashed(tmp_path: Path) -> None:
    result = in_process("admin", "enrol", "fleet-1", "fleet", "--data-dir", tmp_path)
    # Scripts read it from there: nothing else may stand beside it.
    token = result.stdout.strip()
    assert token.startswith("xsn_")
    assert len(token.split()) == 1
    store = Store(sqlite_url(Settings(data_dir=tmp_path).database_file), lambda: T0_MS)
    with store.read() as session:
        assert token not in (session.get_one(Device, "fleet-1").token_hash or "")
    store.close()
    assert in_process("admin", "enrol", "x", "toaster", "--data-dir", tmp_path).exit_code == 2


def test_create_user_refuses_weak_and_taken(tmp_path: Path) -> None:
    def create(password: str) -> Any:
        return in_process(
            "admin", "create-user", "wang", "--role", "pilot", "--name", "王", "--password",
            password, "--data-dir", tmp_path,
        )  # fmt: skip

    assert create("short").exit_code == 2
    assert create("a-long-enough-one").exit_code == 0
    taken = create("a-long-enough-one")
    assert taken.exit_code == 2
    assert "taken" in taken.output


def test_verify_audit_tells_by_its_exit_code(tmp_path: Path) -> None:
    services = make_services(Settings(data_dir=tmp_path), lambda: T0_MS)
    with services.store.change(OPERATOR) as change:
        change.record("node.connected", "1", node="1")
    services.close()
    whole = in_process("admin", "verify-audit", "--data-dir", tmp_path)
    assert whole.exit_code == 0
    assert "1 entries" in whole.output
    cut = in_process("admin", "verify-audit", "--data-dir", tmp_path, "--head", "f" * 64)
    assert cut.exit_code == 1


def test_a_used_port_is_explained(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = in_process("serve", "--port", port, "--data-dir", tmp_path)
    assert result.exit_code == 2
    assert f"127.0.0.1:{port}" in result.output
    assert "--port" in result.output


def test_an_unusable_data_directory_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = in_process("serve", "--data-dir", tmp_path / "file" / "data")
    assert result.exit_code == 2
    assert "--data-dir" in result.output


def test_a_wrong_setting_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNSHAN_LOGIN_TRIES", "many")
    result = in_process("admin", "migrate", "--data-dir", tmp_path)
    assert result.exit_code == 2
    assert "login_tries" in result.output


def test_flight_rules_of_the_old_form_are_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"rules": [{"when": "several_per_pilot"}]}', "utf-8")
    monkeypatch.setenv("XUNSHAN_FLIGHT_RULES_FILE", str(file))
    result = in_process("admin", "migrate", "--data-dir", tmp_path)
    assert result.exit_code == 2
    assert "flight_rules_file" in result.output
    assert "`cluster`" in result.output


def test_the_example_lists_every_setting_with_its_default() -> None:
    text = (Path(field_api.__file__).parent / "settings.example.toml").read_text("utf-8")
    listed = tomllib.loads(text)
    defaults = Settings().model_dump(mode="json")
    assert {name: listed[name] for name in listed} == {name: defaults[name] for name in listed}
    assert defaults.keys() - listed.keys() == {
        "simulated_light",
        "applicant_file",
        "flight_rules_file",
        "metrics_token",
        "public_url",
        "secure_cookies",
        "terrain_file",
        "tls_cert_file",
        "tls_key_file",
        "video_engine_secret",
        "visits_a_year_by_grade",
    }
    assert "terrain_file" in text


def test_a_configuration_file_counts_and_a_wrong_key_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "xunshan.toml"
    monkeypatch.setenv("XUNSHAN_CONFIG", str(file))
    file.write_text("port = 8765\nlogin_tries = 3\n")
    monkeypatch.setenv("XUNSHAN_LOGIN_TRIES", "4")
    assert (Settings().port, Settings().login_tries) == (8765, 4)
    file.write_text("prot = 8765\n")
    with pytest.raises(ValueError, match="prot"):
        Settings()


def test_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    migrate(sqlite_url(file))
    migrate(sqlite_url(file))
    store = Store(sqlite_url(file), lambda: T0_MS)
    with store.writer.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    store.close()
    assert difference == []
