"""STATUSTEXT: texts longer than 50 bytes come in numbered chunks and are joined here.

https://mavlink.io/en/messages/common.html#STATUSTEXT: chunks of one text share an id other than 0;
a chunk shorter than 50 bytes is the last. Texts are UTF-8 and a character may lie across two
chunks, so bytes are joined first and decoded after. Chunks may come twice, in any order, or never;
an id may be used again.
"""

from dataclasses import dataclass, field

from fleet.mavlink import Message, raw_text

__all__ = ["StatusText", "StatusTexts"]

CHUNK_BYTES = 50
GIVE_UP_S = 2.0
"""How long missing chunks are waited for, and how long a repeated text counts as a duplicate."""
MOST_OPEN = 16
"""Unfinished texts kept; one more pushes the oldest out, its gaps marked."""
GAP = "[...]"


@dataclass(frozen=True, slots=True)
class StatusText:
    """A whole text of the autopilot."""

    severity: int
    """MAV_SEVERITY: 0 emergency to 7 debug."""
    text: str


@dataclass(slots=True)
class _Chunks:
    """What has come of one text."""

    severity: int
    since_s: float
    parts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    last: int | None = None

    def takes(self, severity: int, seq: int, part: bytes) -> bool:
        """Whether a chunk can be of this text; what contradicts it is of a text after it."""
        if severity != self.severity or self.parts.get(seq, part) != part:
            return False
        if self.last is not None and seq > self.last:
            return False
        return len(part) == CHUNK_BYTES or seq >= max(self.parts, default=0)

    def add(self, seq: int, part: bytes) -> None:
        self.parts[seq] = part
        if len(part) < CHUNK_BYTES:
            self.last = seq

    @property
    def whole(self) -> bool:
        return self.last is not None and len(self.parts) == self.last + 1

    def text(self) -> StatusText:
        """Return the text; each run of missing chunks is one mark.

        A full chunk at the end is not marked: not every autopilot sends the empty one after it.
        """
        pieces: list[str] = []
        run, expected = b"", 0
        for seq in sorted(self.parts):
            if seq != expected:
                pieces += [run.decode(errors="replace"), GAP]
                run = b""
            run += self.parts[seq]
            expected = seq + 1
        pieces.append(run.decode(errors="replace"))
        return StatusText(self.severity, "".join(pieces))


class StatusTexts:
    """Joins the chunks of one component."""

    def __init__(self) -> None:
        self._open: dict[int, _Chunks] = {}
        self._told: dict[int, _Chunks] = {}
        """Finished texts, so that late copies of their chunks don't begin them again."""

    @property
    def open_count(self) -> int:
        """Texts whose chunks are still being waited for."""
        return len(self._open)

    def receive(self, message: Message, now_s: float) -> list[StatusText]:
        """Take in a STATUSTEXT; return the texts it completes."""
        if message.get_type() != "STATUSTEXT":
            return []
        part = raw_text(message, "text")
        severity, text_id, seq = int(message.severity), int(message.id), int(message.chunk_seq)
        if text_id == 0:
            return [StatusText(severity, part.decode(errors="replace"))]
        ended: list[StatusText] = []
        told = self._told.get(text_id)
        if told is not None and text_id not in self._open:
            if told.takes(severity, seq, part) and now_s - told.since_s <= GIVE_UP_S:
                return []
            del self._told[text_id]
        chunks = self._open.get(text_id)
        if chunks is not None and not chunks.takes(severity, seq, part):
            ended.append(self._open.pop(text_id).text())
            chunks = None
        if chunks is None:
            if len(self._open) >= MOST_OPEN:
                ended.append(self._open.pop(next(iter(self._open))).text())
            chunks = self._open[text_id] = _Chunks(severity, now_s)
        chunks.add(seq, part)
        if chunks.whole:
            del self._open[text_id]
            self._remember(text_id, chunks, now_s)
            ended.append(chunks.text())
        return ended

    def poll(self, now_s: float) -> list[StatusText]:
        """Return texts whose missing chunk will not come any more, the gap marked."""
        late = [i for i, chunks in self._open.items() if now_s - chunks.since_s > GIVE_UP_S]
        return [self._open.pop(i).text() for i in late]

    def _remember(self, text_id: int, chunks: _Chunks, now_s: float) -> None:
        chunks.since_s = now_s
        self._told.pop(text_id, None)
        if len(self._told) >= MOST_OPEN:
            del self._told[next(iter(self._told))]
        self._told[text_id] = chunks
