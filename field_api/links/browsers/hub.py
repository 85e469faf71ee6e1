"""Fan-out to browsers: events of the tail and values of the bus, each to who may see it."""

import asyncio
from dataclasses import dataclass, field

from field_api.contract.messages import FrameBoxes
from field_api.core.access import Viewer
from field_api.core.bus import Value
from field_api.core.events import TailEvent, event_for
from field_api.core.services import Services
from field_api.links.browsers.queue import ClientQueue, Shared

__all__ = ["Browsers", "LiveClient"]


@dataclass(eq=False)
class LiveClient:
    """One connected browser."""

    session_hash: str
    viewer: Viewer
    queue: ClientQueue
    after_seq: int = 0
    """Events up to here are sent by other means: by the snapshot or the missed ones."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closing: bool = False


class Browsers:
    """The connected browsers. Clients live on the event loop; values may come from any thread."""

    def __init__(self, ctx: Services) -> None:
        self._backlog = ctx.settings.live_backlog
        self._clients: set[LiveClient] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Say that the clients live on the running loop."""
        self._loop = asyncio.get_running_loop()

    def follow(self, events: list[TailEvent]) -> None:
        """Queue events for everybody who may see them."""
        for event in events:
            shared = Shared(event.text, event.seq)
            for client in self._clients:
                if event.seq <= client.after_seq:
                    continue
                seen = event_for(event, client.viewer)
                if seen is None:
                    continue
                client.queue.put_event(shared if seen is event else Shared(seen.text, event.seq))
                client.wake.set()

    def hear(self, value: Value) -> None:
        """Queue a value for everybody who may see it."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if _running() is loop:
            self._spread(value)
        else:
            loop.call_soon_threadsafe(self._spread, value)

    def _spread(self, value: Value) -> None:
        shared = Shared(value.text)
        data = value.data
        for client in self._clients:
            if not value.seen_by(client.viewer):
                continue
            if isinstance(data, FrameBoxes):
                client.queue.put_boxes(data.stream_id, shared)
            else:
                client.queue.put_value(value.key, shared)
            client.wake.set()

    def join(self, session_hash: str, viewer: Viewer) -> LiveClient:
        """Add a browser; everything told from now on is queued for it."""
        client = LiveClient(session_hash, viewer, ClientQueue(self._backlog))
        self._clients.add(client)
        return client

    def leave(self, client: LiveClient) -> None:
        """Forget a browser."""
        self._clients.discard(client)

    def close_session(self, session_hash: str) -> None:
        """End the connections of a session that ended; may be called from any thread."""

        def end() -> None:
            for client in self._clients:
                if client.session_hash == session_hash:
                    client.closing = True
                    client.wake.set()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(end)

    @property
    def client_count(self) -> int:
        """How many browsers are connected."""
        return len(self._clients)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
