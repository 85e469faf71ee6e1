"""The commands of docs/deploy.md, executed in an empty Debian.

`XUNSHAN_CLEAN_ROOT` names a tar of Debian 12 (deploy/build-base makes one with mmdebstrap); needs
root, `make wheel` and the wheels that `make image` fetches.
"""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from release.shipped import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PAGE = ROOT / "docs" / "deploy.md"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    # No systemd runs in there: systemctl then enables, and says that it starts nothing.
    "SYSTEMD_OFFLINE": "1",
}
NEEDED = (ROOT / "dist" / "wheels", *(ROOT / "dist").glob("xunshan-*.whl"))


def _commands() -> str:
    section = PAGE.read_text(encoding="utf-8").partition("## From an empty Debian 12")[2]
    (first, *_) = re.findall(r"```sh\n(.+?)```", section, re.DOTALL)
    return first


class _Root:
    """An empty Debian, entered with a mount namespace of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, script: str, **options: object) -> "subprocess.Popen[str]":
        mounts = (
            f"mount --rbind /dev {self.folder}/dev; mount -t proc proc {self.folder}/proc; "
            f"exec chroot {self.folder} sh -e -c {shlex.quote(script)}"
        )
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c", mounts],
            env=ENVIRONMENT,
            text=True, stderr=subprocess.STDOUT, **options,  # pyright: ignore[reportCallIssue, reportArgumentType]
        )  # fmt: skip

    def run(self, script: str) -> str:
        process = self.start(script, stdout=subprocess.PIPE)
        said, _ = process.communicate(timeout=900)
        assert process.returncode == 0, said
        return said


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Root]:
    tar = os.environ.get("XUNSHAN_CLEAN_ROOT")
    if not tar or os.geteuid() != 0:
        pytest.skip("needs XUNSHAN_CLEAN_ROOT (a tar of Debian 12) and root")
    if len(NEEDED) < 2 or not NEEDED[0].is_dir():
        pytest.skip("needs dist/wheels and the wheel: run make image")
    folder = tmp_path_factory.mktemp("debian")
    subprocess.run(["tar", "-xpf", tar, "-C", str(folder)], check=True, timeout=300)
    # Name servers and package sources of this machine: Debian's packages come from somewhere.
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    given = folder / "root" / "given"
    given.mkdir()
    shutil.copytree(NEEDED[0], given / "wheels")
    shutil.copy(NEEDED[1], given)
    shutil.copy(ROOT / "requirements" / "run.txt", given)
    shutil.copy(ROOT / "field_api" / "settings.example.toml", given)
    shutil.copytree(ROOT / "deploy", given / "deploy")
    yield _Root(folder)
    shutil.rmtree(folder)


def test_the_commands_lead_from_an_empty_debian_to_a_post(
    root: _Root, tmp_path: Path, unused_tcp_port: int
) -> None:
    root.run("apt-get update -qq; apt-get install -y -qq --no-install-recommends systemd")
    said = root.run(f"cd /root/given\n{_commands()}")
    assert (
        root.folder / "etc/systemd/system/multi-user.target.wants/xunshan.service"
    ).is_symlink(), said
    assert root.run("systemd-analyze verify --man=no xunshan.service xunshan-backup.service") == ""

    unit = (root.folder / "etc/systemd/system/xunshan.service").read_text(encoding="utf-8")
    (order,) = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
    named = re.findall(r"^Environment=(.+)$", unit, re.MULTILINE)
    environment = " ".join(line for line in named if "%" not in line)
    state = "install -d -o xunshan -g xunshan -m 0700 /var/lib/xunshan"
    service = (
        f"umask 0077; cd /var/lib/xunshan; exec setpriv --reuid xunshan --regid xunshan "
        f"--clear-groups --no-new-privs env -i {environment} PYTHONUNBUFFERED=1 "
        f"XUNSHAN_PORT={unused_tcp_port} {order}"
    )
    with (tmp_path / "log").open("w") as log:
        server = root.start(f"{state}; {service}", stdout=log)
    try:
        deadline = time.monotonic() + 180
        while True:
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            try:
                answer = httpx.get(f"http://127.0.0.1:{unused_tcp_port}/api/v1/health", timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        assert answer.json()["status"] == "ok"
        kept = root.folder / "var/lib/xunshan"
        readable = [f for f in [kept, *kept.rglob("*")] if f.stat().st_mode & 0o077]
        assert readable == [], "others may read what the post keeps"
    finally:
        server.terminate()
        server.wait(30)
