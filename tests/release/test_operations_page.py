"""The commands of "The first day" in docs/operations.md, executed."""

import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from release.shipped import ROOT
from tests.fleet.flight_line import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PASSWORD = "three-words-for-a-test"
TERMINALS = ("HT-01", "HT-02", "HT-03")


def _commands() -> str:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    found = re.search(r"<!-- first day -->\n```sh\n(.+?)```", page, re.DOTALL)
    assert found is not None
    return found[1]


@dataclass(frozen=True)
class FirstDay:
    """A post as the page leaves it."""

    folder: Path
    port: int
    said: str


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Generator[FirstDay]:
    folder, port = tmp_path_factory.mktemp("day"), free_port()
    # As on the page, but in places of its own, on loopback, and not before the server is there.
    script = _commands()
    started = f"--port {port} > served 2> serve.log & echo $! > pid"
    for written, here in (
        ("/var/lib", str(folder)),
        ("/mnt", str(folder)),
        ("--host 0.0.0.0 &", f"{started}; until [ -s served ]; do sleep 0.1; done"),
    ):
        assert written in script
        script = script.replace(written, here)
    (folder / "bin").mkdir()
    program = folder / "bin" / "xunshan"
    program.write_text(
        "#!/bin/sh\n"
        f'run() {{ {sys.executable} -m xunshan "$@"; }}\n'
        # Whoever sits there types the password twice.
        f"case \"$*\" in *'user add'*) printf '{PASSWORD}\\n{PASSWORD}\\n' | run \"$@\" ;;\n"
        f'*) exec {sys.executable} -m xunshan "$@" ;; esac\n'
    )
    program.chmod(0o755)
    mine = {name: text for name, text in os.environ.items() if not name.startswith("XUNSHAN_")}
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**mine, "PATH": f"{folder / 'bin'}:{mine['PATH']}", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield FirstDay(folder, port, done.stdout)
    finally:
        if (folder / "pid").exists():
            os.kill(int((folder / "pid").read_text()), signal.SIGTERM)


def test_the_administrator_comes_in_by_tls_and_sees_devices_and_node(day: FirstDay) -> None:
    trust = ssl.create_default_context(cafile=str(day.folder / "xunshan" / "tls" / "ca.crt"))
    with httpx.Client(
        base_url=f"https://127.0.0.1:{day.port}/api/v1/", verify=trust, timeout=60, trust_env=False
    ) as client:
        signed = client.post("session", json={"username": "chief", "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        devices = client.get("devices").json()
        assert {one["subject_id"] for one in devices} == {*TERMINALS, "fleet-fcp"}
        codes = re.findall(r"^[A-Z0-9-]{6,20}$", day.said, re.MULTILINE)
        assert len(codes) == len(TERMINALS)
        for code in codes:
            enrolled = client.post("devices/enrol", json={"code": code})
            assert enrolled.status_code in (200, 201), enrolled.text
        states = {one["subject_id"]: one["state"] for one in client.get("devices").json()}
        assert [states[name] for name in TERMINALS] == ["enrolled"] * 3
    assert (day.folder / "fleet-fcp.token").read_text().strip()


def test_the_backup_starts_as_a_post_of_its_own(day: FirstDay) -> None:
    scratch = day.folder / "xunshan-scratch"
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "xunshan", "serve", "--port", str(port), "--data-dir", str(scratch)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert "Xunshan command post" in server.stdout.readline()
        trust = ssl.create_default_context(cafile=str(scratch / "tls" / "ca.crt"))
        with httpx.Client(verify=trust, timeout=30, trust_env=False) as client:
            url = f"https://127.0.0.1:{port}/api/v1/session"
            answer = client.post(url, json={"username": "ht-02", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
    finally:
        server.terminate()
        server.wait(60)
