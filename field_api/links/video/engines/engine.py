"""What an engine is: it answers a viewer's offer with a stream's packets, and hangs up.

Who may watch was checked before; an engine knows streams and connections, no people.
"""

from dataclasses import dataclass
from typing import Protocol

from field_api.links.video.renditions import Size

__all__ = ["Answer", "Clock", "EngineError", "WhepEngine"]


class EngineError(Exception):
    """An offer that can't be answered, or an engine that is away; the text says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A viewer's connection as the engine made it."""

    session_id: str
    sdp: str


@dataclass(frozen=True, slots=True)
class Clock:
    """How a connection's RTP times lie to the camera's, so that boxes find their frames."""

    rtp_90k: int
    """RTP time stamp, as it arrives in the browser, of the picture below."""
    pts_90k: int
    """The picture's own time stamp."""
    t_ms: int
    """When it was captured, UTC."""


class WhepEngine(Protocol):
    """One way to bring streams to browsers by WebRTC."""

    name: str

    async def answer(self, stream_id: str, offer_sdp: str, size: Size) -> Answer:
        """Answer an offer.

        Raises:
            EngineError: it can't be.
        """
        ...

    def clock(self, session_id: str) -> Clock | None:
        """Return how a connection's times lie to the camera's, None where that isn't known."""
        ...

    def sessions(self) -> int:
        """How many connections there are."""
        ...

    async def ended(self, session_id: str) -> None:
        """Return once a connection is over."""
        ...

    async def hang_up(self, session_id: str) -> None:
        """End a connection; one that is over is left alone."""
        ...

    async def close(self) -> None:
        """End them all."""
        ...
