"""One connection after another, for programs that must come back by themselves."""

import asyncio
from collections.abc import Awaitable, Callable

from field_api.contract.link.backoff import Backoff

__all__ = ["Reconnecting"]


class Reconnecting:
    """Runs a connection again and again, with growing waits between failures."""

    def __init__(self, backoff: Backoff, told: Callable[[str, float], None]) -> None:
        """Make the loop.

        Args:
            backoff: waits between connections.
            told: called with the reason and the wait in seconds when a connection ends otherwise
                than the one before: a peer that is down for an hour is one line in a log, not
                thousands.
        """
        self._backoff = backoff
        self._told = told
        self._last_reason = ""

    def succeeded(self) -> None:
        """The connection works: the next failure is a new one, and is tried again soon."""
        self._backoff.reset()
        self._last_reason = ""

    async def run(self, connection: Callable[[], Awaitable[str]]) -> None:
        """Run `connection` until cancelled; it returns why it ended, in words."""
        while True:
            reason = await connection()
            wait_s = self._backoff.next_s()
            if reason != self._last_reason:
                self._told(reason, wait_s)
            self._last_reason = reason
            await asyncio.sleep(wait_s)
