"""The wheel alone runs the product: built, installed into an empty environment, started."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from release.shipped import ROOT, WEB

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

UV = Path(sys.executable).parent / "uv"
STARTED = re.compile(r"Xunshan command post: (http://\S+)")
SOURCES = ("field_api", "fleet", "vision", "mission_plans", "sim")


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=_clean_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _clean_environment() -> dict[str, str]:
    """What a service manager gives: nothing of ours, and no other Python's packages."""
    ours = ("XUNSHAN_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `make wheel` builds it."""
    if not (WEB / "dist" / "index.html").is_file():
        pytest.skip("the web pages are not built: run make web")
    out = tmp_path_factory.mktemp("wheel")
    pins = ROOT / "requirements" / "release.txt"
    _run(UV, "build", "-q", "--wheel", "--build-constraints", pins, "--require-hashes",
         "-o", out, ".", cwd=ROOT)  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment outside the checkout with the pinned distributions and the wheel only."""
    home = tmp_path_factory.mktemp("installed")
    venv = home / "venv"
    _run(UV, "venv", "-q", "--python", sys.executable, venv, cwd=home)
    python = venv / "bin" / "python"
    pins = ROOT / "requirements" / "run.txt"
    install = (UV, "pip", "install", "-q", "--python", python)
    _run(*install, "--require-hashes", "-r", pins, cwd=home)
    _run(*install, "--no-deps", wheel, cwd=home)
    return venv


@contextmanager
def _served(venv: Path, data: Path, *options: str) -> Iterator[str]:
    """Run `xunshan serve` on a free port; yield its address."""
    command = [str(venv / "bin" / "xunshan"), "serve", "--data-dir", str(data), *options]
    log = data.parent / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=data.parent, env=_clean_environment(), stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + 120
        while (said := STARTED.search(log.read_text())) is None:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield said[1]
    finally:
        server.terminate()
        server.wait(30)


def test_it_serves_console_handheld_page_and_api_from_an_empty_folder(
    installed: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    with (
        _served(installed, tmp_path / "data", "--port", str(unused_tcp_port)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        assert client.get("/api/v1/health").json()["status"] == "ok"
        for path in ("/", "/terminal/"):
            page = client.get(path)
            assert page.status_code == 200
            scripts = re.findall(r'src="(/assets/[^"]+\.js)"', page.text)
            assert scripts
            for script in scripts:
                assert client.get(script).headers["content-type"].startswith("text/javascript")
        assert client.get("/terminal/sw.js").status_code == 200
        assert client.get("/api/v1/openapi.json").json()["paths"]


def test_every_command_is_there_and_explains_itself(installed: Path, tmp_path: Path) -> None:
    xunshan = installed / "bin" / "xunshan"
    # The overview loads every entry point: a package that is missing would end it.
    overview = _run(xunshan, "--help", cwd=tmp_path)
    for command in ("serve", "admin", "audit", "fleet", "vision", "plan", "sim", "demo"):
        assert f" {command} " in overview


USES_DATA = """
import json, pathlib
import field_api
from field_api.contract.scenario import load_scenario
from field_api.core.documents.pdf import render_pdf
from field_api.core.texts import catalogue
from mission_plans.rules.flight_rules import shipped_rules
from mission_plans.ground.terrain_files import demo_terrain
from pydantic import BaseModel
from sim.scenario import DEFAULT_SCENARIO
from vision.registry import DEFAULT_MODEL, load_card

class Nothing(BaseModel):
    pass

template = pathlib.Path("page.typ")
template.write_text('#set text(font: "Noto Sans SC")\\n巡山', encoding="utf-8")
model = load_card(DEFAULT_MODEL)
print(json.dumps({
    "from": field_api.__file__,
    "texts": sorted(len(catalogue(language)) for language in ("zh", "en")),
    "aircraft": len(load_scenario(DEFAULT_SCENARIO).aircraft),
    "terrain_m": float(demo_terrain().elevation_m(24.95, 102.62)),
    "rules": len(shipped_rules().rules),
    "model_bytes": len(model.verified_bytes()),
    "pdf": render_pdf(template, Nothing())[:4].decode(),
}))
"""


def test_its_data_can_be_read_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    found = json.loads(_run(installed / "bin" / "python", "-I", "-c", USES_DATA, cwd=tmp_path))
    assert str(installed) in found["from"]
    assert found["texts"][0] == found["texts"][1] > 100
    assert found["aircraft"] > 0
    assert found["terrain_m"] > 1000
    assert found["rules"] > 0
    assert found["model_bytes"] > 1_000_000
    assert found["pdf"] == "%PDF"


def test_no_file_of_the_packages_is_missing_and_none_is_there_for_nothing(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    tracked = _run("git", "ls-files", *SOURCES, cwd=ROOT).splitlines()
    wanted = {name for name in tracked if not name.startswith("field_api/web/")}
    assert wanted <= inside
    # Of the pages only what a browser asks for, and the licences of what is in them.
    web = {name for name in inside if name.startswith("field_api/web/")}
    assert {name.split("/")[2] for name in web} == {"dist"}
    assert "field_api/web/dist/licences.json" in web
    licences = {name.partition("/licenses/")[2] for name in inside if "/licenses/" in name}
    assert licences == {"LICENSE", "docs/licences.md"}
