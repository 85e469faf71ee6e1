"""A connection on which nothing gets through."""

__all__ = ["STALL_S", "Stall"]

STALL_S = 1.5
"""Half of what an order is tried for: what waits longer belongs to one that is given up soon."""


class Stall:
    """Whether a connection's unsent bytes have stood still for too long. Pure."""

    def __init__(self, patience_s: float = STALL_S) -> None:
        self._patience_s = patience_s
        self._through = 0
        self._since_s: float | None = None

    def look(self, written: int, unsent: int, now_s: float) -> bool:
        """Return whether what is unsent stands still.

        Args:
            written: bytes handed to the connection so far, in all.
            unsent: how many of them have not arrived. While more is written than there was time
                for, this may never be less than before although everything gets through.
            now_s: the time.
        """
        through = written - unsent
        if unsent == 0 or self._since_s is None or through > self._through:
            self._through, self._since_s = through, now_s
            return False
        return now_s - self._since_s >= self._patience_s
