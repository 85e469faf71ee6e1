import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.demo.command_line import python_words
from sim.demo.ports import Port, holder_of, is_free
from sim.demo.preflight import (
    MARKER,
    check_arducopter,
    check_data_dir,
    check_ports,
    check_shipped,
    prepare_data_dir,
)
from sim.scenario import DEFAULT_SCENARIO


def port(number: int, protocol: str = "tcp") -> Port:
    kind = "tcp" if protocol == "tcp" else "udp"
    return Port(kind, number, "console", "指挥端", "--port", "XUNSHAN_PORT")


@pytest.fixture(params=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[Port]:
    """A port that this very process holds."""
    protocol: str = request.param
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if protocol == "tcp":
            holder.listen(1)
        yield port(holder.getsockname()[1], protocol)


def demo(*words: str, command: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command or python_words(["demo", "--no-open", *words]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(taken: Port) -> None:
    assert not is_free(taken)
    assert f"process {os.getpid()} " in str(holder_of(taken))
    (problem,) = check_ports([taken])
    for words in (
        f"{taken.protocol.upper()} port {taken.number} (console) is in use by process",
        "--port",
        "XUNSHAN_PORT",
    ):
        assert words in problem.text_en
    assert f"端口 {taken.number}" in problem.text_zh
    assert "已被占用" in problem.text_zh


def test_a_free_port_is_no_problem(taken: Port) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    assert check_ports([port(number)]) == []


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert check_data_dir(folder, fresh=True) == []
    prepare_data_dir(folder, fresh=True)
    assert (folder / MARKER).exists()
    assert (folder / "logs").is_dir()


def test_fresh_empties_only_what_the_demo_made(tmp_path: Path) -> None:
    prepare_data_dir(tmp_path, fresh=True)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "old.jpg").write_bytes(b"x")
    prepare_data_dir(tmp_path, fresh=False)
    assert (tmp_path / "media" / "old.jpg").exists()
    prepare_data_dir(tmp_path, fresh=True)
    assert not (tmp_path / "media").exists()
    assert (tmp_path / MARKER).exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (problem,) = check_data_dir(tmp_path, fresh=True)
    assert "--keep" in problem.text_en
    assert "--data-dir" in problem.text_zh
    assert check_data_dir(tmp_path, fresh=False) == []
    prepare_data_dir(tmp_path, fresh=False)
    prepare_data_dir(tmp_path, fresh=True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_missing_parts_say_how_to_get_them(tmp_path: Path) -> None:
    web, model = check_shipped(tmp_path, tmp_path)
    assert "make web" in web.text_en
    assert "make web" in web.text_zh
    assert ".onnx" in model.text_en
    (tmp_path / "web" / "dist").mkdir(parents=True)
    (tmp_path / "web" / "dist" / "index.html").touch()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.onnx").touch()
    assert check_shipped(tmp_path, tmp_path) == []


def test_the_real_autopilot_must_be_a_program(tmp_path: Path) -> None:
    (unset,) = check_arducopter(None)
    assert "XUNSHAN_ARDUCOPTER is not set" in unset.text_en
    (missing,) = check_arducopter(str(tmp_path / "arducopter"))
    assert "not an executable file" in missing.text_en
    (port_problem,) = check_arducopter(sys.executable, 5765)
    assert "5760, 5770" in port_problem.text_en
    assert check_arducopter(sys.executable) == []


def test_demo_with_a_port_in_use(taken: Port, tmp_path: Path) -> None:
    option = "--port" if taken.protocol == "tcp" else "--mavlink-port"
    ended = demo(option, str(taken.number), "--data-dir", str(tmp_path / "data"))
    assert ended.returncode == 2
    assert f"{taken.protocol.upper()} port {taken.number}" in ended.stderr
    assert f"process {os.getpid()} " in ended.stderr
    assert option in ended.stderr
    assert "已被占用" in ended.stderr


def test_demo_without_a_writable_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, not a folder")
    folder = tmp_path / "file" / "data"
    ended = demo("--data-dir", str(folder))
    assert ended.returncode == 2
    assert f"The data directory {folder} is not writable" in ended.stderr
    assert "--data-dir" in ended.stderr
    assert "不可写" in ended.stderr


def test_demo_with_a_broken_scenario(tmp_path: Path) -> None:
    scenario = json.loads(DEFAULT_SCENARIO.read_text(encoding="utf-8"))
    scenario["sim"]["fire"]["growth_m_per_min"] = "fast"
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(scenario), encoding="utf-8")
    ended = demo("--scenario", str(file), "--data-dir", str(tmp_path / "data"))
    assert ended.returncode == 2
    assert "sim.fire.growth_m_per_min: Input should be a valid number" in ended.stderr
    assert "got 'fast'" in ended.stderr
    assert "--scenario" in ended.stderr
    assert "情景文件" in ended.stderr


def test_demo_tells_every_problem_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ["--scenario", str(tmp_path / "none.json"), "--data-dir", str(tmp_path / "file/x")]
    xunshan = [sys.executable, "-c", "import xunshan; xunshan.main()", "demo", *words]
    ended = demo(command=xunshan)
    assert ended.returncode == 2
    assert "none.json: can't be read" in ended.stderr
    assert "is not writable" in ended.stderr
