"""Whether the post can serve: it reads, it writes, there is room, the tail runs."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy import insert
from sqlmodel import select

from field_api.core.audit.trail import trail_head
from field_api.core.errors import ApiError, refuse
from field_api.core.events import Event, last_seq
from field_api.core.failures import is_damage, told_failure
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.core.wire import View
from field_api.features.accounts.tables import User, UserSession

__all__ = ["PartView", "Readiness", "ReadyView"]

log = structlog.get_logger(__name__)

KEPT_S = 1.0
"""An answer is good for this long: asking often must cost nothing."""
MARGIN_S = 1.0
"""What a look may take besides waiting for its turn to write."""
TAIL_LATE_S = 5.0
DAMAGE_LOOK_S = 6 * 3600.0
PROBE_BYTES = 4096


class PartView(View):
    """One thing that the post needs to serve."""

    name: str
    ok: bool
    text_zh: str
    text_en: str


class ReadyView(View):
    """Whether the post can serve, and what it lacks."""

    ready: bool
    parts: list[PartView]


class _UndoneError(Exception):
    """Ends a trial write so that nothing of it is kept."""


class Readiness:
    """Looks at each part in a thread of its own: one that hangs keeps nobody from answering."""

    def __init__(self, ctx: Services, tail: "asyncio.Task[None]") -> None:
        self._ctx = ctx
        self._tail = tail
        self._tail_seen = (0, time.monotonic())
        """Where the tail stood, and since when it had somewhere to go and did not."""
        looks = {"read": self._read, "write": self._write, "disk": self._disk, "tail": self._follow}
        self._looks: dict[str, Callable[[], None]] = looks
        self._threads = ThreadPoolExecutor(len(looks) + 1, "readiness")
        self._running: dict[str, asyncio.Future[None]] = {}
        self._lock = asyncio.Lock()
        self._known: tuple[float, ReadyView] | None = None

    async def look(self) -> ReadyView:
        """Return how things are, at most a second ago."""
        async with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > KEPT_S:
                parts = await asyncio.gather(*(self._part(name) for name in self._looks))
                view = ReadyView(ready=all(part.ok for part in parts), parts=list(parts))
                self._tell(view)
                self._known = (time.monotonic(), view)
            return self._known[1]

    def _tell(self, view: ReadyView) -> None:
        before = self._known[1].ready if self._known else True
        if before and not view.ready:
            log.error("not_ready", parts=[part.name for part in view.parts if not part.ok])
        elif view.ready and not before:
            log.info("ready_again")

    async def _part(self, name: str) -> PartView:
        within_s = self._ctx.settings.busy_wait_s + MARGIN_S
        running = self._running.get(name)
        if running is None or running.done():
            running = asyncio.get_running_loop().run_in_executor(self._threads, self._looks[name])
            self._running[name] = running
        try:
            async with asyncio.timeout(within_s):
                await asyncio.shield(running)
        except TimeoutError:
            return _failing(name, both("words.ready.late", seconds=round(within_s)))
        except ApiError as error:
            return _failing(name, Both(error.detail.text_zh, error.detail.text_en))
        except Exception as error:
            told = told_failure(error)
            if told is None:
                log.warning("readiness_look_failed", part=name, exc_info=error)
                return _failing(name, both("words.ready.failed", error=str(error)[:200]))
            return _failing(name, Both(told.detail.text_zh, told.detail.text_en))
        fine = both(f"words.ready.{name}")
        return PartView(name=name, ok=True, text_zh=fine.zh, text_en=fine.en)

    # --- the looks, each in its thread -----------------------------------------------------------

    def _read(self) -> None:
        if self._ctx.damaged is not None:
            raise refuse(503, "database_damaged")
        with self._ctx.store.read() as session:
            trail_head(session)
            last_seq(session)
            session.exec(select(User.id).limit(1)).first()
            session.exec(select(UserSession.user_id).limit(1)).first()

    def _write(self) -> None:
        """Write a row and take it back; and a file, for rows wait in memory for their commit."""
        with contextlib.suppress(_UndoneError), self._ctx.store.housekeep() as session:
            row = {"seq": -1, "t_ms": 0, "topic": "", "record_id": "", "version": 0, "area": ""}
            session.connection().execute(insert(Event).values(**row, op="put"))
            raise _UndoneError
        probe = self._ctx.settings.data_dir / ".ready-probe"
        try:
            probe.write_bytes(bytes(PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)

    def _disk(self) -> None:
        if self._ctx.disk.low:
            free_mb = self._ctx.disk.free_bytes // 1_000_000
            raise _told("words.ready.low", free_mb=free_mb)

    def _follow(self) -> None:
        if self._tail.done():
            raise _told("words.ready.tail_ended")
        with self._ctx.store.read() as session:
            newest = last_seq(session)
        at, now_s = self._ctx.tail.seq, time.monotonic()
        seen, since_s = self._tail_seen
        if at >= newest or at != seen:
            self._tail_seen = (at, now_s)
        elif now_s - since_s > TAIL_LATE_S:
            raise _told("words.ready.tail_late", at=at, newest=newest)

    # --- damage ----------------------------------------------------------------------------------

    async def look_for_damage(self) -> None:
        """Read every page of the database, now and some times a day, until cancelled."""
        loop = asyncio.get_running_loop()
        while self._ctx.damaged is None:
            await loop.run_in_executor(self._threads, self.check_pages)
            await asyncio.sleep(DAMAGE_LOOK_S)

    def check_pages(self) -> None:
        """Read every page of an embedded database; note what is wrong with it.

        A connection of its own reads the file, not what another one remembers of it.
        """
        if self._ctx.store.writer.dialect.name != "sqlite":
            return
        file = self._ctx.settings.database_file
        try:
            connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
            with contextlib.closing(connection):
                found = list(_findings(connection))
        except sqlite3.DatabaseError as error:
            found = [str(error)] if is_damage(error) else []
        if found:
            self._ctx.note_damage("; ".join(found))

    def close(self) -> None:
        """Wait for no look."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _findings(connection: sqlite3.Connection) -> Iterator[str]:
    for (text,) in connection.execute("PRAGMA quick_check(3)"):
        if text != "ok":
            yield text


def _told(key: str, **values: object) -> ApiError:
    text = both(key, **values)
    return ApiError(503, "not_ready", text.zh, text.en)


def _failing(name: str, text: Both) -> PartView:
    return PartView(name=name, ok=False, text_zh=text.zh, text_en=text.en)
