"""What is wanted of nodes right now, on its way to their connections. Never stored."""

from collections.abc import Callable

from field_api.contract.messages import Wish

__all__ = ["Wishes"]


class Wishes:
    """Between features that wish and the link that tells nodes; may be used from any thread."""

    def __init__(self) -> None:
        self._tellers: list[Callable[[str, Wish], None]] = []

    def listen(self, teller: Callable[[str, Wish], None]) -> None:
        """Call `teller` with node id and wish, in the wisher's thread."""
        self._tellers.append(teller)

    def wish(self, node_id: str, wish: Wish) -> None:
        """Want something of a node; it is not kept for one that is not here."""
        for teller in self._tellers:
            teller(node_id, wish)
