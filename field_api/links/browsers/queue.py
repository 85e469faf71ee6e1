"""What one browser has still to be sent: bounded, and newest first where only the newest counts.

Pure: texts in, texts out.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["BOXES_KEPT", "ClientQueue", "Shared"]

BOXES_KEPT = 30
"""Frames of boxes kept per stream: two seconds of video at 15 frames per second."""


class Shared:
    """A message that many clients are sent and that is put into text once."""

    __slots__ = ("_make", "_text", "seq")

    def __init__(self, make: Callable[[], str], seq: int = 0) -> None:
        self._make = make
        self._text: str | None = None
        self.seq = seq
        """Number of the event on the tail; 0 for a value."""

    @property
    def text(self) -> str:
        """The message's JSON."""
        if self._text is None:
            self._text = self._make()
        return self._text


@dataclass
class ClientQueue:
    """One client's unsent messages.

    Events wait in order and are never dropped: a client too slow for them is `overflowed` and must
    reconnect, which gives it a fresh snapshot. Values wait one per key and replace each other.
    Boxes keep a short queue per stream.
    """

    backlog: int
    overflowed: bool = False
    _events: deque[Shared] = field(default_factory=deque[Shared])
    _values: dict[str, Shared] = field(default_factory=dict[str, Shared])
    _boxes: dict[str, deque[Shared]] = field(default_factory=dict[str, deque[Shared]])

    def put_event(self, message: Shared) -> None:
        """Queue an event."""
        if len(self._events) >= self.backlog:
            self.overflowed = True
            return
        self._events.append(message)

    def forget_events_up_to(self, seq: int) -> None:
        """Forget events that were sent by other means."""
        self._events = deque(message for message in self._events if message.seq > seq)

    def put_value(self, key: str, message: Shared) -> None:
        """Queue the newest value of `key`, replacing an unsent older one."""
        self._values[key] = message

    def put_boxes(self, stream_id: str, message: Shared) -> None:
        """Queue the boxes of one frame; the oldest of the stream is dropped when there are many."""
        self._boxes.setdefault(stream_id, deque(maxlen=BOXES_KEPT)).append(message)

    def take(self) -> list[str]:
        """Return everything that waits, and forget it."""
        texts = [message.text for message in self._events]
        self._events.clear()
        for waiting in self._boxes.values():
            texts.extend(message.text for message in waiting)
            waiting.clear()
        texts.extend(message.text for message in self._values.values())
        self._values.clear()
        return texts
