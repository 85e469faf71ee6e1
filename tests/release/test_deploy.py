"""Units, compose file and image recipe name only what is there."""

import functools
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from field_api.settings import Settings
from fleet.config import load_config as load_fleet
from release.shipped import ROOT
from vision.config import load_config as load_vision
from xunshan import command_line

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = DEPLOY / "compose.yaml"
PROGRAM = "/opt/xunshan/bin/xunshan"

MOST_EXPOSED = 2.0
"""Of systemd's 10: above 2 something was left open that these services don't need."""


def _lines(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def _orders() -> Iterator[tuple[str, list[str]]]:
    """Yield every xunshan command line of units and compose file, with where it stands."""
    for unit in UNITS:
        for line in _lines(unit, "ExecStart"):
            program, *arguments = shlex.split(line)
            assert program == PROGRAM
            yield unit.name, arguments
    for name, service in _compose()["services"].items():
        if isinstance(service.get("command"), list):
            yield f"compose {name}", service["command"]
    recipe = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    yield "Containerfile", json.loads(re.findall(r"^CMD (\[.+\])$", recipe, re.MULTILINE)[-1])


def _compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


ORDERS = list(_orders())


@functools.cache
def _help(*command: str) -> Result:
    # A terminal as wide as any option is long, and no colours inside one.
    wide = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    return CliRunner().invoke(command_line([*command]), [*command, "--help"], env=wide)


@pytest.mark.parametrize(("where", "arguments"), ORDERS, ids=[where for where, _ in ORDERS])
def test_every_command_and_option_exists(where: str, arguments: list[str]) -> None:
    words = [word for word in arguments if not word.startswith(("-", "/"))]
    command = words[:2] if words[0] == "backup" else words[:1]
    done = _help(*command)
    assert done.exit_code == 0, f"{where}: {done.output}"
    for option in (word for word in arguments if word.startswith("--")):
        assert re.search(rf"{option}\b", done.stdout), f"{where}: no {option} in --help"


def test_every_variable_is_a_setting() -> None:
    used: set[str] = set()
    for unit in UNITS:
        used |= {name for line in _lines(unit, "Environment") for name in _names(line)}
    for service in _compose()["services"].values():
        used |= set(service.get("environment", {}))
    used |= set(re.findall(r"XUNSHAN_[A-Z_]+(?==)", (DEPLOY / "Containerfile").read_text()))
    ours = {name for name in used if name.startswith("XUNSHAN_")}
    settings = {f"XUNSHAN_{name.upper()}" for name in Settings.model_fields}
    known = settings | {f"{name}_FILE" for name in settings}
    assert ours <= known | {"XUNSHAN_CONFIG", "XUNSHAN_SECRETS_DIR"}


def _names(line: str) -> list[str]:
    return [assignment.partition("=")[0] for assignment in shlex.split(line)]


def test_secrets_bear_the_names_of_settings_and_never_stand_in_a_unit() -> None:
    for unit in UNITS:
        for line in _lines(unit, "Environment"):
            assert not re.search("PASSWORD|TOKEN=|://[^ ]*@", line), unit.name
    assert _lines(DEPLOY / "systemd" / "xunshan.service", "LoadCredential")


def _verified(folder: Path) -> list[Path]:
    """Copy the units with a program that is there, as systemd looks whether it is."""
    copies: list[Path] = []
    for unit in sorted((DEPLOY / "systemd").iterdir()):
        copy = folder / unit.name.replace("@.", "@fcp.")
        copy.write_text(unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), "utf-8")
        copies.append(copy)
    return copies


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (Debian: systemd)")
    return _verified(tmp_path)


def test_systemd_finds_nothing_wrong_in_the_units(units: list[Path]) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_services_are_hardened(units: list[Path]) -> None:
    for unit in (unit for unit in units if unit.suffix == ".service"):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--json=short",
             f"--threshold={round(MOST_EXPOSED * 10)}", str(unit)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (
            f"{unit.name} is more exposed than {MOST_EXPOSED}: {done.stdout}"
        )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_service_keeps_its_files_to_itself(unit: Path) -> None:
    assert _lines(unit, "UMask") == ["0077"]
    assert _lines(unit, "User") == ["xunshan"]
    assert _lines(unit, "ProtectSystem") == ["strict"]
    assert _lines(unit, "NoNewPrivileges") == ["yes"]


def test_the_compose_file_is_understood() -> None:
    tool = next(
        (
            command
            for command in (["docker-compose"], ["docker", "compose"], ["podman-compose"])
            if shutil.which(command[0])
            and subprocess.run([*command, "version"], capture_output=True, check=False).returncode
            == 0
        ),
        None,
    )
    if tool is None:
        pytest.skip("needs docker-compose or docker's compose plugin")
    done = subprocess.run(
        [*tool, "-f", str(COMPOSE), "--profile", "single", "--profile", "grown", "--profile",
         "nodes", "config"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)["services"]
    assert set(read) == {"post", "post-grown", "fleet", "vision", "database", "broker"}
    for name in ("post", "post-grown", "fleet", "vision"):
        assert read[name]["read_only"] is True
        assert read[name]["cap_drop"] == ["ALL"]


def test_nothing_listens_beyond_this_machine_unless_it_is_said() -> None:
    for name, service in _compose()["services"].items():
        for port in service.get("ports", ()):
            assert re.match(r"\$\{XUNSHAN_\w*ADDRESS:-127\.0\.0\.1\}:", port), name


def test_every_secret_that_a_service_reads_is_declared() -> None:
    declared = _compose()["secrets"]
    for name, service in _compose()["services"].items():
        for secret in service.get("secrets", ()):
            assert secret in declared, name
        text = json.dumps(service)
        for secret in re.findall(r"/run/secrets/(\w+)", text):
            assert secret in service["secrets"], f"{name} reads {secret}"


def test_the_example_settings_of_nodes_are_right() -> None:
    fleet = load_fleet(DEPLOY / "fleet.example.json")
    vision = load_vision(DEPLOY / "vision.example.json")
    assert fleet.server_url == vision.server_url
    assert fleet.token_file is not None
    assert vision.token_file is not None


def test_every_file_the_image_recipe_copies_is_there_or_made_by_it() -> None:
    recipe = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    ignore = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", recipe, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        made = source.startswith("dist/")
        assert made or (ROOT / source).exists(), source
        allowed = (f"!{source.rstrip('/')}", f"!{source.split('/')[0]}")
        assert not set(allowed).isdisjoint(ignore), f"{source} is kept out by .containerignore"


@pytest.mark.parametrize("script", ["build-image", "build-base"])
def test_the_scripts_are_good_shell(script: str) -> None:
    done = subprocess.run(
        ["sh", "-n", str(DEPLOY / script)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
