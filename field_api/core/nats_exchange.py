"""Workers of one command post meet at a NATS server. Loaded only where there is one."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError

from field_api.contract.ids import new_id
from field_api.core.exchange import Taker

__all__ = ["NatsExchange"]

log = structlog.get_logger(__name__)

MOST_WAITING = 5_000
"""Messages not yet handed to the broker; the oldest go first, newer ones say more."""
RETRY_S = 1.0
CLOSE_WITHIN_S = 10.0
"""How long a connection may take to end."""
WORKER = "Worker"


class NatsExchange:
    """Workers that meet at a NATS server; the connection is made again for ever."""

    def __init__(self, url: str, prefix: str) -> None:
        """Take the server's address, and what this post's subjects begin with."""
        self.worker_id = new_id()
        self.alone = False
        self._url = url
        self._prefix = prefix
        self._takers: dict[str, Taker] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=MOST_WAITING)
        self._awake = asyncio.Event()
        self._ended = False
        self._changed: set[str] = set()
        """Subjects begun or ended since the connection was last told."""

    @property
    def connected(self) -> bool:
        """Whether the broker is reached now."""
        return self._client is not None and self._client.is_connected

    def hear(self, subject: str, take: Taker) -> None:
        """Have `take` called with what other workers tell about a subject; on the event loop."""
        self._takers[subject] = take
        self._changed.add(subject)
        self._awake.set()

    def ignore(self, subject: str) -> None:
        """Hear no more of a subject."""
        self._takers.pop(subject, None)
        self._changed.add(subject)
        self._awake.set()

    def tell(self, subject: str, data: bytes) -> None:
        """Tell all other workers, as soon as may be; from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        self._waiting.append((subject, data))
        with contextlib.suppress(RuntimeError):  # the loop closed meanwhile
            loop.call_soon_threadsafe(self._awake.set)

    async def run(self) -> None:
        """Connect, and tell what waits, until cancelled."""
        self._loop = asyncio.get_running_loop()
        work = asyncio.create_task(self._work())
        try:
            await asyncio.wait({work})
            work.result()
        finally:
            # The client waits by asyncio.wait_for, which before Python 3.12 can swallow a cancel.
            self._ended = True
            self._awake.set()
            work.cancel()
            await asyncio.wait({work}, timeout=CLOSE_WITHIN_S)

    async def _work(self) -> None:
        client = await self._connect()
        if client is None:
            return
        self._client = client
        try:
            while not self._ended:
                await self._awake.wait()
                self._awake.clear()
                try:
                    await self._subscribe(client)
                    await self._publish(client)
                except NatsError as error:
                    log.warning("broker_not_told", error=str(error) or type(error).__name__)
                    await asyncio.sleep(RETRY_S)
        finally:
            self._client = None
            with contextlib.suppress(NatsError, OSError):
                await client.close()

    async def _connect(self) -> Client | None:
        """Return a connection, None where nobody wants one any more."""
        while not self._ended:
            try:
                return await nats.connect(
                    self._url,
                    name=f"xunshan {self.worker_id}",
                    no_echo=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=RETRY_S,
                    connect_timeout=5,
                    error_cb=self._failed,
                    disconnected_cb=self._lost,
                    reconnected_cb=self._found,
                )
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("broker_not_reached", error=str(error) or type(error).__name__)
                await asyncio.sleep(RETRY_S)
        return None

    async def _subscribe(self, client: Client) -> None:
        changed, self._changed = self._changed, set()
        for subject in changed:
            taker, known = self._takers.get(subject), self._subscriptions.get(subject)
            if taker is None and known is not None:
                del self._subscriptions[subject]
                await known.unsubscribe()
            elif taker is not None and known is None:
                self._subscriptions[subject] = await client.subscribe(
                    f"{self._prefix}.{subject}", cb=self._receiver(subject)
                )

    def _receiver(self, subject: str) -> Callable[[Msg], asyncio.Future[None]]:
        async def received(message: Msg) -> None:
            taker = self._takers.get(subject)
            if taker is None:
                return
            try:
                taker((message.headers or {}).get(WORKER, ""), message.data)
            except Exception:
                log.exception("told_wrongly", subject=subject)

        return received  # pyright: ignore[reportReturnType]

    async def _publish(self, client: Client) -> None:
        while self._waiting:
            subject, data = self._waiting.popleft()
            # What is told while the broker is away is old when it is back.
            if client.is_connected:
                headers = {WORKER: self.worker_id}
                try:
                    await client.publish(f"{self._prefix}.{subject}", data, headers=headers)
                except MaxPayloadError:
                    log.warning("broker_refuses_size", subject=subject, bytes=len(data))

    async def _failed(self, error: Exception) -> None:
        log.warning("broker_error", error=str(error) or type(error).__name__)

    async def _lost(self) -> None:
        log.warning("broker_lost")

    async def _found(self) -> None:
        log.info("broker_found")
