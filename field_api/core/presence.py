"""Which nodes are here, and which of them speaks for which vehicle."""

import threading
from dataclasses import dataclass, replace

from field_api.contract.messages import NodeState

__all__ = ["NodePresence", "Presence"]


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of a node that has been here since this process started."""

    kind: str
    connected_since_ms: int | None
    last_heard_ms: int
    software_version: str
    state: NodeState | None = None
    """What it last said of itself."""


class NodePresence:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: dict[str, Presence] = {}
        self._vehicle_node: dict[str, str] = {}

    def joined(self, node_id: str, kind: str, version: str, now_ms: int) -> None:
        """A node signed in."""
        with self._lock:
            self._nodes[node_id] = Presence(kind, now_ms, now_ms, version)

    def left(self, node_id: str) -> None:
        """A node's connection ended."""
        with self._lock:
            known = self._nodes.get(node_id)
            if known is not None:
                self._nodes[node_id] = replace(known, connected_since_ms=None)

    def heard(self, node_id: str, now_ms: int, state: NodeState | None = None) -> None:
        """Note a sign of life."""
        with self._lock:
            known = self._nodes.get(node_id)
            if known is not None:
                state = known.state if state is None else state
                self._nodes[node_id] = replace(known, last_heard_ms=now_ms, state=state)

    def heard_vehicle(self, node_id: str, vehicle_id: str) -> None:
        """Note which node speaks for a vehicle."""
        with self._lock:
            self._vehicle_node[vehicle_id] = node_id

    def of(self, node_id: str) -> Presence | None:
        """Return what is known of a node, None for one not seen since the start."""
        with self._lock:
            return self._nodes.get(node_id)

    def node_for(self, vehicle_id: str) -> str | None:
        """Return the connected fleet node that flies a vehicle.

        It is the node that reported the vehicle last, or the only fleet node here.
        """
        with self._lock:
            here = {n: p for n, p in self._nodes.items() if p.connected_since_ms is not None}
            known = self._vehicle_node.get(vehicle_id)
            if known is not None:
                return known if known in here else None
            fleets = [node for node, presence in here.items() if presence.kind == "fleet"]
            return fleets[0] if len(fleets) == 1 else None
