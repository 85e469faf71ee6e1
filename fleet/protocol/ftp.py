"""Files of a vehicle over MAVLink: list a directory, read a file whole and checked.

https://mavlink.io/en/services/ftp.html. A file is read in a burst, what got lost of it is read
again piece by piece, and the vehicle's own CRC-32 decides whether all of it is right. An answer
repeats the question's sequence number plus one; a question repeated keeps its number, so that the
vehicle answers again instead of doing it twice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fleet.mavlink import Message
from fleet.protocol.ftp_payload import MAX_DATA, FtpError, FtpPayload, Opcode, file_crc32

__all__ = ["FtpDone", "FtpEntries", "FtpEntry", "FtpFailed", "FtpList", "FtpRead"]

RETRY_S = 0.5
TRIES = 20
"""MAVSDK's 10 all stay unanswered once in 800 times where a third is lost both ways."""
MOST_ENTRIES = 10_000
MOST_BYTES = 64 * 1024 * 1024
LONGEST_PATH = MAX_DATA - 1


@dataclass(frozen=True, slots=True)
class FtpEntry:
    """One name in a directory."""

    name: str
    size: int | None
    """In bytes; None for a directory."""


@dataclass(frozen=True, slots=True)
class FtpEntries:
    """A whole directory."""

    entries: Sequence[FtpEntry]


@dataclass(frozen=True, slots=True)
class FtpDone:
    """A whole file."""

    data: bytes
    checked: bool
    """Whether the vehicle's CRC-32 says the same; False where it can't reckon one."""


@dataclass(frozen=True, slots=True)
class FtpFailed:
    """It did not work."""

    code: str
    """`timeout`, `refused`, `too_large`, or `damaged`: the checksum differs."""
    text: str


FtpEvent = FtpEntries | FtpDone | FtpFailed
Step = tuple[list[Message], list[FtpEvent]]


class _Client:
    """One question at a time, asked again until it is answered."""

    def __init__(self, system: int, component: int, path: str) -> None:
        self._path = path.encode()
        if not 0 < len(self._path) <= LONGEST_PATH or b"\0" in self._path:
            raise ValueError(f"a path has 1 to {LONGEST_PATH} bytes and no NUL")
        self._system = system
        self._component = component
        self._question = FtpPayload(0, 0, 0)
        self._seq = 0
        self._tries = 0
        self._due_s = -math.inf
        self.finished = False

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self.finished or now_s < self._due_s:
            return [], []
        if self._tries == 0:
            return [self._first(now_s)], []
        if self._tries >= TRIES:
            return self._fail("timeout", "the vehicle stopped answering the file transfer")
        return [self._again(now_s)], []

    def _first(self, now_s: float) -> Message:
        raise RuntimeError("a client begins with a question of its own")

    def _ask(self, now_s: float, question: FtpPayload) -> Message:
        self._seq = (self._seq + 1) % 65_536
        self._question = replace(question, seq=self._seq)
        self._tries = 0
        return self._again(now_s)

    def _again(self, now_s: float) -> Message:
        self._tries += 1
        self._due_s = now_s + RETRY_S
        return self._question.message(self._system, self._component)

    def _answer(self, message: Message) -> FtpPayload | None:
        """Return the answer to the present question; a burst has many."""
        said = FtpPayload.of(message, self._system, self._component)
        asked = self._question
        if said is None or self.finished or self._tries == 0 or said.req_opcode != asked.opcode:
            return None
        if asked.opcode == Opcode.BURST_READ_FILE:
            return said if said.session == asked.session else None
        return said if said.seq == (asked.seq + 1) % 65_536 else None

    def _refused(self, said: FtpPayload) -> Step:
        try:
            why = FtpError(said.error).name
        except ValueError:
            why = f"error {said.error}"
        return self._fail("refused", f"{Opcode(self._question.opcode).name}: {why}")

    def _fail(self, code: str, text: str) -> Step:
        self.finished = True
        return [], [FtpFailed(code, text)]


