"""What is wanted of nodes right now, on its way to their connections. Never stored."""

from collections.abc import Callable

from pydantic import BaseModel

from field_api.contract.messages import Wish
from field_api.core.exchange import Exchange, Topic

__all__ = ["Wishes"]

WISH = "wish"


class _Told(BaseModel):
    node_id: str
    wish: Wish


class Wishes:
    """Between features that wish and the link that tells nodes; may be used from any thread."""

    def __init__(self, exchange: Exchange) -> None:
        """Pass wishes on to whichever worker has the node's connection."""
        self._tellers: list[Callable[[str, Wish], None]] = []
        self._topic = Topic(exchange, WISH, _Told, self._heard)

    def listen(self, teller: Callable[[str, Wish], None]) -> None:
        """Call `teller` with node id and wish, in the wisher's thread."""
        self._tellers.append(teller)

    def wish(self, node_id: str, wish: Wish) -> None:
        """Want something of a node; it is not kept for one that is not here."""
        self._pass(node_id, wish)
        self._topic.tell(lambda: _Told(node_id=node_id, wish=wish))

    def _pass(self, node_id: str, wish: Wish) -> None:
        for teller in self._tellers:
            teller(node_id, wish)

    def _heard(self, _worker: str, told: _Told) -> None:
        self._pass(told.node_id, told.wish)
