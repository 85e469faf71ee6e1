"""The commands of docs/growing.md, executed: a post moves to PostgreSQL, then has two workers."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from release.shipped import ROOT
from tests.field_api.command_post import PASSWORD
from tests.field_api.nats import NatsServer
from tests.field_api.post import seed
from tests.field_api.postgresql import postgres_server
from tests.fleet.flight_line import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

WITHIN_S = 200


def _blocks() -> list[str]:
    page = (ROOT / "docs" / "growing.md").read_text("utf-8")
    return re.findall(r"```\n(.+?)```", page, re.DOTALL)


def _here(script: str, **places: str) -> str:
    """A script of the page, in places of its own."""
    for written, here in places.items():
        assert written in script, written
        script = script.replace(written, here)
    return script


@contextmanager
def _running(folder: Path, script: str, workers: int) -> Generator[None]:
    """Run a script that ends with a server, while it serves."""
    (folder / "bin").mkdir(exist_ok=True)
    program = folder / "bin" / "xunshan"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m xunshan "$@"\n')
    program.chmod(0o755)
    mine = {name: text for name, text in os.environ.items() if not name.startswith("XUNSHAN_")}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-euc", script],
            cwd=folder,
            env={**mine, "PATH": f"{folder / 'bin'}:{mine['PATH']}", "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        started = 0
        while started < workers:
            line = process.stdout.readline()
            assert line, (folder / "log").read_text()
            started += "command post:" in line
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(WITHIN_S)
        assert process.stdout is not None
        process.stdout.close()


def _accounts_came_along(port: int) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/"
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        signed = client.post("session", json={"username": "duty", "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        assert client.get("ready").status_code == 200


def test_a_post_moves_and_gets_a_second_worker(tmp_path: Path) -> None:
    if shutil.which("createuser") is None or not NatsServer.installed():
        pytest.skip("PostgreSQL or nats-server is not installed on this machine")
    moving, growing = _blocks()
    seed(tmp_path / "data")
    port = free_port()
    with postgres_server() as database:
        if database is None:
            pytest.skip("PostgreSQL is not installed on this machine")
        address = f"grown:none@127.0.0.1:{database.port}/grown"
        where = (
            f"export PGHOST=127.0.0.1 PGPORT={database.port} PGUSER=xunshan PGDATABASE=postgres\n"
            f"export XUNSHAN_DATA_DIR={tmp_path / 'data'} XUNSHAN_PORT={port}\n"
        )
        moved = _here(
            moving,
            **{
                # Nobody is there to type a password, and the name is the test server's own.
                "createuser --pwprompt xunshan": "createuser grown",
                "--owner xunshan": "--owner grown",
                "template0 xunshan": "template0 grown",
                "xunshan:PASSWORD@127.0.0.1:5432/xunshan": address,
            },
        )
        with _running(tmp_path, where + moved, 1):
            _accounts_came_along(port)
        broker = NatsServer()
        broker.start()
        try:
            grown = _here(
                growing,
                **{
                    "apt-get install nats-server": "command -v nats-server",
                    "nats://127.0.0.1:4222": broker.url,
                },
            )
            where += f"export XUNSHAN_DATABASE_URL=postgresql://{address}\n"
            with _running(tmp_path, where + grown, 2):
                _accounts_came_along(port)
        finally:
            broker.kill()
