"""Which ports the demo needs, and who holds one that is taken."""

import errno
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Port", "holder_of", "is_free"]

Protocol = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Port:
    """A port that must be free, and how to choose another."""

    protocol: Protocol
    number: int
    purpose_en: str
    purpose_zh: str
    option: str
    """Command-line option that changes it."""
    variable: str
    """Environment variable that changes it."""


def is_free(port: Port, host: str = "127.0.0.1") -> bool:
    """Whether a program of ours could bind the port now.

    Raises:
        OSError: the reason is another than that it is taken, e.g. no permission below 1024.
    """
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if port.protocol == "tcp":
            # Like every server does: a port that only waits for old packets counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port.number))
            if port.protocol == "tcp":
                probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def holder_of(port: Port, proc: Path = Path("/proc")) -> str | None:
    """Return `process 1234 (name)` of whoever listens there, None where the system won't tell."""
    inodes = _inodes(port, proc)
    if not inodes:
        return None
    for process in proc.glob("[0-9]*"):
        if _holds(process, inodes):
            return f"process {process.name} ({_command(process)[:80]})"
    return None


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        files = list((process / "fd").iterdir())
    except OSError:
        # Another user's process, or one that has just ended: not ours to look into.
        return False
    for file in files:
        try:
            if str(file.readlink()) in inodes:
                return True
        except OSError:
            # Closed since it was listed.
            continue
    return False


def _command(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return "already ended"
    return b" ".join(word for word in words if word).decode(errors="replace")


def _inodes(port: Port, proc: Path) -> set[str]:
    """Return the sockets bound to the port as they appear in /proc/PID/fd."""
    listening = {"tcp": "0A", "udp": "07"}[port.protocol]
    inodes: set[str] = set()
    for family in ("", "6"):
        try:
            lines = (proc / "net" / f"{port.protocol}{family}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if int(fields[1].rsplit(":", 1)[1], 16) == port.number and fields[3] == listening:
                inodes.add(f"socket:[{fields[9]}]")
    return inodes
