"""`xunshan sim` as a real process with real MAVLink and real video on the wire."""

import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.demo.command_line import python_words

pytestmark = pytest.mark.slow

HEARTBEAT = mavlink.MAVLINK_MSG_ID_HEARTBEAT
TS_PACKET_BYTES = 188
TS_SYNC = 0x47


def udp_socket() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    listener.settimeout(40)
    return listener


def free_sitl_port() -> int:
    """A TCP port with the ones above it that a vehicle uses free too, as far as one can know."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """The processes a process has started."""
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in tasks.read_text().split()]


def until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still there: {[p for p in pids if alive(p)]}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running_sim(fleet: socket.socket, camera: socket.socket) -> Generator[subprocess.Popen[bytes]]:
    words = [
        *("sim", "--server", "", "--vehicles", "2", "--cameras", "1"),
        *("--mavlink-port", str(fleet.getsockname()[1])),
        *("--camera-port", str(camera.getsockname()[1])),
        *("--sitl-port", str(free_sitl_port())),
    ]
    with subprocess.Popen(python_words(words), stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_drones_and_their_camera_are_on_the_wire_and_end_with_the_process() -> None:
    with udp_socket() as fleet, udp_socket() as camera, running_sim(fleet, camera) as process:
        codec = mavlink.MAVLink(None)
        codec.robust_parsing = True
        heard: set[int] = set()
        while heard != {1, 2}:
            for message in codec.parse_buffer(fleet.recv(4096)) or []:
                if message.get_msgId() == HEARTBEAT:
                    heard.add(message.get_srcSystem())
        datagram = camera.recv(4096)
        assert len(datagram) % TS_PACKET_BYTES == 0
        assert {datagram[n] for n in range(0, len(datagram), TS_PACKET_BYTES)} == {TS_SYNC}
        helpers = children_of(process.pid)
        assert helpers
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        until_gone(helpers)


def test_the_camera_does_not_outlive_a_killed_simulator() -> None:
    with udp_socket() as fleet, udp_socket() as camera, running_sim(fleet, camera) as process:
        camera.recv(4096)
        helpers = children_of(process.pid)
        assert helpers
        process.kill()
        process.wait(timeout=20)
        until_gone(helpers)