class FtpList(_Client):
    """One directory of a vehicle."""

    def __init__(self, system: int, component: int, path: str) -> None:
        """Prepare to list `path`.

        Raises:
            ValueError: no such path can be asked for.
        """
        super().__init__(system, component, path)
        self._entries: list[FtpEntry] = []
        self._seen = 0
        """Entries told, those that are to be skipped included: where the next part begins."""

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return the next question and the end when it comes."""
        said = self._answer(message)
        if said is None:
            return [], []
        if said.opcode == Opcode.NAK:
            if said.error != FtpError.END_OF_FILE:
                return self._refused(said)
            self.finished = True
            return [], [FtpEntries(tuple(self._entries))]
        told = [part for part in said.data.split(b"\0") if part]
        if not told:
            return self._refused(replace(said, opcode=Opcode.NAK, data=b""))
        self._seen += len(told)
        self._entries += [entry for entry in map(_entry, told) if entry is not None]
        if self._seen > MOST_ENTRIES:
            return self._fail("too_large", f"more than {MOST_ENTRIES} entries")
        return [self._first(now_s)], []

    def _first(self, now_s: float) -> Message:
        question = FtpPayload(0, 0, Opcode.LIST_DIRECTORY, self._seen, self._path)
        return self._ask(now_s, question)


class FtpRead(_Client):
    """One file of a vehicle."""

    def __init__(
        self, system: int, component: int, path: str, most_bytes: int = MOST_BYTES
    ) -> None:
        """Prepare to read `path`.

        Raises:
            ValueError: no such path can be asked for.
        """
        super().__init__(system, component, path)
        self._most = most_bytes
        self._session = 0
        self._progressed = False
        """Whether the present question has brought something new."""
        self._data = bytearray()
        self._gaps: list[tuple[int, int]] = []
        """What is missing, as (begin, end), in order."""

    @property
    def progress(self) -> tuple[int, int]:
        """How many bytes came, of how many; 0 of 0 before the file is open."""
        missing = sum(end - begin for begin, end in self._gaps)
        return len(self._data) - missing, len(self._data)

    def resume(self) -> None:
        """Go on after a `timeout`: the file is opened again, and what has come is kept."""
        self.finished = False
        self._progressed = False
        self._tries, self._due_s = 0, -math.inf

    def receive(self, message: Message, now_s: float) -> Step:
        """Take in a message; return the next question and the end when it comes."""
        said = self._answer(message)
        if said is None:
            return [], []
        match self._question.opcode:
            case Opcode.OPEN_FILE_RO:
                return self._opened(said, now_s)
            case Opcode.BURST_READ_FILE | Opcode.READ_FILE:
                return self._read(said, now_s)
            case _:
                return self._checked(said)

    def poll(self, now_s: float) -> Step:
        """Return what is to be sent (again) now, and the end when the vehicle is silent."""
        if self._progressed and not self.finished and now_s >= self._due_s:
            return [self._next(now_s)], []  # The burst broke off; go on from where it is wanting.
        return super().poll(now_s)

    def _first(self, now_s: float) -> Message:
        return self._ask(now_s, FtpPayload(0, 0, Opcode.OPEN_FILE_RO, data=self._path))

    def _opened(self, said: FtpPayload, now_s: float) -> Step:
        if said.opcode == Opcode.NAK:
            return self._refused(said)
        size = int.from_bytes(said.data[:4], "little")
        if size > self._most:
            return self._fail("too_large", f"the file has {size} bytes; allowed are {self._most}")
        self._session = said.session
        if size != len(self._data):
            # Opened again it is the same file, as far as its size tells; the checksum tells more.
            self._data = bytearray(size)
            self._gaps = [(0, size)]
        return [self._next(now_s)], []

    def _read(self, said: FtpPayload, now_s: float) -> Step:
        burst = self._question.opcode == Opcode.BURST_READ_FILE
        if said.opcode == Opcode.NAK:
            if said.error != FtpError.END_OF_FILE:
                return self._refused(said)
            if not burst:
                # Virtual files are shorter than they say.
                self._cut(self._question.offset)
            return [self._next(now_s, single=not self._progressed)], []
        before = self.progress
        self._fill(said.offset, said.data)
        if self.progress == before:
            return [], []  # A copy; the question is asked again when nothing better comes.
        self._progressed = True
        self._due_s = now_s + RETRY_S
        if not self._gaps or said.burst_complete or not burst:
            return [self._next(now_s)], []
        return [], []

    def _next(self, now_s: float, *, single: bool = False) -> Message:
        self._progressed = False
        if not self._gaps:
            return self._ask(
                now_s, FtpPayload(0, self._session, Opcode.CALC_FILE_CRC32, data=self._path)
            )
        begin, end = self._gaps[0]
        # The rest of a file comes in a burst; holes are filled one by one.
        if end == len(self._data) and end - begin > MAX_DATA and not single:
            opcode, size = Opcode.BURST_READ_FILE, MAX_DATA
        else:
            opcode, size = Opcode.READ_FILE, min(MAX_DATA, end - begin)
        return self._ask(now_s, FtpPayload(0, self._session, opcode, begin, size=size))

    def _checked(self, said: FtpPayload) -> Step:
        self.finished = True
        close = FtpPayload((self._seq + 1) % 65_536, self._session, Opcode.TERMINATE_SESSION)
        out = [close.message(self._system, self._component)]
        data = bytes(self._data)
        if said.opcode == Opcode.NAK:
            return out, [FtpDone(data, checked=False)]
        crc32 = int.from_bytes(said.data[:4], "little")
        if crc32 != file_crc32(data):
            return out, [
                FtpFailed("damaged", "the file read has another checksum than the vehicle's")
            ]
        return out, [FtpDone(data, checked=True)]

    def _fill(self, offset: int, data: bytes) -> None:
        begin, end = offset, min(offset + len(data), len(self._data))
        if begin >= end:
            return
        self._data[begin:end] = data[: end - begin]
        kept: list[tuple[int, int]] = []
        for low, high in self._gaps:
            pieces = ((low, min(high, begin)), (max(low, end), high))
            kept += [(a, b) for a, b in pieces if a < b]
        self._gaps = kept

    def _cut(self, size: int) -> None:
        del self._data[size:]
        self._gaps = [(low, min(high, size)) for low, high in self._gaps if low < size]


def _entry(told: bytes) -> FtpEntry | None:
    """Read `Fname\\tsize` or `Dname`; entries that can't be read are skipped, as `S` says."""
    kind, text = told[:1], told[1:].decode(errors="replace")
    if kind == b"D" and text not in ("", ".", ".."):
        return FtpEntry(text, None)
    name, _, size = text.partition("\t")
    if kind == b"F" and name and size.isascii() and size.isdigit() and len(size) <= 10:
        return FtpEntry(name, int(size))
    return None
