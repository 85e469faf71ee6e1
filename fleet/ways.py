"""The ways to one aircraft: which of them are alive, and over which one orders go. Pure.

Orders go over the most preferred way that is live. When it falls silent and another is live they go
over that one at once; back to a preferred way only after it has been live for some seconds, so that
a way that comes and goes does not take the orders with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from field_api.contract.messages import LinkState
from fleet.links.statistics import LinkStatistics
from fleet.mavlink import Message
from fleet.protocol.presence import Presence

__all__ = ["STEADY_S", "Switch", "Way", "Ways"]

QUIET_S, BUSY_FRAMES = 1.5, 25
"""Nothing for so long, after so many frames in the seconds before, is as good as no heartbeat."""
STEADY_S = 5.0
"""A preferred way is taken again when it has been live for so long."""


@dataclass(slots=True)
class Way:
    """One way to an aircraft."""

    link: str
    presence: Presence = field(default_factory=Presence)
    statistics: LinkStatistics = field(default_factory=LinkStatistics)
    live_since_s: float | None = None
    heartbeat: Message | None = None
    """The last one that came this way."""
    asked_s: float = -math.inf
    """When it was last asked whether it is still the same."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Orders go another way from now on."""

    old: Way
    new: Way
    fail_over: bool
    """The old one is silent; otherwise the new one is preferred."""


class Ways:
    """All ways to one aircraft."""

    def __init__(self, order: Sequence[str], first: str) -> None:
        """Begin with the way over which it was first heard; `order` is by preference."""
        self._order = tuple(order)
        self._ways = {first: Way(first)}
        self.active = self._ways[first]

    @property
    def all(self) -> Sequence[Way]:
        """Every way, the preferred one first."""
        return sorted(self._ways.values(), key=lambda way: self._order.index(way.link))

    def of(self, link: str) -> Way:
        """Return the way over a link, a new one where there is none."""
        way = self._ways.get(link)
        if way is None:
            way = self._ways[link] = Way(link)
        return way

    def drop(self, link: str) -> None:
        """Forget a way; orders must not go over it. The last one stays."""
        if len(self._ways) > 1:
            self._ways.pop(link, None)

    def heard(self, link: str, message: Message, now_s: float, *, autopilot: bool) -> Way:
        """Note a message."""
        way = self.of(link)
        way.statistics.frame(message, now_s, len(message.get_msgbuf()))
        if autopilot and message.get_type() == "HEARTBEAT":
            if way.presence.state(now_s) is not LinkState.LIVE or way.live_since_s is None:
                way.live_since_s = now_s
            way.presence.heartbeat(now_s)
            way.heartbeat = message
        return way

    def live(self, way: Way, now_s: float) -> bool:
        """Whether heartbeats come."""
        return way.presence.state(now_s) is LinkState.LIVE

    def silent(self, link: str, now_s: float) -> bool:
        """Whether the aircraft is lost on one link."""
        way = self._ways.get(link)
        return way is None or way.presence.state(now_s) is LinkState.LOST

    def lost(self, now_s: float) -> bool:
        """Whether the aircraft is silent on all ways."""
        return all(way.presence.state(now_s) is LinkState.LOST for way in self._ways.values())

    def look(self, now_s: float) -> Switch | None:
        """Choose the way for orders; return it when it is another one than before."""
        old = self.active
        gone = self._ways.get(old.link) is not old
        fail_over = gone or not self.live(old, now_s) or self._quiet(old, now_s)
        if fail_over:
            # A dropped way is left at once, for whatever there is.
            none = self.all[0] if gone else old
            new = next((w for w in self.all if w is not old and self._speaks(w, now_s)), none)
        else:
            new = next((w for w in self.all if w is old or self._steady(w, now_s)), old)
        if new is old:
            return None
        old.live_since_s = None
        self.active = new
        return Switch(old, new, fail_over)

    def _quiet(self, way: Way, now_s: float) -> bool:
        """Whether nothing at all comes over a way that is full of telemetry otherwise.

        Its next heartbeat is not waited for: an order is tried for 3 s only.
        """
        figures = way.statistics
        return now_s - figures.heard_s >= QUIET_S and figures.frames_lately(now_s) >= BUSY_FRAMES

    def _speaks(self, way: Way, now_s: float) -> bool:
        return self.live(way, now_s) and not self._quiet(way, now_s)

    def _steady(self, way: Way, now_s: float) -> bool:
        since_s = math.inf if way.live_since_s is None else way.live_since_s
        return self._speaks(way, now_s) and now_s - since_s >= STEADY_S
