"""Settings and model cards: what is wrong is named."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vision.commands import vision
from vision.config import TOKEN_VARIABLE, ConfigError, load_config
from vision.registry import ModelError, load_card

GOOD = {
    "token": "t",
    "streams": [{"stream_id": "XS-U1-cam", "vehicle_id": "XS-U1", "url": "udp://127.0.0.1:5600"}],
}


def written(folder: Path, data: object) -> Path:
    path = folder / "vision.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_the_smallest_file_is_enough(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, GOOD))
    assert config.socket_url == "ws://127.0.0.1:8600/api/v1"
    assert config.streams[0].detect


def test_toml_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "vision.toml"
    path.write_text(
        'server_url = "https://post.example"\n[[streams]]\nstream_id = "a"\nurl = "rtsp://c/1"\n'
    )
    assert load_config(path).socket_url == "wss://post.example/api/v1"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"streams": []}, "streams"),
        ({"streams": [{"stream_id": "a b", "url": "udp://x:1"}]}, "streams.0.stream_id"),
        ({"streams": [{"stream_id": "a", "url": "gopher://x"}]}, "udp://"),
        ({"streams": [*GOOD["streams"], *GOOD["streams"]]}, "twice: XS-U1-cam"),
        ({"server_url": "ftp://x"}, "server_url"),
        ({"max_detector_fps": 0}, "max_detector_fps"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, change: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_config(written(tmp_path, GOOD | change))


def test_the_token_comes_from_environment_file_or_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    (tmp_path / "token").write_text("from file\n")
    config = load_config(written(tmp_path, GOOD | {"token_file": str(tmp_path / "token")}))
    assert config.node_token() == "from file"
    monkeypatch.setenv(TOKEN_VARIABLE, "from environment")
    assert config.node_token() == "from environment"
    monkeypatch.delenv(TOKEN_VARIABLE)
    with pytest.raises(ConfigError, match="xunshan admin enrol"):
        load_config(written(tmp_path, {"streams": GOOD["streams"]})).node_token()


def test_a_model_that_is_not_the_one_of_its_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"something else")
    card = {
        "name": "m",
        "file": "m.onnx",
        "sha256": "0" * 64,
        "classes": ["person"],
        "input_width_px": 64,
        "input_height_px": 64,
        "thresholds": {"person": 0.5},
    }
    (tmp_path / "m.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="SHA-256"):
        load_card(str(tmp_path / "m.json")).verified_bytes()
    with pytest.raises(ModelError, match=r"shipped: .*xunshan-people-smoke"):
        load_card("nothing-like-it")


def test_the_command_line_says_what_is_wrong_and_how_to_do_it(tmp_path: Path) -> None:
    run = CliRunner()
    helped = run.invoke(vision, ["--help"])
    assert helped.exit_code == 0
    assert "stream_id" in helped.output
    missing = run.invoke(vision, ["--config", str(tmp_path / "none.json")])
    assert missing.exit_code == 2
    assert "cannot read" in missing.output
    good = written(tmp_path, GOOD | {"data_dir": str(tmp_path)})
    checked = run.invoke(vision, ["--config", str(good), "--check"])
    assert checked.exit_code == 0, checked.output
