"""Which workers of this command post are here, and which of them leads.

All hear everything; what must be done once for the whole post (timers, wishes that follow from what
was heard) does the one that leads.
"""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from field_api.core.dialect import is_embedded, make_engine
from field_api.core.exchange import Exchange

__all__ = ["Leading", "Workers"]

log = structlog.get_logger(__name__)

HELLO = "hello"
HELLO_S = 2.0
GONE_S = 7.0
"""A worker that is silent for so long has ended, however it did."""
LOOK_S = 1.0
_LEADER_LOCK = 0x78756E74


class Workers:
    """The other workers, by what they tell. Lives on the event loop."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._heard_s: dict[str, float] = {}
        self._came: list[Callable[[], None]] = []
        self._went: list[Callable[[str], None]] = []
        exchange.hear(HELLO, self._hello)

    def when_one_comes(self, call: Callable[[], None]) -> None:
        """Call `call` when a worker comes that knows nothing yet."""
        self._came.append(call)

    def when_one_goes(self, call: Callable[[str], None]) -> None:
        """Call `call` with the id of a worker that has ended."""
        self._went.append(call)

    @property
    def others(self) -> int:
        """How many there are besides this one."""
        return len(self._heard_s)

    async def run(self) -> None:
        """Say that this one is here, and notice who is not any more, until cancelled."""
        while True:
            self._exchange.tell(HELLO, b"")
            now_s = asyncio.get_running_loop().time()
            # While the broker is away nobody is heard; that says nothing about them.
            gone = [name for name, heard_s in self._heard_s.items() if now_s - heard_s > GONE_S]
            for name in gone if self._exchange.connected else ():
                del self._heard_s[name]
                log.warning("worker_gone", worker=name)
                for call in self._went:
                    call(name)
            await asyncio.sleep(HELLO_S)

    def _hello(self, name: str, _data: bytes) -> None:
        known = name in self._heard_s
        self._heard_s[name] = asyncio.get_running_loop().time()
        if not known:
            log.info("worker_came", worker=name)
            self._exchange.tell(HELLO, b"")
            for call in self._came:
                call()


class Leading:
    """Whether this worker leads: it holds a lock of the database as long as its connection lives.

    An embedded database has one server, which always leads.
    """

    def __init__(self, url: str) -> None:
        self.leads = is_embedded(url)
        self._engine = None if self.leads else make_engine(url, writer=False)
        self._connection: Connection | None = None

    async def start(self) -> None:
        """Find out once, before anything that depends on it begins."""
        await run_in_threadpool(self._look)

    async def run(self) -> None:
        """Keep finding out until cancelled."""
        while self._engine is not None:
            await asyncio.sleep(LOOK_S)
            await run_in_threadpool(self._look)

    def close(self) -> None:
        """Let another one lead, for good."""
        engine, self._engine = self._engine, None
        if engine is not None:
            self.leads = False
            self._drop()
            engine.dispose()

    def _look(self) -> None:
        if self._engine is None:
            return
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(
                    isolation_level="AUTOCOMMIT"
                )
            # The same session may take the lock again and again; it is counted.
            ask = "SELECT 1" if self.leads else f"SELECT pg_try_advisory_lock({_LEADER_LOCK})"
            leads = bool(self._connection.execute(text(ask)).scalar())
        except SQLAlchemyError as error:
            log.warning("leader_unknown", error=str(error).splitlines()[0])
            leads = False
            self._drop()
        if leads != self.leads:
            log.info("leads" if leads else "leads_no_more")
        self.leads = leads

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
