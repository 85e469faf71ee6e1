"""How long to wait before the next try."""

import random

__all__ = ["Backoff"]


class Backoff:
    """Doubling waits with jitter, so that nodes cut off together don't come back together."""

    def __init__(self, first_s: float = 0.3, longest_s: float = 4.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._ceiling_s = first_s

    def next_s(self) -> float:
        """Return the next wait: between half the current ceiling and the whole."""
        wait_s = self._ceiling_s * random.uniform(0.5, 1.0)
        self._ceiling_s = min(self._ceiling_s * 2, self._longest_s)
        return wait_s

    def reset(self) -> None:
        """Begin anew after a success."""
        self._ceiling_s = self._first_s
