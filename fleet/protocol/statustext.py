"""STATUSTEXT: texts longer than 50 bytes come in numbered chunks and are joined here.

https://mavlink.io/en/messages/common.html#STATUSTEXT: chunks of one text share an id other than 0;
a chunk shorter than 50 bytes is the last.
"""

from dataclasses import dataclass

from fleet.mavlink import Message

__all__ = ["StatusText", "StatusTexts"]

CHUNK_BYTES = 50
GIVE_UP_S = 2.0


@dataclass(frozen=True, slots=True)
class StatusText:
    """A whole text of the autopilot."""

    severity: int
    """MAV_SEVERITY: 0 emergency to 7 debug."""
    text: str


@dataclass(slots=True)
class _Partial:
    severity: int
    chunks: dict[int, str]
    since_s: float
    last: int | None = None


class StatusTexts:
    """Joins the chunks of one component."""

    def __init__(self) -> None:
        self._partial: dict[int, _Partial] = {}

    def receive(self, message: Message, now_s: float) -> list[StatusText]:
        """Take in a STATUSTEXT; return the texts it completes."""
        if message.get_type() != "STATUSTEXT":
            return []
        text = str(message.text).rstrip("\0")
        if message.id == 0:
            return [StatusText(message.severity, text)]
        partial = self._partial.setdefault(message.id, _Partial(message.severity, {}, now_s))
        partial.chunks[message.chunk_seq] = text
        if len(text.encode()) < CHUNK_BYTES:
            partial.last = message.chunk_seq
        if partial.last is not None and len(partial.chunks) > partial.last:
            del self._partial[message.id]
            return [self._joined(partial)]
        return []

    def poll(self, now_s: float) -> list[StatusText]:
        """Return texts whose missing chunk will not come any more, the gap marked."""
        late = [i for i, p in self._partial.items() if now_s - p.since_s > GIVE_UP_S]
        return [self._joined(self._partial.pop(i)) for i in late]

    @staticmethod
    def _joined(partial: _Partial) -> StatusText:
        count = max(partial.chunks) + 1 if partial.last is None else partial.last + 1
        return StatusText(
            partial.severity, "".join(partial.chunks.get(i, "[...]") for i in range(count))
        )
