"""Protocol machines that work for a while for one aircraft, side by side, and how they end."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from fleet.mavlink import Message

__all__ = ["Errands", "Machine"]

E = TypeVar("E", covariant=True)
Ended = TypeVar("Ended")


class Machine(Protocol[E]):
    """A sans-I/O machine: what it sends, and what it ends with."""

    @property
    def finished(self) -> bool: ...
    def receive(self, message: Message, now_s: float) -> tuple[list[Message], Sequence[E]]: ...
    def poll(self, now_s: float) -> tuple[list[Message], Sequence[E]]: ...


class Errands:
    """The machines under way for one aircraft; fed and polled by the node."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._under_way: dict[Machine[Any], asyncio.Future[Any]] = {}

    async def run(self, machine: Machine[Ended]) -> Ended:
        """Work until the machine ends; return its first event."""
        done: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._under_way[machine] = done
        try:
            self._take(machine, machine.poll(time.monotonic()))
            return await done
        finally:
            del self._under_way[machine]

    def receive(self, message: Message, now_s: float) -> None:
        """Hand a message of the aircraft to all of them."""
        for machine in list(self._under_way):
            self._take(machine, machine.receive(message, now_s))

    def poll(self, now_s: float) -> None:
        """Send what is due."""
        for machine in list(self._under_way):
            self._take(machine, machine.poll(now_s))

    def _take(self, machine: Machine[Any], step: tuple[list[Message], Sequence[Any]]) -> None:
        out, events = step
        for message in out:
            self._send(message)
        done = self._under_way[machine]
        if events and not done.done():
            done.set_result(events[0])
