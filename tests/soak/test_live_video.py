"""Four cameras and twelve viewers for an hour: memory stays, no picture stops.

SOAK_VIDEO_S=3600 python -m pytest tests/soak/test_live_video.py -rP
"""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import httpx
import pytest

from field_api.app import make_services
from field_api.features.accounts.devices import enrol_node
from field_api.features.accounts.tables import DeviceKind
from field_api.settings import Settings
from sim.scenario import DEFAULT_SCENARIO
from tests.benchmarks.served import Served
from tests.browser.conftest import ADMINISTRATOR, PASSWORD
from tests.filming import FPS, NODE, STREAM, filming

SECONDS = float(os.environ.get("SOAK_VIDEO_S", "60"))
CAMERAS = [STREAM, "XS-U2-cam", "XS-U3-cam", "XS-U4-cam"]
KINDS = ("packets", "fmp4", "whep")
LONGEST_STALL_S = 2.0
WARM_S = min(120.0, SECONDS / 3)
"""Caches fill and recordings begin before the memory is counted."""


@pytest.mark.timeout(SECONDS + 300)
def test_an_hour_of_video_leaves_memory_and_pictures_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    words = ["admin", "seed", "--scenario", str(DEFAULT_SCENARIO), "--demo-accounts"]
    seeding = [sys.executable, "-m", "xunshan", *words, "--data-dir", str(data)]
    subprocess.run(seeding, check=True, capture_output=True)
    services = make_services(Settings(data_dir=data))
    with services.store.change(ADMINISTRATOR) as change:
        nodes = [f"{NODE}-{camera}" if camera != STREAM else NODE for camera in CAMERAS]
        tokens = [enrol_node(change, node, DeviceKind.VISION) for node in nodes]
    services.close()
    post = Served(data)
    url = f"http://127.0.0.1:{post.port}"
    person = {"username": "commander", "password": PASSWORD}
    with httpx.Client(base_url=url, trust_env=False) as client:
        session = client.post("/api/v1/session", json=person).raise_for_status().json()["token"]
    working = {"Authorization": f"Bearer {session}"}
    with ExitStack() as stack:
        stack.callback(post.stop)
        for camera, token in zip(CAMERAS, tokens, strict=True):
            stack.enter_context(filming(url, token, kbit_per_s=1000, stream=camera, pictures=250))
        viewers: list[subprocess.Popen[str]] = []
        for camera in CAMERAS:
            for kind in KINDS:
                viewers.append(_viewer(url, kind, camera, session))
                stack.callback(viewers[-1].kill)
        for viewer in viewers:
            assert _out(viewer).readline().strip() == "watching"
        for viewer in viewers:
            assert viewer.stdin is not None
            viewer.stdin.write("count\n")
            viewer.stdin.flush()
        time.sleep(WARM_S)
        memory = [post.memory_bytes]
        until = time.monotonic() + SECONDS - WARM_S
        while time.monotonic() < until:
            time.sleep(min(30.0, max(0.0, until - time.monotonic())))
            # Who only watches is signed out after `session_idle_s`: this one also works.
            # A machine that does other things beside may let it wait; only pictures are timed.
            answer = httpx.get(
                f"{url}/api/v1/session", headers=working, trust_env=False, timeout=60
            )
            answer.raise_for_status()
            memory.append(post.memory_bytes)
        found = [json.loads(_out(viewer).readline()) for viewer in viewers]
    mib = [round(size / 2**20) for size in memory]
    gaps = [one["longest_gap_s"] for one in found]
    rates = [one["pictures"] / SECONDS for one in found]
    print(f"memory MiB {mib[0]} first, {mib[-1]} last, {max(mib)} most; longest gap {max(gaps)} s;")
    print(f"pictures a second {min(rates):.2f} to {max(rates):.2f}")
    assert max(gaps) < LONGEST_STALL_S
    assert min(rates) > 0.95 * FPS
    # The second half is no larger than the first: what grows with time shows here.
    half = len(memory) // 2 or 1
    assert max(memory[half:]) <= 1.1 * max(memory[:half]) + 10 * 2**20


def _viewer(url: str, kind: str, camera: str, session: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "tests.benchmarks.video_viewers", url, kind]
    viewer = subprocess.Popen(
        [*words, "1", str(SECONDS), camera],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert viewer.stdin is not None
    viewer.stdin.write(f"{session}\n")
    viewer.stdin.flush()
    return viewer


def _out(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout
