"""A killed worker is followed by another one; one that ends by itself is not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import os, sys, time, pathlib
from fleet.standby import keep_running

def work():
    told = pathlib.Path(sys.argv[1])
    with told.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    mode = sys.argv[2]
    if mode == "ends":
        return 7
    if mode == "crashes":
        os.kill(os.getpid(), 9)
    time.sleep(60)
    return 0

sys.exit(keep_running(work))
"""


def start(told: Path, mode: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(told), mode])


def workers(told: Path, count: int) -> list[int]:
    """The workers started so far, once there are `count`."""
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        pids = [int(line) for line in told.read_text().split()] if told.exists() else []
        if len(pids) >= count:
            return pids
        time.sleep(0.02)
    pytest.fail(f"no {count} workers were started")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_worker_is_followed_and_a_stop_ends_all(tmp_path: Path) -> None:
    told = tmp_path / "workers"
    process = start(told, "works")
    try:
        first = workers(told, 1)[0]
        os.kill(first, signal.SIGKILL)
        second = workers(told, 2)[1]
        assert second != first
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert not alive(second)
    finally:
        process.kill()


def test_one_that_ends_by_itself_gives_its_status(tmp_path: Path) -> None:
    told = tmp_path / "workers"
    assert start(told, "ends").wait(60) == 7
    assert len(workers(told, 1)) == 1


def test_one_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    told = tmp_path / "workers"
    assert start(told, "crashes").wait(60) == 1
    assert len(workers(told, 1)) == 5


def test_a_worker_ends_with_the_process_that_waits_beside_it(tmp_path: Path) -> None:
    told = tmp_path / "workers"
    process = start(told, "works")
    worker = workers(told, 1)[0]
    process.kill()
    process.wait(30)
    end_s = time.monotonic() + 30
    while alive(worker) and time.monotonic() < end_s:
        time.sleep(0.02)
    assert not alive(worker), "two nodes must not speak to the same aircraft"
