"""Everybody comes back at once, as after a power cut: handhelds, consoles and nodes of a post.

All begin while the server is not there yet, and ask again until it is.
"""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import Command, VehicleEvent
from tests.benchmarks.raw_http import RawHttp, WatchedSocket
from tests.benchmarks.year import Furnished

__all__ = ["storm"]

Task = dict[str, Any]
Items = Callable[[list[str], int], list[dict[str, Any]]]

AGAIN_S = 0.2
"""Who gets no connection asks again after this."""
LATER_S = 1.0
"""Who is told to come later does so after this: what `Retry-After` says as a rule."""
READ_EVERY_S = 0.2


async def _until(do: Callable[[], Awaitable[bool]]) -> None:
    """Try until it is done, over broken connections and refused ones."""
    while True:
        try:
            if await do():
                return
            await asyncio.sleep(LATER_S)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(AGAIN_S)


class _Storm:
    """What is measured while it lasts."""

    def __init__(self, task: Task, items: Items) -> None:
        self._task = task
        self._items = items
        self._began_s = time.monotonic()
        self.took_s: dict[str, list[float]] = {"handhelds": [], "consoles": [], "nodes": []}
        self.reads_ms: list[float] = []
        self.answers: Counter[str] = Counter()
        """Of pushed items, and `refused STATUS` for each request that was refused."""

    def _here(self, who: str) -> None:
        self.took_s[who].append(time.monotonic() - self._began_s)

    def _taken(self, status: int) -> bool:
        if status in (200, 204):
            return True
        self.answers[f"refused {status}"] += 1
        return False

    async def handheld(self, name: str) -> None:
        """Bring in what was made, then take what is new."""
        task = self._task
        body = json.dumps(
            {
                "device_id": name,
                "author": task["users"][name],
                "items": self._items(list(task["tasks"][name]), task["each"]),
            }
        ).encode()

        async def push() -> bool:
            client = await RawHttp(task["port"], Furnished.token(name)).open()
            try:
                status, answer = await client.ask("POST", "sync/push", body)
            finally:
                client.close()
            if self._taken(status):
                self.answers.update(item["status"] for item in json.loads(answer)["answers"])
                return True
            return False

        async def pull() -> bool:
            client = await RawHttp(task["port"], Furnished.token(name)).open()
            try:
                cursor, more = task["cursors"].get(name, ""), True
                while more:
                    status, answer = await client.ask("GET", f"sync/pull?cursor={cursor}&limit=500")
                    if not self._taken(status):
                        return False
                    page = json.loads(answer)
                    cursor, more = page["cursor"], page["more"]
                return True
            finally:
                client.close()

        await _until(push)
        await _until(pull)
        self._here("handhelds")

    async def console(self) -> None:
        """Wait for the live picture."""
        loop, port = asyncio.get_running_loop(), self._task["port"]

        async def picture() -> bool:
            socket = WatchedSocket("live", Furnished.token("commander"), None)
            await loop.create_connection(lambda: socket, "127.0.0.1", port)
            try:
                async with asyncio.timeout(30):
                    await socket.first_frame
            except TimeoutError:
                self.answers["consoles that waited 30 s"] += 1
                return False
            finally:
                socket.close()
            return True

        await _until(picture)
        self._here("consoles")

    async def node(self, node_id: str, token: str, outbox: Path) -> None:
        """Bring in what waits in the outbox."""

        async def refuse(_command: Command) -> None:
            raise RuntimeError("no orders here")

        url = f"ws://127.0.0.1:{self._task['port']}/api/v1/link"
        client = LinkClient(url, node_id, "fleet", token, outbox, "1", refuse)
        for number in range(self._task["backlog"]):
            client.send_durable(
                VehicleEvent(
                    id=new_id(), t_ms=time.time_ns() // 1_000_000, vehicle_id=node_id,
                    severity="info", code="statustext", text_zh="电力恢复",
                    text_en=f"power is back, {number}",
                )
            )  # fmt: skip
        link = asyncio.create_task(client.run())
        await client.wait_acknowledged()
        self._here("nodes")
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
        client.close()

    async def read(self) -> None:
        """Look at a list again and again, as somebody does who is there already."""
        while True:
            client = RawHttp(self._task["port"], Furnished.token("duty"))
            try:
                began = time.perf_counter()
                status, _ = await client.ask("GET", "tasks?limit=50")
                if self._taken(status):
                    self.reads_ms.append((time.perf_counter() - began) * 1000)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                client.close()
            await asyncio.sleep(READ_EVERY_S)


async def storm(task: Task, items: Items) -> Task:
    """Let all of a task come back; return when each was there, and what was refused."""
    it = _Storm(task, items)
    reading = asyncio.create_task(it.read())
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.gather(
            *(it.handheld(name) for name in task["terminals"]),
            *(it.console() for _ in range(task["consoles"])),
            *(
                it.node(node_id, token, Path(folder) / node_id)
                for node_id, token in task["nodes"].items()
            ),
        )
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    return {"took_s": it.took_s, "reads_ms": it.reads_ms, "answers": dict(it.answers)}
