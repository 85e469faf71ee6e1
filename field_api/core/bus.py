"""Values whose newest state is all that counts: positions, telemetry, boxes. Never stored here.

They travel beside the event tail: the newest of each key is kept, and every listener is told, in
every worker of the post.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from pydantic import BaseModel

from field_api.contract.messages import (
    FrameBoxes,
    StreamState,
    TerminalPosition,
    VehicleState,
)
from field_api.core.access import Viewer
from field_api.core.exchange import Exchange, Topic
from field_api.core.roles import Permission
from field_api.core.wire import View

__all__ = ["Bus", "LatestValue", "Value", "ValueKind"]

log = structlog.get_logger(__name__)

LatestValue = VehicleState | StreamState | TerminalPosition | FrameBoxes | View


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind of value: its name, who may see it, and whether the newest is shown to newcomers."""

    name: str
    shape: type[LatestValue]
    reads: Permission
    own_reads: Permission | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it travels."""

    kind: ValueKind
    key: str
    area: str
    terminal_id: str | None
    data: LatestValue

    def text(self) -> str:
        """Return the value as clients are sent it."""
        return f'{{"type":"{self.kind.name}","data":{self.data.model_dump_json()}}}'

    def seen_by(self, viewer: Viewer) -> bool:
        """Whether a viewer may see it."""
        if viewer.terminal_id is not None and self.terminal_id == viewer.terminal_id:
            own = self.kind.own_reads
            if own is not None and viewer.may(own):
                return True
        return viewer.may(self.kind.reads) and viewer.in_area(self.area)


Listener = Callable[[Value], None]

VALUE = "value"


class _Told(BaseModel):
    """A value on its way to another worker."""

    kind: str
    key: str
    area: str
    terminal_id: str | None
    data: str
    """JSON of the kind's shape."""


class Bus:
    """The newest values and who wants to know. `publish` may be called from any thread."""

    def __init__(self, exchange: Exchange, kinds: Iterable[ValueKind]) -> None:
        """Share values of these kinds with the other workers."""
        self._lock = threading.Lock()
        self._newest: dict[str, Value] = {}
        self._listeners: list[Listener] = []
        self._own: set[str] = set()
        """Keys whose newest value was published by this worker."""
        self._kinds = {kind.name: kind for kind in kinds}
        self._topic = Topic(exchange, VALUE, _Told, self._heard)

    def tell_all(self) -> None:
        """Tell the newest of what was published here again: somebody came who knows nothing."""
        with self._lock:
            own = [self._newest[key] for key in self._own]
        for value in own:
            self._tell(value)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every value, in the thread that publishes it; it must be quick."""
        self._listeners.append(listener)

    def publish(
        self,
        kind: ValueKind,
        key: str,
        data: LatestValue,
        *,
        area: str = "",
        terminal_id: str | None = None,
    ) -> None:
        """Tell a value; it replaces the one of the same key."""
        value = Value(kind, key, area, terminal_id, data)
        self._take(value, own=True)
        self._tell(value)

    def _take(self, value: Value, *, own: bool) -> None:
        if value.kind.kept:
            with self._lock:
                self._newest[value.key] = value
                (self._own.add if own else self._own.discard)(value.key)
        for listener in self._listeners:
            try:
                listener(value)
            except Exception:
                log.exception("listener_failed", kind=value.kind.name)

    def _tell(self, value: Value) -> None:
        self._topic.tell(
            lambda: _Told(
                kind=value.kind.name,
                key=value.key,
                area=value.area,
                terminal_id=value.terminal_id,
                data=value.data.model_dump_json(),
            )
        )

    def _heard(self, _worker: str, told: _Told) -> None:
        kind = self._kinds[told.kind]
        shape = kind.shape.model_validate_json(told.data)
        self._take(Value(kind, told.key, told.area, told.terminal_id, shape), own=False)

    def newest(self, key: str) -> Value | None:
        """Return the newest value of a key."""
        with self._lock:
            return self._newest.get(key)

    def values(self, viewer: Viewer | None = None) -> list[Value]:
        """Return the newest values that a viewer may see, None for all."""
        with self._lock:
            values = list(self._newest.values())
        return [value for value in values if viewer is None or value.seen_by(viewer)]
