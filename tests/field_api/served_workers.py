"""`xunshan serve` of one worker or several, killed and started again, and people who write."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.field_api.command_post import PASSWORD
from tests.field_api.post import incident_body
from tests.fleet.flight_line import free_port

__all__ = ["WITHIN_S", "Load", "ServedWorkers", "load_on", "served_workers"]

WITHIN_S = 120
"""A busy machine takes its time."""
WRITERS = 4


class ServedWorkers:
    """A server in processes of its own, always on the same port."""

    def __init__(self, data_dir: Path, workers: int, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1/"
        self.process: asyncio.subprocess.Process | None = None
        self._workers = workers
        self._words = (
            *(sys.executable, "-m", "xunshan", "serve", "--workers", str(workers)),
            *("--port", str(self.port), "--data-dir", str(data_dir)),
        )
        named = {f"XUNSHAN_{name.upper()}": text for name, text in settings.items()}
        self._environment = {**os.environ, "XUNSHAN_IMPROVE_S": "0", **named}

    async def start(self) -> None:
        """Start it, and wait until all its workers listen."""
        self.process = await asyncio.create_subprocess_exec(
            *self._words, env=self._environment, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(self._workers):
            await self.one_more_started()

    async def one_more_started(self) -> None:
        """Wait until another worker says that it listens."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while b"command post:" not in (line := await self.process.stdout.readline()):
                assert line, "the server ended"

    async def kill(self) -> None:
        """Kill the process that was started: the one server, or the supervisor of several."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    def worker_pids(self) -> list[int]:
        """The processes below the supervisor."""
        assert self.process is not None
        pid = self.process.pid
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@asynccontextmanager
async def served_workers(
    data_dir: Path, workers: int = 1, **settings: str
) -> AsyncGenerator[ServedWorkers]:
    """Run one for a while."""
    served = ServedWorkers(data_dir, workers, settings)
    await served.start()
    try:
        yield served
    finally:
        if served.process is not None:
            if served.process.returncode is None:
                served.process.terminate()
            async with asyncio.timeout(WITHIN_S):
                await served.process.wait()


class Load:
    """People who open incidents, and what of it was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.refused = 0
        """How often one was told to come again later."""
        self._writers: list[asyncio.Task[None]] = []

    def begin(self, url: str, cookies: httpx.Cookies) -> None:
        """Let them write."""
        self._writers = [asyncio.create_task(self._write(url, cookies)) for _ in range(WRITERS)]

    async def more(self, count: int) -> None:
        """Wait until so many more are acknowledged."""
        wanted = len(self.acknowledged) + count
        async with asyncio.timeout(WITHIN_S):
            while len(self.acknowledged) < wanted:
                for writer in self._writers:
                    if writer.done():
                        writer.result()
                await asyncio.sleep(0.02)

    async def end(self) -> None:
        """Send them home."""
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def _write(self, url: str, cookies: httpx.Cookies) -> None:
        async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=20) as client:
            while True:
                body = incident_body()
                while not await self._acknowledged(client, body):  # noqa: ASYNC110 - HTTP is asked
                    await asyncio.sleep(0.1)
                self.acknowledged.append(body["id"])

    async def _acknowledged(self, client: httpx.AsyncClient, body: dict[str, object]) -> bool:
        """Ask once: connections break, and a database is away now and then."""
        try:
            answer = await client.post("incidents", json=body)
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            self.refused += 1
            return False
        assert answer.status_code in (200, 201), answer.text
        return True


@asynccontextmanager
async def load_on(url: str) -> AsyncGenerator[Load]:
    """Let people write on a post for a while."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        signed = await client.post("session", json={"username": "duty", "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        load = Load()
        load.begin(url, client.cookies)
        try:
            yield load
        finally:
            await load.end()
