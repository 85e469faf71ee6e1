"""Starting, watching and stopping real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.demo.children import Children, CrashedError, run_to_end

STUBBORN = textwrap.dedent(
    """
    import signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("grandchild", child.pid, flush=True)
    time.sleep(600)
    """
)


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def said(log_file: Path, word: str) -> str | None:
    """Return what follows `word` in a log, None before it is there."""
    lines = log_file.read_text().splitlines() if log_file.exists() else []
    for line in lines:
        if line.startswith(word):
            return line.removeprefix(word).strip()
    return None


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition of another process, which can only be asked."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the other process can't set an event here
            await asyncio.sleep(0.02)


async def test_a_crash_is_told_with_the_last_lines_of_its_log(tmp_path: Path) -> None:
    children = Children(tmp_path)
    await children.start("calm", [sys.executable, "-c", "import time; time.sleep(600)"], {})
    await children.start(
        "vision", [sys.executable, "-c", "print('the camera is on fire'); raise SystemExit(3)"], {}
    )
    with pytest.raises(CrashedError, match=r"(?s)vision.*status 3.*the camera is on fire"):
        await children.first_crash()
    await children.stop()


async def test_stop_leaves_no_orphan_even_of_stubborn_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.demo.children.STOP_WITHIN_S", 0.5)
    children = Children(tmp_path)
    child = await children.start("stubborn", [sys.executable, "-c", STUBBORN], {})
    log_file = tmp_path / "stubborn.log"
    await until(lambda: said(log_file, "grandchild") is not None)
    grandchild = int(said(log_file, "grandchild") or 0)
    assert alive(grandchild)
    await children.stop()
    assert not alive(child.process.pid)
    await until(lambda: not alive(grandchild))


async def test_children_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from pathlib import Path
        from sim.demo.children import Children

        async def main():
            children = Children(Path(sys.argv[1]))
            child = await children.start(
                "sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], {}
            )
            print(child.process.pid, flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
        """
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        str(tmp_path),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert alive(child)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    await until(lambda: not alive(child))


async def test_a_short_command_gives_its_output_or_its_reason(tmp_path: Path) -> None:
    output = await run_to_end("enrol", [sys.executable, "-c", "print('token')"], {}, tmp_path)
    assert output == "token\n"
    failing = "import sys; print('no such file', file=sys.stderr); sys.exit(2)"
    with pytest.raises(CrashedError, match=r"(?s)seed.*status 2.*no such file"):
        await run_to_end("seed", [sys.executable, "-c", failing], {}, tmp_path)


async def test_a_short_command_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = (
        "import os, sys, time; print('pid', os.getpid(), file=sys.stderr, flush=True); "
        "time.sleep(600)"
    )
    with pytest.raises(CrashedError, match="did not end within"):
        await run_to_end("seed", [sys.executable, "-c", hanging], {}, tmp_path, within_s=1.5)
    pid = said(tmp_path / "seed.log", "pid")
    assert pid is not None
    assert not alive(int(pid))


def test_the_age_of_a_process_counts_from_its_start() -> None:
    program = (
        "import time; time.sleep(0.5); from sim.demo.process_age import process_age_s as age; "
    )
    program += "print(age())"
    began_s = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert 0.5 <= float(ended.stdout) <= time.monotonic() - began_s + 0.02
