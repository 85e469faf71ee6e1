"""What the workers of one command post tell each other beside the event tail. Never stored.

What must not get lost stands in the database; this carries what wakes up, the newest values, and
what is wanted of a node right now. While the broker is away nothing is told: each worker goes on
with what it hears itself, and meets the others' changes when it looks at the tail.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from field_api.contract.ids import new_id

__all__ = ["Alone", "Exchange", "Taker", "Topic"]

M = TypeVar("M", bound=BaseModel)
Taker = Callable[[str, bytes], None]
"""Given the telling worker's id and what it told, on the event loop."""


class Exchange(Protocol):
    """Between the workers of one command post."""

    worker_id: str
    alone: bool
    """There are no others, ever."""

    @property
    def connected(self) -> bool:
        """Whether the others are reached now; true for a worker that is alone."""
        ...

    def hear(self, subject: str, take: Taker) -> None:
        """Have `take` called with what other workers tell about a subject; on the event loop."""
        ...

    def ignore(self, subject: str) -> None:
        """Hear no more of a subject."""
        ...

    def tell(self, subject: str, data: bytes) -> None:
        """Tell all other workers, as soon as may be; from any thread."""
        ...

    async def run(self) -> None:
        """Work until cancelled."""
        ...


class Topic(Generic[M]):
    """One kind of message between workers: a model here, bytes on the way."""

    def __init__(
        self, exchange: Exchange, subject: str, shape: type[M], take: Callable[[str, M], None]
    ) -> None:
        """Have `take` called with the telling worker's id and what it told, on the event loop."""
        self._exchange = exchange
        self._subject = subject
        exchange.hear(subject, lambda worker, data: take(worker, shape.model_validate_json(data)))

    def tell(self, make: Callable[[], M]) -> None:
        """Tell all other workers; what to tell is made only where there may be any."""
        if not self._exchange.alone:
            self._exchange.tell(self._subject, make().model_dump_json().encode())


class Alone:
    """The exchange of the only worker."""

    def __init__(self) -> None:
        self.worker_id = new_id()
        self.alone = True
        self.connected = True

    def hear(self, subject: str, take: Taker) -> None:
        """There is nobody to hear."""

    def ignore(self, subject: str) -> None:
        """There is nobody to hear."""

    def tell(self, subject: str, data: bytes) -> None:
        """There is nobody to tell."""

    async def run(self) -> None:
        """Do nothing."""
