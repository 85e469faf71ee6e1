"""In-process fan-out: whatever changes is told to every connected browser."""

import asyncio
import bisect
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from field_api.contract.messages import FrameBoxes, StreamState, TerminalPosition, VehicleState
from field_api.live.queue import ClientQueue, Shared

__all__ = ["LiveClient", "LiveHub"]


@dataclass(eq=False)
class LiveClient:
    """One connected browser."""

    session_hash: str
    queue: ClientQueue
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closing: bool = False


WATCH_MS = 4000
"""Video counts as watched this long before and after a sign of it."""
WATCH_KEPT = 7200

_Put = Callable[[LiveClient], None]


class LiveHub:
    """Holds the newest values and the connected browsers. `publish` may be called anywhere."""

    def __init__(self, *, live_hz: float, backlog: int) -> None:
        self._interval_s = 1.0 / live_hz
        self._backlog = backlog
        self._clients: set[LiveClient] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._vehicles: dict[str, VehicleState] = {}
        self._streams: dict[str, StreamState] = {}
        self._terminals: dict[str, TerminalPosition] = {}
        self._watched: dict[str, deque[int]] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which loop the clients live on."""
        self._loop = loop

    # --- newest values ----------------------------------------------------------------------

    def vehicles(self) -> list[VehicleState]:
        """Return the newest state of every vehicle heard of."""
        with self._lock:
            return sorted(self._vehicles.values(), key=lambda state: state.vehicle_id)

    def streams(self) -> list[StreamState]:
        """Return the newest state of every stream heard of."""
        with self._lock:
            return sorted(self._streams.values(), key=lambda state: state.stream_id)

    def terminals(self) -> list[TerminalPosition]:
        """Return the newest position of every handheld heard of."""
        with self._lock:
            return sorted(self._terminals.values(), key=lambda state: state.terminal_id)

    def watched(self, vehicle_id: str, t_ms: int) -> bool:
        """Whether an aircraft's video was live and under analysis at a moment of the last hour."""
        with self._lock:
            moments = self._watched.get(vehicle_id)
            if not moments:
                return False
            at = bisect.bisect_left(moments, t_ms)
            near = [moments[i] for i in (at - 1, at) if 0 <= i < len(moments)]
            return any(abs(moment - t_ms) <= WATCH_MS for moment in near)

    def _note_watched(self, vehicle_id: str, message: StreamState) -> None:
        if not message.detector_frames_per_s:
            return
        moments = self._watched.setdefault(vehicle_id, deque(maxlen=WATCH_KEPT))
        if not moments or message.t_ms > moments[-1]:
            moments.append(message.t_ms)

    # --- telling ----------------------------------------------------------------------------

    def publish(self, kind: str, data: BaseModel) -> None:
        """Tell every browser of an event; nothing is dropped."""
        shared = Shared(lambda: _text(kind, data))
        self._on_loop(lambda client: client.queue.put_event(shared))

    def publish_value(
        self, message: VehicleState | StreamState | TerminalPosition | FrameBoxes
    ) -> None:
        """Tell every browser of a value whose newest state is all that counts."""
        shared = Shared(lambda: _text(message.kind, message))
        if isinstance(message, FrameBoxes):
            stream_id = message.stream_id
            self._on_loop(lambda client: client.queue.put_boxes(stream_id, shared))
            return
        with self._lock:
            match message:
                case VehicleState():
                    self._vehicles[message.vehicle_id] = message
                case StreamState():
                    self._streams[message.stream_id] = message
                    if message.vehicle_id and message.state == "live":
                        self._note_watched(message.vehicle_id, message)
                case TerminalPosition():
                    self._terminals[message.terminal_id] = message
        key = message.key
        self._on_loop(lambda client: client.queue.put_value(key, shared))

    def _on_loop(self, put: _Put) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if _running() is loop:
            self._spread(put)
        else:
            loop.call_soon_threadsafe(self._spread, put)

    def _spread(self, put: _Put) -> None:
        for client in self._clients:
            put(client)
            client.wake.set()

    # --- clients ----------------------------------------------------------------------------

    def join(self, session_hash: str) -> LiveClient:
        """Add a browser; everything published from now on is queued for it."""
        client = LiveClient(session_hash, ClientQueue(self._interval_s, self._backlog))
        self._clients.add(client)
        return client

    def leave(self, client: LiveClient) -> None:
        """Forget a browser."""
        self._clients.discard(client)

    def close_session(self, session_hash: str) -> None:
        """End the connections of a session that was signed out."""

        def end(client: LiveClient) -> None:
            if client.session_hash == session_hash:
                client.closing = True

        self._on_loop(end)

    @property
    def client_count(self) -> int:
        """How many browsers are connected."""
        return len(self._clients)


def _text(kind: str, data: BaseModel) -> str:
    return f'{{"type":"{kind}","data":{data.model_dump_json()}}}'


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
