"""The node's end of the field link on a real WebSocket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from field_api.contract.ids import new_id
from field_api.contract.link.backoff import Backoff
from field_api.contract.link.events import (
    Acknowledged,
    ClockMeasured,
    CommandReceived,
    CommandRefused,
    LinkError,
    NodeEvent,
    Refused,
    Rejected,
    Welcomed,
    WishReceived,
)
from field_api.contract.link.frames import MAX_FRAME_BYTES
from field_api.contract.link.journal import JournalError, NodeJournal
from field_api.contract.link.node import LinkNode, LinkTimings, NodeIdentity
from field_api.contract.link.reconnect import Reconnecting
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    DurableBody,
    LatestBody,
    Wish,
)

__all__ = ["LinkClient"]

log = structlog.get_logger(__name__)


def _utc_ms() -> int:
    return time.time_ns() // 1_000_000


class LinkClient:
    """A node signed in at the command post, for ever: `await run()` reconnects until cancelled.

    Use from one event loop. `send_latest` and `send_durable` work at any time, also before `run`
    and while the link is down.
    """

    def __init__(
        self,
        url: str,
        node_id: str,
        kind: str,
        token: str,
        outbox_path: Path,
        software_version: str,
        on_command: Callable[[Command], Awaitable[None]],
        *,
        on_wish: Callable[[Wish], None] | None = None,
        timings: LinkTimings | None = None,
        backoff: Backoff | None = None,
        now_ms: Callable[[], int] = _utc_ms,
    ) -> None:
        """Open the outbox.

        Args:
            url: e.g. `ws://127.0.0.1:8600/api/v1/link`.
            node_id: as enrolled.
            kind: `fleet`, `vision`, ...
            token: as given at enrolment.
            outbox_path: a file of this node alone; it survives restarts.
            software_version: shown at the command post.
            on_command: carries out one order, each in its own task, and answers by `send_durable`
                of a `CommandResult`; if it raises, the order is answered as failed.
            on_wish: takes what is wanted now; None for a node of which nothing is.
            timings: waiting times of the protocol.
            backoff: waits between connections.
            now_ms: this machine's clock, UTC milliseconds.

        Raises:
            JournalError: the outbox can't be opened; the text says why.
        """
        self._url = url
        self._on_command = on_command
        self._on_wish = on_wish
        self._now_ms = now_ms
        self._journal = NodeJournal(outbox_path)
        self._node = LinkNode(
            NodeIdentity(node_id, kind, token, software_version), self._journal, now_ms(), timings
        )
        self._log = log.bind(node_id=node_id, url=url)
        self._wake = asyncio.Event()
        self._state_changed = asyncio.Condition()
        self._orders: set[asyncio.Task[None]] = set()
        self._reconnecting = Reconnecting(
            backoff or Backoff(),
            lambda reason, wait_s: self._log.warning(
                "link down", reason=reason, retry_s=round(wait_s, 1)
            ),
        )

    @property
    def connected(self) -> bool:
        """Whether the node is signed in now."""
        return self._node.ready

    @property
    def clock_offset_ms(self) -> float:
        """Command-post clock minus this machine's clock; 0 before the first measurement."""
        return self._node.clock_offset_ms

    @property
    def pending_count(self) -> int:
        """Durable records not yet acknowledged."""
        return self._node.pending_count

    def send_latest(self, message: LatestBody) -> None:
        """Offer a latest-wins value; never blocks, never fails for the link's sake."""
        self._node.put_latest(message, self._now_ms())
        self._wake.set()

    def send_durable(self, message: DurableBody) -> int:
        """Store a record; when this returns it is on disk and will arrive. Returns its number.

        Raises:
            MessageTooLargeError: longer than a frame may be.
            ValueError: another body under an id that is still waiting.
            JournalError: the disk refused.
        """
        seq = self._node.put_durable(message)
        self._wake.set()
        return seq

    async def wait_acknowledged(self) -> None:
        """Wait until every durable record is acknowledged (or set aside by the command post)."""
        async with self._state_changed:
            await self._state_changed.wait_for(lambda: self._node.pending_count == 0)

    async def wait_connected(self) -> None:
        """Wait until the node is signed in."""
        async with self._state_changed:
            await self._state_changed.wait_for(lambda: self._node.ready)

    def close(self) -> None:
        """Release the outbox; call after `run` has ended."""
        self._journal.close()

    async def run(self) -> None:
        """Connect, sign in, exchange, and do it again whenever the link breaks; until cancelled."""
        try:
            await self._reconnecting.run(self._one_connection)
        finally:
            for order in self._orders:
                order.cancel()
            await asyncio.gather(*self._orders, return_exceptions=True)

    async def _one_connection(self) -> str:
        try:
            async with connect(
                self._url,
                max_size=MAX_FRAME_BYTES,
                open_timeout=10,
                close_timeout=2,
                ping_interval=10,
                ping_timeout=20,
                proxy=None,
            ) as socket:
                self._node.connected(self._now_ms())
                return await self._exchange(socket)
        except (OSError, WebSocketException, JournalError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            self._node.disconnected()
            await self._tell_waiters()

    async def _exchange(self, socket: ClientConnection) -> str:
        reader = asyncio.create_task(self._read(socket))
        writer = asyncio.create_task(self._write(socket))
        try:
            done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in (reader, writer):
                task.cancel()
            # The first one's error is already on its way; the other only ends by the cancel.
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _read(self, socket: ClientConnection) -> str:
        async for text in socket:
            if isinstance(text, bytes):
                self._log.warning("binary frame ignored", size=len(text))
                continue
            for event in self._node.receive(text, self._now_ms()):
                reason = await self._handle(event)
                if reason:
                    return reason
            self._wake.set()
        return "closed by the command post"

    async def _write(self, socket: ClientConnection) -> str:
        while True:
            # Cleared first: what arrives during the sends below wakes the next round.
            self._wake.clear()
            while frames := self._node.poll(self._now_ms()):
                for frame in frames:
                    await socket.send(frame)
            now_ms = self._now_ms()
            overdue = self._node.overdue(now_ms)
            if overdue:
                return overdue
            wait_s = min(max(0, self._node.next_poll_ms(now_ms) - now_ms) / 1000, 30.0)
            # Not wait_for: before Python 3.12 it can swallow the cancel that ends this task.
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _handle(self, event: NodeEvent) -> str | None:
        """Act on one event; a returned text ends the connection."""
        match event:
            case Welcomed():
                self._reconnecting.succeeded()
                self._log.info("signed in", session=event.session)
                await self._tell_waiters()
            case Refused():
                return f"refused ({event.code}): {event.text}"
            case Acknowledged():
                await self._tell_waiters()
            case Rejected():
                self._log.error("record rejected", seq=event.seq, code=event.code, text=event.text)
                await self._tell_waiters()
            case CommandReceived():
                order = asyncio.create_task(self._carry_out(event.command))
                self._orders.add(order)
                order.add_done_callback(self._orders.discard)
            case WishReceived():
                if self._on_wish is not None:
                    self._on_wish(event.wish)
            case CommandRefused():
                self._log.warning(
                    "command refused",
                    command_id=event.command_id,
                    code=event.code,
                    text=event.text,
                )
            case LinkError():
                self._log.warning("link error", code=event.code, text=event.text)
            case ClockMeasured():
                pass
        return None

    async def _carry_out(self, command: Command) -> None:
        try:
            await self._on_command(command)
        except Exception as error:  # noqa: BLE001 - any failure of an order is its result
            self._log.exception("command failed", command_id=command.id)
            self.send_durable(
                CommandResult(
                    id=new_id(),
                    t_ms=max(0, round(self._now_ms() + self.clock_offset_ms)),
                    command_id=command.id,
                    outcome=CommandOutcome.FAILED,
                    code="internal",
                    text=f"{type(error).__name__}: {error}"[:500],
                )
            )

    async def _tell_waiters(self) -> None:
        async with self._state_changed:
            self._state_changed.notify_all()
