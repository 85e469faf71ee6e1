"""The demo's child processes: started, watched, and stopped without orphans."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sim.parent_death import end_with_parent

__all__ = ["Child", "Children", "CrashedError", "run_to_end"]

STOP_WITHIN_S = 8.0


class CrashedError(RuntimeError):
    """A child ended on its own; the text has its name, its status and its last lines."""


@dataclass(slots=True)
class Child:
    """One running program."""

    name: str
    process: asyncio.subprocess.Process
    log_file: Path

    def last_lines(self, count: int = 15) -> str:
        """Return the end of its log."""
        return _last_lines(self.log_file, count)


class Children:
    """All of them; each is the leader of its own process group and writes its own log file."""

    def __init__(self, log_dir: Path) -> None:
        self._log_dir = log_dir
        self._children: list[Child] = []
        self._watches: list[asyncio.Task[None]] = []
        self._ended: asyncio.Queue[Child] = asyncio.Queue()

    async def start(self, name: str, command: Sequence[str], env: dict[str, str]) -> Child:
        """Start a program in the background."""
        log_file = self._log_dir / f"{name}.log"
        with log_file.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **env},
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        child = Child(name, process, log_file)
        self._children.append(child)
        self._watches.append(asyncio.create_task(self._watch(child)))
        return child

    async def first_crash(self) -> None:
        """Wait until any child ends, also one that is started later.

        Raises:
            CrashedError: always, sooner or later: none is supposed to end.
        """
        child = await self._ended.get()
        raise CrashedError(_obituary(child.name, child.process.returncode, child.log_file))

    async def _watch(self, child: Child) -> None:
        await child.process.wait()
        self._ended.put_nowait(child)

    async def stop(self) -> None:
        """End every process group: politely, then by force; returns when all are gone."""
        for watch in self._watches:
            watch.cancel()
        for child in reversed(self._children):
            _signal_group(child.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        for child in self._children:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.1, deadline - time.monotonic())):
                    await child.process.wait()
        for child in self._children:
            # The group may hold grandchildren whose parent is already gone.
            _signal_group(child.process.pid, signal.SIGKILL)
            await child.process.wait()
        self._children.clear()


async def run_to_end(
    name: str, command: Sequence[str], env: dict[str, str], log_dir: Path, within_s: float = 60.0
) -> str:
    """Run a short command and return what it printed.

    Raises:
        CrashedError: it failed or took longer than `within_s`.
    """
    log_file = log_dir / f"{name}.log"
    with log_file.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **env},
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        async with asyncio.timeout(within_s):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise CrashedError(f"{name} did not end within {within_s:.0f} s") from error
    finally:
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        with log_file.open("ab") as errors:
            errors.write(output)
        raise CrashedError(_obituary(name, process.returncode, log_file))
    return output.decode(errors="replace")


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


def _last_lines(log_file: Path, count: int = 15) -> str:
    lines = log_file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  | {line}" for line in lines[-count:])


def _obituary(name: str, status: int | None, log_file: Path) -> str:
    return (
        f"{name} ended unexpectedly (status {status}); the end of {log_file}:\n"
        f"{_last_lines(log_file)}"
    )
