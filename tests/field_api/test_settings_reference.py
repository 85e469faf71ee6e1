"""The page of all settings is made from the program, and says of each what it means."""

import re
from pathlib import Path

import pytest

import field_api
from field_api.serving.settings_reference import settings_reference
from field_api.settings import Settings

PAGE = Path(field_api.__file__).parent.parent / "docs" / "settings.md"


def test_the_page_is_current() -> None:
    made = settings_reference()
    assert PAGE.read_text("utf-8") == made, (
        "run: xunshan admin settings-reference > docs/settings.md"
    )


def test_every_setting_of_every_program_stands_there_with_its_meaning() -> None:
    page = settings_reference()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.*) \|$", page, re.MULTILINE)
    assert {name for name, *_ in rows} >= {*Settings.model_fields, "endpoint_base_port", "stall_s"}
    assert [name for name, *_, meaning in rows if not meaning.strip()] == []
    assert "None" not in page


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, lying = tmp_path / "token", tmp_path / "secrets"
    named.write_text("from the named file\n")
    lying.mkdir()
    (lying / "metrics_token").write_text("from the folder\n")

    def token() -> str | None:
        secret = Settings().metrics_token
        return secret.get_secret_value() if secret else None

    assert token() is None
    monkeypatch.setenv("XUNSHAN_SECRETS_DIR", str(lying))
    assert token() == "from the folder"
    monkeypatch.setenv("XUNSHAN_METRICS_TOKEN_FILE", str(named))
    assert token() == "from the named file"
    monkeypatch.setenv("XUNSHAN_METRICS_TOKEN", "from the environment")
    assert token() == "from the environment"
    assert "from the" not in repr(Settings())


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNSHAN_METRICS_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(OSError, match="/nowhere/token"):
        Settings()
