"""A real nginx with the settings of docs/operations.md, on a loopback port."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from field_api.serving.authority import TlsFiles
from tests.fleet.flight_line import free_port

__all__ = ["installed", "nginx"]

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
START_S = 30


def installed() -> bool:
    """Whether Debian's nginx is here."""
    return _program() is not None


def _program() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _settings(post_port: int, port: int, files: TlsFiles) -> str:
    """The page's settings, with this test's ports and certificate."""
    found = re.search(r"```nginx\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    text = found[1]
    for written, here in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/post.example.pem", str(files.server)),
        ("/etc/ssl/post.example.key", str(files.server)),
        ("http://127.0.0.1:8600", f"http://127.0.0.1:{post_port}"),
    ):
        assert written in text, written
        text = text.replace(written, here)
    return text


@contextmanager
def nginx(folder: Path, post_port: int, files: TlsFiles) -> Generator[int]:
    """Run it before a post; give its port."""
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    page = _settings(post_port, port, files)
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder / 'pid'}; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off;\n{places}\n{page}\n}}\n"
    )
    program = _program()
    assert program is not None
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=log
        )
    try:
        end_s = time.monotonic() + START_S
        while not _listens(port):
            said = (folder / "nginx.log").read_text()
            assert process.poll() is None, said
            assert time.monotonic() < end_s, said
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(START_S)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
