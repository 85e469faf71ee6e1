"""What every engine does with viewers: counts them, waits for their end, hangs up."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Connected", "Connection"]


@dataclass(eq=False, kw_only=True)
class Connection:
    """One viewer's."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    watch: asyncio.Task[None] | None = None
    """Hangs up when the viewer is gone."""


C = TypeVar("C", bound=Connection)


class Connected(ABC, Generic[C]):
    """The part of an engine that knows who is connected. Lives on the event loop."""

    def __init__(self) -> None:
        self._connections: dict[str, C] = {}

    def sessions(self) -> int:
        """How many viewers there are."""
        return len(self._connections)

    async def ended(self, session_id: str) -> None:
        """Return once a viewer has gone."""
        connection = self._connections.get(session_id)
        if connection is not None:
            await connection.over.wait()

    async def hang_up(self, session_id: str) -> None:
        """End a viewer's connection; one that is over is left alone."""
        connection = self._connections.pop(session_id, None)
        if connection is None:
            return
        connection.over.set()
        # The watch itself may be what hangs up.
        if connection.watch is not None and connection.watch is not asyncio.current_task():
            connection.watch.cancel()
        await self._end(session_id, connection)

    async def close(self) -> None:
        """End them all."""
        await asyncio.gather(*(self.hang_up(one) for one in list(self._connections)))

    @abstractmethod
    async def _end(self, session_id: str, connection: C) -> None:
        """Give back what a connection held; it is over already."""
