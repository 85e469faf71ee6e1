"""The built image starts as its own user on a read-only root, and says by itself that it works.

`make image` builds it (minutes); without an image these tests are skipped. They do what
`podman run --read-only --cap-drop=all --security-opt=no-new-privileges` does, by hand: a container
engine wants control groups, which the machines that run tests often don't give.
"""

import json
import os
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from release.shipped import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
IMAGE = f"localhost/xunshan:{VERSION}"

CONTAINER = """
set -e
mount --bind "$IMAGE_ROOT" "$NEW_ROOT"
mount -o remount,bind,ro "$NEW_ROOT"
mount --bind "$DATA" "$NEW_ROOT/var/lib/xunshan"
mount -t tmpfs tmpfs "$NEW_ROOT/tmp"
mount -t proc proc "$NEW_ROOT/proc"
mount --rbind /dev "$NEW_ROOT/dev"
cd "$NEW_ROOT"
exec chroot . setpriv --reuid "$RUN_UID" --regid "$RUN_GID" --clear-groups --no-new-privs \
  --inh-caps=-all --bounding-set=-all env -i "$@"
"""


def _podman(*arguments: str) -> str:
    done = subprocess.run(
        ["podman", *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"no image here ({done.stderr.strip()[:200]}): run make image")
    return done.stdout


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """What the image says about itself."""
    if os.geteuid() != 0 or shutil.which("podman") is None:
        pytest.skip("needs podman and root")
    return json.loads(_podman("image", "inspect", IMAGE))[0]


@pytest.fixture(scope="module")
def image_root(config: dict[str, Any]) -> Iterator[Path]:
    root = Path(_podman("image", "mount", IMAGE).strip())
    yield root
    _podman("image", "unmount", IMAGE)


class _Container:
    """Starts programs in the image as a container engine would."""

    def __init__(self, config: dict[str, Any], root: Path, folder: Path, **variables: str) -> None:
        uid, gid = config["Config"]["User"].split(":")
        data, new_root = folder / "data", folder / "root"
        data.mkdir()
        new_root.mkdir()
        data.chmod(0o700)
        os.chown(data, int(uid), int(gid))
        self._outside = {
            **os.environ,
            "IMAGE_ROOT": str(root),
            "NEW_ROOT": str(new_root),
            "DATA": str(data),
            "RUN_UID": uid,
            "RUN_GID": gid,
        }
        self._inside = [*config["Config"]["Env"], *(f"{k}={v}" for k, v in variables.items())]

    def start(self, *command: str, out: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONTAINER, "sh",
             *self._inside, *command],
            env=self._outside, stdout=out, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, *command: str) -> tuple[int, str]:
        process = self.start(*command)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


def test_it_serves_on_a_read_only_root_and_its_health_check_tells(
    config: dict[str, Any], image_root: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    container = _Container(config, image_root, tmp_path, XUNSHAN_PORT=str(unused_tcp_port))
    check = config["HealthCheck" if "HealthCheck" in config else "Healthcheck"]["Test"]
    assert check[0] == "CMD"
    assert container.run(*check[1:])[0] == 1, "nothing runs yet"
    # Loopback only here, where there is no network of its own around it.
    command = [*config["Config"]["Entrypoint"], "serve", "--host", "127.0.0.1"]
    with (tmp_path / "log").open("w") as log:
        server = container.start(*command, out=log)
    try:
        address = f"http://127.0.0.1:{unused_tcp_port}"
        deadline = time.monotonic() + 120
        while True:
            assert server.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            try:
                page = httpx.get(f"{address}/", timeout=30)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        assert page.status_code == 200
        assert "/assets/" in page.text
        assert container.run(*check[1:]) == (0, "")
        status = Path(f"/proc/{server.pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(fields["Uid"].split()) == {config["Config"]["User"].split(":")[0]}
        assert int(fields["CapEff"], 16) == 0
    finally:
        server.terminate()
        server.wait(30)


def test_it_writes_into_its_data_folder_only(
    config: dict[str, Any], image_root: Path, tmp_path: Path
) -> None:
    container = _Container(config, image_root, tmp_path)
    code, said = container.run(
        "sh", "-c", "touch /var/lib/xunshan/here /tmp/here && ! touch /opt/xunshan/here"
    )
    assert code == 0, said
    assert "Read-only file system" in said


def test_nothing_to_build_with_is_left_inside(image_root: Path) -> None:
    names = {"gcc", "cc", "make", "pip", "pip3", "node", "npm", "git", "uv", "curl", "wget"}
    folders = ("usr/bin", "usr/local/bin", "opt/xunshan/bin")
    left = {
        f"{folder}/{file.name}"
        for folder in folders
        for file in (image_root / folder).iterdir()
        if file.name in names
    }
    assert left == set()
    assert not any(image_root.glob("opt/xunshan/lib/python*/site-packages/pip"))
    assert not any(image_root.glob("**/*.whl"))


def test_no_file_can_be_changed_by_the_user_it_runs_as(
    config: dict[str, Any], image_root: Path
) -> None:
    uid = int(config["Config"]["User"].split(":")[0])
    owned = [
        file
        for folder in ("opt", "usr", "etc", "var")
        for file in (image_root / folder).rglob("*")
        if not file.is_symlink() and file.stat().st_uid == uid
    ]
    assert owned == [image_root / "var" / "lib" / "xunshan"]


def test_licences_come_with_it(image_root: Path) -> None:
    assert (image_root / "usr/share/doc/xunshan/licences.md").is_file()
    packages = image_root.glob("opt/xunshan/lib/python*/site-packages/xunshan-*.dist-info/licenses")
    (own,) = packages
    assert (own / "LICENSE").is_file()
