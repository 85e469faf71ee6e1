"""WebRTC viewings under way: whose each is, and that it ends when they may not watch any more."""

import asyncio
from dataclasses import dataclass

from field_api.links.video.engines.engine import WhepEngine

__all__ = ["Viewings"]


@dataclass(eq=False)
class _Viewing:
    user_id: str
    guard: asyncio.Task[None]


class Viewings:
    """Between the routes and the engine. Lives on the event loop."""

    def __init__(self, engine: WhepEngine) -> None:
        self.engine = engine
        self._viewings: dict[str, _Viewing] = {}

    def begin(self, session_id: str, user_id: str, may_not: asyncio.Task[None]) -> None:
        """Note a viewing that ends at the latest when `may_not` does."""
        guard = asyncio.create_task(self._guard(session_id, may_not))
        self._viewings[session_id] = _Viewing(user_id, guard)

    async def end(self, session_id: str, user_id: str) -> bool:
        """End a person's own viewing; False where they have no such one."""
        viewing = self._viewings.get(session_id)
        if viewing is None or viewing.user_id != user_id:
            return False
        await self.engine.hang_up(session_id)
        return True

    def close(self) -> None:
        """End them all."""
        for viewing in self._viewings.values():
            viewing.guard.cancel()

    async def _guard(self, session_id: str, may_not: asyncio.Task[None]) -> None:
        over = asyncio.create_task(self.engine.ended(session_id))
        try:
            await asyncio.wait({over, may_not}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            may_not.cancel()
            self._viewings.pop(session_id, None)
            await self.engine.hang_up(session_id)
