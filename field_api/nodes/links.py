"""Which nodes are here, and the way to send them orders."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from field_api.contract.link import LinkServer, NotSignedInError
from field_api.contract.messages import Command

__all__ = ["LinkSession", "NodeLinks", "Presence"]

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class LinkSession:
    """One node's connection, as the rest of the server sees it. Lives on the event loop."""

    server: LinkServer
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Presence:
    """What is known of a node that has been here since this process started."""

    connected_since_ms: int | None
    last_heard_ms: int
    software_version: str
    text: str = ""


class NodeLinks:
    """The connected nodes. `send` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._sessions: dict[str, LinkSession] = {}
        self._kinds: dict[str, str] = {}
        self._presence: dict[str, Presence] = {}
        self._vehicle_node: dict[str, str] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which loop the sessions live on."""
        self._loop = loop

    def join(
        self, node_id: str, kind: str, version: str, session: LinkSession, now_ms: int
    ) -> None:
        """A node signed in; an older session of the same node is ended."""
        with self._lock:
            older = self._sessions.get(node_id)
            self._sessions[node_id] = session
            self._kinds[node_id] = kind
            self._presence[node_id] = Presence(now_ms, now_ms, version)
        if older is not None:
            older.server.refuse("replaced", "this node signed in again on another connection")
            older.wake.set()

    def leave(self, node_id: str, session: LinkSession) -> bool:
        """A connection ended; return whether the node is gone with it."""
        with self._lock:
            if self._sessions.get(node_id) is not session:
                return False
            del self._sessions[node_id]
            self._presence[node_id].connected_since_ms = None
            return True

    def heard(self, node_id: str, now_ms: int, text: str | None = None) -> None:
        """Note a sign of life."""
        with self._lock:
            presence = self._presence.get(node_id)
            if presence is not None:
                presence.last_heard_ms = now_ms
                if text is not None:
                    presence.text = text

    def heard_vehicle(self, node_id: str, vehicle_id: str) -> None:
        """Note which node speaks for a vehicle."""
        with self._lock:
            self._vehicle_node[vehicle_id] = node_id

    def presence(self, node_id: str) -> Presence | None:
        """Return what is known of a node, None for one not seen since the start."""
        with self._lock:
            return self._presence.get(node_id)

    def node_for(self, vehicle_id: str) -> str | None:
        """Return the connected fleet node that flies a vehicle.

        It is the node that reported the vehicle last, or the only fleet node here.
        """
        with self._lock:
            known = self._vehicle_node.get(vehicle_id)
            if known is not None:
                return known if known in self._sessions else None
            fleets = [node for node in self._sessions if self._kinds[node] == "fleet"]
            return fleets[0] if len(fleets) == 1 else None

    def send(self, node_id: str, command: Command) -> None:
        """Send an order now, or not at all: an absent node gets nothing and the order expires."""
        self._call(lambda: self._send(node_id, command))

    def end_all(self) -> None:
        """Tell every node that the command post stops."""
        for session in list(self._sessions.values()):
            session.server.refuse("shutting_down", "the command post is stopping")
            session.wake.set()

    def _send(self, node_id: str, command: Command) -> None:
        session = self._sessions.get(node_id)
        try:
            if session is None:
                raise NotSignedInError(node_id)
            session.server.send_command(command)
        except NotSignedInError:
            log.warning("order_not_sent", node_id=node_id, command_id=command.id)
            return
        session.wake.set()

    def _call(self, action: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(action)
