"""Backpressure by forgetting: of each stream only the newest picture waits to be looked at."""

import threading
import time
from collections.abc import Callable

from vision.decoding import DecodedFrame

__all__ = ["NewestFrames"]


class NewestFrames:
    """One slot per stream; takers get the stream that has waited longest since its last look."""

    def __init__(self, looks_per_s: float, clock_s: Callable[[], float] = time.monotonic) -> None:
        """Allow at most `looks_per_s` per stream."""
        self._period_s = 1 / looks_per_s
        self._clock_s = clock_s
        self._frames: dict[str, DecodedFrame] = {}
        self._due_s: dict[str, float] = {}
        self._busy: set[str] = set()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, stream_id: str, frame: DecodedFrame) -> None:
        """Replace the stream's waiting picture."""
        with self._changed:
            self._frames[stream_id] = frame
            self._due_s.setdefault(stream_id, self._clock_s())
            self._changed.notify()

    def take(self) -> tuple[str, DecodedFrame] | None:
        """Wait for a picture that is due; None once closed. `done` must follow."""
        with self._changed:
            while not self._closed:
                now = self._clock_s()
                waiting = [s for s in self._frames if s not in self._busy]
                if waiting:
                    stream_id = min(waiting, key=lambda s: self._due_s[s])
                    due = self._due_s[stream_id]
                    if due <= now:
                        self._busy.add(stream_id)
                        # Late looks are not caught up; the rhythm goes on from now.
                        self._due_s[stream_id] = max(due + self._period_s, now)
                        return stream_id, self._frames.pop(stream_id)
                    self._changed.wait(due - now)
                else:
                    self._changed.wait()
            return None

    def done(self, stream_id: str) -> None:
        """The picture taken last has been looked at; the stream may be taken again."""
        with self._changed:
            self._busy.discard(stream_id)
            self._changed.notify_all()

    def close(self) -> None:
        """Let every taker return."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
