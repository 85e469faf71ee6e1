"""The connected nodes and their orders: an order is an event of the tail, sent in its order.

What a node has not been sent when its connection breaks or this process dies is sent when it comes
back, if it has not expired: the table holds it, not this memory. A node refuses a repeated id.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool

from field_api.contract.link import LinkServer, NotSignedInError
from field_api.contract.messages import Command, Wish
from field_api.core.events import Event, TailEvent
from field_api.core.services import Services
from field_api.features.flights.tables import CommandRecord, CommandState

__all__ = ["LinkSession", "NodeSessions"]

log = structlog.get_logger(__name__)

MOST_WAITING = 500
JOINED = "node_joined"


@dataclass(eq=False)
class LinkSession:
    """One node's connection, as the rest of the server sees it. Lives on the event loop."""

    server: LinkServer
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    sent: set[str] = field(default_factory=set[str])
    """Orders sent on this connection."""


class NodeSessions:
    """Which nodes are connected here. Lives on the event loop."""

    def __init__(self, ctx: Services) -> None:
        self._ctx = ctx
        self._sessions: dict[str, LinkSession] = {}
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        """Nodes that may have orders to get, in the order in which these were given."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self.strangers = 0
        """Connections that have not signed in."""
        ctx.wishes.listen(self._wished)
        ctx.exchange.hear(JOINED, self._joined_elsewhere)

    def join(self, node_id: str, session: LinkSession) -> None:
        """A node signed in; an older session of the same node is ended."""
        self._loop = asyncio.get_running_loop()
        self._replace(node_id)
        self._sessions[node_id] = session
        self._ctx.exchange.tell(JOINED, node_id.encode())
        self._wanted.put_nowait(node_id)

    def _joined_elsewhere(self, _worker: str, data: bytes) -> None:
        self._replace(data.decode())

    def _replace(self, node_id: str) -> None:
        older = self._sessions.pop(node_id, None)
        if older is not None:
            older.server.refuse("replaced", "this node signed in again on another connection")
            older.wake.set()

    def leave(self, node_id: str, session: LinkSession) -> bool:
        """A connection ended; return whether the node is gone with it."""
        if self._sessions.get(node_id) is not session:
            return False
        del self._sessions[node_id]
        return True

    @property
    def count(self) -> int:
        """How many nodes are connected here."""
        return len(self._sessions)

    @contextmanager
    def stranger(self) -> Generator[Callable[[], None]]:
        """Count a connection as a stranger's, until it ends or what is given is called."""
        waits = True
        self.strangers += 1

        def known() -> None:
            nonlocal waits
            if waits:
                waits, self.strangers = False, self.strangers - 1

        try:
            yield known
        finally:
            known()

    def end_all(self) -> None:
        """Tell every node that the command post stops."""
        for session in list(self._sessions.values()):
            session.server.refuse("shutting_down", "the command post is stopping")
            session.wake.set()

    def refuse(self, node_id: str, code: str, text: str) -> None:
        """End a node's session, e.g. when its token was revoked."""
        session = self._sessions.get(node_id)
        if session is not None:
            session.server.refuse(code, text)
            session.wake.set()

    # --- orders -----------------------------------------------------------------------------

    def follow(self, events: list[TailEvent]) -> None:
        """Note which nodes have new orders, and which nodes are no longer welcome."""
        for event in events:
            if event.topic == "command" and event.version == 1:
                for node_id in self._sessions:
                    # The event says what people may see; which node it is for stands in the row.
                    self._wanted.put_nowait(node_id)
            elif event.topic == "device" and event.record_id in self._sessions:
                self._wanted.put_nowait(event.record_id)

    async def send_orders(self) -> None:
        """Send orders until cancelled: one reader, so that their order is the tail's."""
        while True:
            waiting = {await self._wanted.get()}
            while not self._wanted.empty():
                waiting.add(self._wanted.get_nowait())
            for node_id in waiting:
                try:
                    await self._send_waiting(node_id)
                except Exception:
                    log.exception("orders_not_sent", node_id=node_id)

    def _wished(self, node_id: str, wish: Wish) -> None:
        """Pass a wish on, from whatever thread; a node that is not here gets none."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._send_wish, node_id, wish)

    def _send_wish(self, node_id: str, wish: Wish) -> None:
        session = self._sessions.get(node_id)
        if session is not None and session.server.signed_in:
            session.server.send_wish(wish)
            session.wake.set()

    async def _send_waiting(self, node_id: str) -> None:
        session = self._sessions.get(node_id)
        if session is None:
            return
        for order in await run_in_threadpool(self._waiting, node_id):
            if order.id in session.sent:
                continue
            try:
                session.server.send_command(order)
            except NotSignedInError:
                log.warning("order_not_sent", node_id=node_id, command_id=order.id)
                return
            session.sent.add(order.id)
        session.wake.set()

    def _waiting(self, node_id: str) -> list[Command]:
        """Return a node's unanswered orders that are still good, in the order of their commits."""
        with self._ctx.store.read() as session:
            return _orders(session, node_id, self._ctx.clock())


def _orders(session: Session, node_id: str, now_ms: int) -> list[Command]:
    rows = session.exec(
        select(CommandRecord, Event.seq)
        .join(
            Event,
            (col(Event.record_id) == col(CommandRecord.id))
            & (col(Event.topic) == "command")
            & (col(Event.version) == 1),
        )
        .where(
            CommandRecord.node_id == node_id,
            CommandRecord.state == CommandState.SENT,
            col(CommandRecord.expires_ms) >= now_ms,
        )
        .order_by(col(Event.seq))
        .limit(MOST_WAITING)
    )
    return [row.order for row, _seq in rows if row.order is not None]
