"""Flight logs by LOG_REQUEST_LIST and LOG_REQUEST_DATA: for autopilots without MAVLink FTP.

https://mavlink.io/en/messages/common.html#LOG_REQUEST_LIST. A log comes in chunks of 90 bytes, a
stretch at a time. ArduPilot drops what is asked while it sends, so the next stretch, or what got
lost, is asked for when the last chunk of the one before is there or nothing came for a second.
There is no checksum. ArduPilot refuses while its motors are armed.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.mavlink import Message, dialect

__all__ = ["LogDone", "LogEntries", "LogEntry", "LogFailed", "LogList", "LogRead"]

CHUNK = 90
STRETCH = CHUNK * 512
RETRY_S = 1.0
TRIES = 20
"""In a row without anything new."""
MOST_LOGS = 2_000
MOST_BYTES = 512 * 1024 * 1024
ALL = 0xFFFF


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One log on board."""

    number: int
    size: int
    utc_s: int
    """When it was begun; 0 where the autopilot did not know the time."""


@dataclass(frozen=True, slots=True)
class LogEntries:
    """All logs, oldest first."""

    entries: Sequence[LogEntry]


@dataclass(frozen=True, slots=True)
class LogDone:
    """A whole log."""

    data: bytes


@dataclass(frozen=True, slots=True)
class LogFailed:
    """It did not work."""

    code: str
    """`timeout` or `too_large`."""
    text: str


Step = tuple[list[Message], list[LogEntries | LogDone | LogFailed]]


class _Client(ABC):
    """What both have in common: whose messages count, and when it is asked again."""

    def __init__(self, system: int, component: int) -> None:
        self._system = system
        self._component = component
        self._due_s = -math.inf
        self._tries = 0
        self.finished = False

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries >= TRIES:
            return self._fail("timeout", "the vehicle stopped answering about its logs")
        self._tries += 1
        self._due_s = now_s + RETRY_S
        return [self._question()], []

    @abstractmethod
    def _question(self) -> Message:
        """Return what asks for what is missing."""

    def _is_answer(self, message: Message, kind: str) -> bool:
        return (
            not self.finished
            and self._tries > 0
            and message.get_type() == kind
            and message.get_srcSystem() == self._system
            and message.get_srcComponent() == self._component
        )

    def _fail(self, code: str, text: str) -> Step:
        self.finished = True
        return [self._end()], [LogFailed(code, text)]

    def _end(self) -> Message:
        return dialect.MAVLink_log_request_end_message(self._system, self._component)


class LogList(_Client):
    """The logs of a vehicle."""

    def __init__(self, system: int, component: int) -> None:
        super().__init__(system, component)
        self._entries: dict[int, LogEntry] = {}
        self._count: int | None = None
        self._last = 0

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return the list when it is whole."""
        if not self._is_answer(message, "LOG_ENTRY"):
            return [], []
        count = int(message.num_logs)
        if count > MOST_LOGS:
            return self._fail("too_large", f"the vehicle says that it has {count} logs")
        number = int(message.id)
        if count and number not in self._entries:
            self._tries, self._due_s = 1, now_s + RETRY_S
            self._entries[number] = LogEntry(number, int(message.size), int(message.time_utc))
        self._count, self._last = count, int(message.last_log_num)
        if len(self._entries) < count:
            return [], []
        self.finished = True
        entries = sorted(self._entries.values(), key=lambda entry: entry.number)
        return [], [LogEntries(tuple(entries))]

    def _question(self) -> Message:
        first = 0
        if self._count is not None:
            wanted = range(max(1, self._last - self._count + 1), self._last + 1)
            first = next((number for number in wanted if number not in self._entries), 0)
        return dialect.MAVLink_log_request_list_message(self._system, self._component, first, ALL)


class LogRead(_Client):
    """One log of a vehicle."""

    def __init__(
        self, system: int, component: int, entry: LogEntry, most_bytes: int = MOST_BYTES
    ) -> None:
        """Prepare to read a log that was listed.

        Raises:
            ValueError: it is larger than `most_bytes`.
        """
        super().__init__(system, component)
        if entry.size > most_bytes:
            raise ValueError(f"the log has {entry.size} bytes; allowed are {most_bytes}")
        self._number = entry.number
        self._data = bytearray(entry.size)
        chunks = -(-entry.size // CHUNK)
        self._missing = bytearray(b"\1" * chunks)
        """One byte for each chunk: 1 while it has not come."""
        self._first = 0
        """No chunk before it is missing."""
        self._stretch = (0, 0)
        """Chunks that were asked for."""
        self._left = 0
        """How many of these have not come."""

    @property
    def progress(self) -> tuple[int, int]:
        """How many bytes came, of how many; about."""
        return len(self._data) - self._missing.count(1) * CHUNK, len(self._data)

    def resume(self) -> None:
        """Go on after a `timeout` with what is missing."""
        self.finished = False
        self._left = 0
        self._tries, self._due_s = 0, -math.inf

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return the next question and the end when it comes."""
        if not self._is_answer(message, "LOG_DATA") or message.id != self._number:
            return [], []
        offset, count = int(message.ofs), int(message.count)
        chunk, odd = divmod(offset, CHUNK)
        if odd or count > CHUNK or offset > len(self._data):
            return [], []
        if offset + count < len(self._data) and count < CHUNK:
            self._cut(offset + count)  # It is shorter than its entry said.
        if count and chunk < len(self._missing) and self._missing[chunk]:
            self._data[offset : offset + count] = bytes(message.data[:count])
            self._missing[chunk] = 0
            self._tries, self._due_s = 1, now_s + RETRY_S
            if self._stretch[0] <= chunk < self._stretch[1]:
                self._left -= 1
        return self._go_on(now_s)

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if not self.finished and self._next() is None:
            return self._done()  # An empty log: there is nothing to ask for.
        return super().poll(now_s)

    def _go_on(self, now_s: float) -> Step:
        if self._next() is None:
            return self._done()
        if self._left > 0:
            return [], []
        self._tries = 0
        self._due_s = -math.inf
        return self.poll(now_s)

    def _question(self) -> Message:
        first = self._next() or 0
        last = first
        most = first + STRETCH // CHUNK
        while last < len(self._missing) and last < most and self._missing[last]:
            last += 1
        self._stretch, self._left = (first, last), last - first
        size = min(len(self._data), last * CHUNK) - first * CHUNK
        return dialect.MAVLink_log_request_data_message(
            self._system, self._component, self._number, first * CHUNK, size
        )

    def _next(self) -> int | None:
        found = self._missing.find(1, self._first)
        if found < 0:
            return None
        self._first = found
        return found

    def _cut(self, size: int) -> None:
        del self._data[size:]
        del self._missing[-(-size // CHUNK) :]
        low, high = self._stretch
        high = min(high, len(self._missing))
        self._stretch, self._left = (low, high), sum(self._missing[low:high])

    def _done(self) -> Step:
        self.finished = True
        return [self._end()], [LogDone(bytes(self._data))]
