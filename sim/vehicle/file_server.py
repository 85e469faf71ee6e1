"""MAVLink FTP as ArduCopter serves it: one session, read only here.

https://mavlink.io/en/services/ftp.html
"""

import struct
import zlib
from collections import deque
from collections.abc import Callable, Mapping

from pymavlink.dialects.v20 import ardupilotmega as mavlink

__all__ = ["FileServer"]

_HEADER = struct.Struct("<HBBBBBxI")
_MOST = 251 - _HEADER.size
_PER_SECOND = 400
_BURST = 15
_ACK, _NAK = 128, 129
_INVALID_SESSION, _END_OF_FILE, _UNKNOWN_COMMAND, _NOT_FOUND = 4, 6, 7, 10

Send = Callable[[mavlink.MAVLink_message], None]


class FileServer:
    """Answers one peer at a time; `files` gives what there is now, by absolute path."""

    def __init__(self, files: Callable[[], Mapping[str, bytes]]) -> None:
        self._files = files
        self._open: bytes | None = None
        self._bursting: deque[tuple[Send, mavlink.MAVLink_message]] = deque()
        self._allowance = 0.0

    def receive(self, send: Send, peer: tuple[int, int], payload: bytes) -> None:
        """Answer a question."""
        seq, session, opcode, size, _, _, offset = _HEADER.unpack_from(payload)
        data = payload[_HEADER.size : _HEADER.size + size]
        self._bursting.clear()
        if opcode == _BURST:
            self._burst(send, peer, seq, session, offset)
            return
        answer = self._answer(opcode, data, offset, size)
        send(_message(peer, seq + 1, session, opcode, answer, offset))

    def step(self, dt: float) -> None:
        """Send what of a burst fits into `dt` seconds."""
        self._allowance = min(_PER_SECOND, self._allowance + _PER_SECOND * dt)
        while self._bursting and self._allowance >= 1.0:
            self._allowance -= 1.0
            send, message = self._bursting.popleft()
            send(message)

    def _answer(self, opcode: int, data: bytes, offset: int, size: int) -> bytes | int:
        """Return an answer's data, or why it is refused."""
        path = "/" + data.rstrip(b"\0").decode(errors="replace").strip("/")
        match opcode:
            case 1 | 2:  # TerminateSession, ResetSessions
                self._open = None
                return b""
            case 3:  # ListDirectory
                return self._list(path, offset)
            case 4:  # OpenFileRO
                files = self._files()
                if path not in files:
                    return _NOT_FOUND
                self._open = files[path]
                return len(self._open).to_bytes(4, "little")
            case 5:  # ReadFile
                if self._open is None:
                    return _INVALID_SESSION
                return self._open[offset : offset + min(size, _MOST)] or _END_OF_FILE
            case 14:  # CalcFileCRC32
                files = self._files()
                if path not in files:
                    return _NOT_FOUND
                # As autopilots reckon it: begun at 0 and not inverted at the end.
                crc = zlib.crc32(files[path], 0xFFFF_FFFF) ^ 0xFFFF_FFFF
                return crc.to_bytes(4, "little")
            case _:
                return _UNKNOWN_COMMAND

    def _list(self, path: str, skip: int) -> bytes | int:
        inside = path.rstrip("/") + "/"
        entries: dict[bytes, None] = {}
        for name, data in sorted(self._files().items()):
            if name.startswith(inside):
                part, slash, _ = name.removeprefix(inside).partition("/")
                told = f"D{part}" if slash else f"F{part}\t{len(data)}"
                entries[told.encode()] = None
        if not entries:
            return _NOT_FOUND
        part_of_list = b""
        for entry in list(entries)[skip:]:
            if len(part_of_list) + len(entry) + 1 > _MOST:
                break
            part_of_list += entry + b"\0"
        return part_of_list or _END_OF_FILE

    def _burst(
        self, send: Send, peer: tuple[int, int], seq: int, session: int, offset: int
    ) -> None:
        if self._open is None:
            send(_message(peer, seq + 1, session, _BURST, _INVALID_SESSION, offset))
            return
        while offset < len(self._open):
            seq += 1
            data = self._open[offset : offset + _MOST]
            self._bursting.append((send, _message(peer, seq, session, _BURST, data, offset)))
            offset += len(data)
        end = _message(peer, seq + 1, session, _BURST, _END_OF_FILE, offset)
        self._bursting.append((send, end))


def _message(
    peer: tuple[int, int], seq: int, session: int, asked: int, answer: bytes | int, offset: int
) -> mavlink.MAVLink_message:
    data = bytes([answer]) if isinstance(answer, int) else answer
    opcode = _NAK if isinstance(answer, int) else _ACK
    header = _HEADER.pack(seq % 65_536, session, opcode, len(data), asked, 0, offset)
    payload = list((header + data).ljust(251, b"\0"))
    return mavlink.MAVLink_file_transfer_protocol_message(0, *peer, payload)
