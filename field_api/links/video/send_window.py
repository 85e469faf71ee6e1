"""How far a viewer's line may be ahead of what the viewer has seen. Pure: counts and times in.

Between the post and a browser lie buffers nobody can bound from here: the kernel's, a proxy's, the
radio's. A stream of 2 Mbit/s into a line of 1.5 sat in them 11 to 13 s behind. So the browser says
what it has received, and what is older than the window and not yet there holds the line: the queue
behind it then skips to the newest key frame.
"""

from collections import deque

__all__ = ["SendWindow"]


class SendWindow:
    """One line; a viewer that never says what it saw is sent everything."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms
        self._sent_ms: deque[int] = deque()
        self._count = 0
        self._told = False

    def sent(self, now_ms: int) -> None:
        """Count a message that was given to the line."""
        self._count += 1
        self._sent_ms.append(now_ms)
        if not self._told:
            # Nothing says yet that it will: only the newest could ever matter.
            while len(self._sent_ms) > 1000:
                self._sent_ms.popleft()

    def seen(self, count: int) -> None:
        """Take the viewer's word of how many messages it has received so far."""
        self._told = True
        missing = max(0, self._count - max(0, count))
        while len(self._sent_ms) > missing:
            self._sent_ms.popleft()

    def is_open(self, now_ms: int) -> bool:
        """Whether the next message may be sent."""
        if not self._told or not self._sent_ms:
            return True
        return now_ms - self._sent_ms[0] <= self._window_ms
