"""Which nodes are here, at whichever worker, and which of them speaks for which vehicle."""

import threading
from dataclasses import dataclass, field

from pydantic import BaseModel

from field_api.contract.messages import NodeState
from field_api.core.exchange import Exchange, Topic

__all__ = ["NodePresence", "Presence"]

PRESENCE = "presence"
TELL_MS = 1_000
"""How often other workers are told of a node that is merely still here."""


class Presence(BaseModel, frozen=True):
    """What is known of a node that has been here since this process started."""

    kind: str
    connected_since_ms: int | None
    last_heard_ms: int
    software_version: str
    state: NodeState | None = None
    """What it last said of itself."""


class _Told(BaseModel):
    node_id: str
    presence: Presence
    vehicles: list[str]


@dataclass
class _Node:
    presence: Presence
    worker_id: str
    vehicles: set[str] = field(default_factory=set[str])
    told_ms: int = 0


class NodePresence:
    """May be used from any thread."""

    def __init__(self, exchange: Exchange) -> None:
        """Tell other workers of the nodes here, and know those that are there."""
        self._lock = threading.Lock()
        self._nodes: dict[str, _Node] = {}
        self._vehicle_node: dict[str, str] = {}
        self._worker_id = exchange.worker_id
        self._topic = Topic(exchange, PRESENCE, _Told, self._heard_of)

    def joined(self, node_id: str, kind: str, version: str, now_ms: int) -> None:
        """A node signed in."""
        presence = Presence(
            kind=kind,
            connected_since_ms=now_ms,
            last_heard_ms=now_ms,
            software_version=version,
        )
        with self._lock:
            known = self._nodes.get(node_id)
            vehicles = known.vehicles if known is not None else set[str]()
            self._nodes[node_id] = _Node(presence, self._worker_id, vehicles)
        self._tell(node_id)

    def left(self, node_id: str) -> None:
        """A node's connection to this worker ended."""
        with self._lock:
            known = self._own(node_id)
            if known is not None:
                gone = {"connected_since_ms": None}
                known.presence = known.presence.model_copy(update=gone)
        if known is not None:
            self._tell(node_id)

    def heard(self, node_id: str, now_ms: int, state: NodeState | None = None) -> None:
        """Note a sign of life."""
        with self._lock:
            known = self._own(node_id)
            if known is None:
                return
            news = {"last_heard_ms": now_ms} | ({} if state is None else {"state": state})
            known.presence = known.presence.model_copy(update=news)
            due = state is not None or now_ms - known.told_ms >= TELL_MS
            if due:
                known.told_ms = now_ms
        if due:
            self._tell(node_id)

    def heard_vehicle(self, node_id: str, vehicle_id: str) -> None:
        """Note which node speaks for a vehicle."""
        with self._lock:
            news = self._vehicle_node.get(vehicle_id) != node_id
            self._vehicle_node[vehicle_id] = node_id
            known = self._own(node_id)
            if known is not None:
                known.vehicles.add(vehicle_id)
        if news:
            self._tell(node_id)

    def of(self, node_id: str) -> Presence | None:
        """Return what is known of a node, None for one not seen since the start."""
        with self._lock:
            known = self._nodes.get(node_id)
            return known.presence if known is not None else None

    def node_for(self, vehicle_id: str) -> str | None:
        """Return the connected fleet node that flies a vehicle.

        It is the node that reported the vehicle last, or the only fleet node here.
        """
        with self._lock:
            here = {
                name: node.presence
                for name, node in self._nodes.items()
                if node.presence.connected_since_ms is not None
            }
            known = self._vehicle_node.get(vehicle_id)
            if known is not None:
                return known if known in here else None
            fleets = [node for node, presence in here.items() if presence.kind == "fleet"]
            return fleets[0] if len(fleets) == 1 else None

    # --- other workers ----------------------------------------------------------------------

    def tell_all(self) -> None:
        """Tell of every node here again: somebody came who knows nothing."""
        with self._lock:
            own = [name for name in self._nodes if self._own(name) is not None]
        for node_id in own:
            self._tell(node_id)

    def forget_worker(self, worker_id: str) -> list[str]:
        """A worker ended, and with it its connections; return the nodes it had."""
        with self._lock:
            lost = [name for name, node in self._nodes.items() if node.worker_id == worker_id]
            for name in lost:
                gone = {"connected_since_ms": None}
                node = self._nodes[name]
                node.presence = node.presence.model_copy(update=gone)
        return lost

    def _own(self, node_id: str) -> _Node | None:
        known = self._nodes.get(node_id)
        return known if known and known.worker_id == self._worker_id else None

    def _tell(self, node_id: str) -> None:
        with self._lock:
            known = self._own(node_id)
            if known is not None:
                self._topic.tell(
                    lambda: _Told(
                        node_id=node_id, presence=known.presence, vehicles=sorted(known.vehicles)
                    )
                )

    def _heard_of(self, worker_id: str, told: _Told) -> None:
        with self._lock:
            known = self._nodes.get(told.node_id)
            if known is not None and known.worker_id != worker_id:
                # Signed in twice: where it did so last it is, and only there can it leave.
                since_ms, other_ms = (
                    told.presence.connected_since_ms,
                    (known.presence.connected_since_ms),
                )
                if since_ms is None or (other_ms is not None and other_ms > since_ms):
                    return
            self._nodes[told.node_id] = _Node(told.presence, worker_id, set(told.vehicles))
            for vehicle_id in told.vehicles:
                self._vehicle_node[vehicle_id] = told.node_id
