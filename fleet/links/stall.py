"""A connection on which nothing gets through."""

__all__ = ["STALL_S", "Stall"]

STALL_S = 1.5
"""Half of what an order is tried for: what waits longer belongs to one that is given up soon."""


class Stall:
    """Whether a connection's unsent bytes have stood still for too long. Pure."""

    def __init__(self, patience_s: float = STALL_S) -> None:
        self._patience_s = patience_s
        self._least = 0
        self._since_s: float | None = None

    def look(self, unsent: int, now_s: float) -> bool:
        """Take how much is unsent now; return whether it stands still."""
        if unsent == 0 or self._since_s is None or unsent < self._least:
            self._least, self._since_s = unsent, now_s
            return False
        return now_s - self._since_s >= self._patience_s
