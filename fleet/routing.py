"""Who of a router's clients a message goes to. Pure.

https://mavlink.io/en/guide/routing.html: what is for all goes to all others; what is addressed goes
only to whoever has that system and component, which is learned from any message it ever sent.
"""

from collections import OrderedDict
from collections.abc import Sequence

from fleet.mavlink import Message
from fleet.roster import Address

__all__ = ["Routes", "target_of"]

SOURCES_MOST = 16
"""Systems and components behind one client."""
SAME_FRAME_S = 1.0
REMEMBERED = 512


def target_of(message: Message) -> tuple[int, int]:
    """Return the system and component that a message is addressed to; 0 is all."""
    system = getattr(message, "target_system", None)
    if system is None:
        # RC, manual control and pings of old call it so.
        system = getattr(message, "target", 0)
    return int(system), int(getattr(message, "target_component", 0))


class Routes:
    """The clients of one router."""

    def __init__(self) -> None:
        self._clients: dict[Address, set[tuple[int, int]]] = {}
        self._frames: OrderedDict[bytes, tuple[Address, float]] = OrderedDict()

    @property
    def clients(self) -> Sequence[Address]:
        """Everybody who is connected."""
        return tuple(self._clients)

    def join(self, client: Address) -> None:
        """A client is there; what is for all is for it from now on."""
        self._clients.setdefault(client, set())

    def leave(self, client: Address) -> None:
        """A client is gone."""
        self._clients.pop(client, None)

    def learn(self, client: Address, message: Message) -> None:
        """Note who speaks from there."""
        sources = self._clients.setdefault(client, set())
        if len(sources) < SOURCES_MOST:
            sources.add((message.get_srcSystem(), message.get_srcComponent()))

    def for_clients(self, message: Message, source: Address = None) -> list[Address]:
        """Return the clients that a message goes to, never back to its source."""
        system, component = target_of(message)
        return [
            client
            for client, known in self._clients.items()
            if (client != source or source is None)
            and (not system or any(_fits(one, system, component) for one in known))
        ]

    def looped(self, client: Address, message: Message, now_s: float) -> bool:
        """Whether the very same frame came from another client a moment ago: there is a loop."""
        frame = bytes(message.get_msgbuf())
        last = self._frames.get(frame)
        self._frames[frame] = (client, now_s)
        if len(self._frames) > REMEMBERED:
            self._frames.popitem(last=False)
        return last is not None and last[0] != client and now_s - last[1] < SAME_FRAME_S


def _fits(source: tuple[int, int], system: int, component: int) -> bool:
    return source[0] == system and component in (0, source[1])
