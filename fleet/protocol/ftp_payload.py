"""The payload of FILE_TRANSFER_PROTOCOL. https://mavlink.io/en/services/ftp.html"""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect

__all__ = ["MAX_DATA", "FtpError", "FtpPayload", "Opcode", "file_crc32"]

_HEADER = struct.Struct("<HBBBBBxI")
_PAYLOAD_BYTES = 251
MAX_DATA = _PAYLOAD_BYTES - _HEADER.size


class Opcode(IntEnum):
    """What is asked, and the two answers."""

    TERMINATE_SESSION = 1
    LIST_DIRECTORY = 3
    OPEN_FILE_RO = 4
    READ_FILE = 5
    CALC_FILE_CRC32 = 14
    BURST_READ_FILE = 15
    ACK = 128
    NAK = 129


class FtpError(IntEnum):
    """Why a request was refused: the first byte of a NAK."""

    FAIL = 1
    FAIL_ERRNO = 2
    INVALID_DATA_SIZE = 3
    INVALID_SESSION = 4
    NO_SESSIONS_AVAILABLE = 5
    END_OF_FILE = 6
    UNKNOWN_COMMAND = 7
    FILE_EXISTS = 8
    FILE_PROTECTED = 9
    FILE_NOT_FOUND = 10


@dataclass(frozen=True, slots=True)
class FtpPayload:
    """One request or answer."""

    seq: int
    session: int
    opcode: int
    offset: int = 0
    data: bytes = b""
    size: int = 0
    """Of `data`; in a request to read, how much is wanted."""
    req_opcode: int = 0
    burst_complete: bool = False

    @classmethod
    def of(cls, message: Message, system: int, component: int) -> "FtpPayload | None":
        """Read an answer of this vehicle to us; None for every other message."""
        if (
            message.get_type() != "FILE_TRANSFER_PROTOCOL"
            or message.get_srcSystem() != system
            or message.get_srcComponent() != component
            or message.target_system not in (0, GCS_SYSTEM)
            or message.target_component not in (0, GCS_COMPONENT)
        ):
            return None
        raw = bytes(message.payload)
        seq, session, opcode, size, req_opcode, complete, offset = _HEADER.unpack_from(raw)
        data = raw[_HEADER.size : _HEADER.size + size]
        return cls(seq, session, opcode, offset, data, size, req_opcode, bool(complete))

    def message(self, system: int, component: int) -> Message:
        """Return the message that carries this."""
        size = len(self.data) or self.size
        complete = int(self.burst_complete)
        header = _HEADER.pack(
            self.seq, self.session, self.opcode, size, self.req_opcode, complete, self.offset
        )
        payload = (header + self.data).ljust(_PAYLOAD_BYTES, b"\0")
        return dialect.MAVLink_file_transfer_protocol_message(0, system, component, list(payload))

    @property
    def error(self) -> int:
        """Why it was refused, 0 in an ACK."""
        return (self.data[0] if self.data else FtpError.FAIL) if self.opcode == Opcode.NAK else 0


def file_crc32(data: bytes) -> int:
    """Return the CRC-32 as autopilots reckon it: begun at 0 and not inverted at the end."""
    return zlib.crc32(data, 0xFFFF_FFFF) ^ 0xFFFF_FFFF
