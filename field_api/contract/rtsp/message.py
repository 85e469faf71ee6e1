"""RTSP 1.0 messages (RFC 2326), and the packets that travel between them (section 10.12)."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = [
    "Interleaved",
    "Received",
    "RtspError",
    "RtspReader",
    "RtspRequest",
    "RtspResponse",
    "interleave",
    "parse_transport",
    "query_of",
]

MAX_HEAD_BYTES = 16_384
MAX_BODY_BYTES = 65_536
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Stream Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
    551: "Option not supported",
}


class RtspError(ValueError):
    """Bytes that are no RTSP; the text says what is wrong."""


class _Headers(dict[str, str]):
    """Names in small letters; of one that comes twice both values, a line each."""


def _head(first: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class RtspRequest:
    """What one side asks of the other; names of headers are in small letters when read."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def build(self) -> bytes:
        """Return its bytes."""
        return _head(f"{self.method} {self.url} RTSP/1.0", self.headers, self.body)


@dataclass
class RtspResponse:
    """The answer to a request, which its `cseq` names."""

    status: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    reason: str = ""
    """The usual words for the status where it is empty."""

    def build(self) -> bytes:
        """Return its bytes."""
        reason = self.reason or _REASONS.get(self.status, "Error")
        return _head(f"RTSP/1.0 {self.status} {reason}", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A packet of a channel, between messages."""

    channel: int
    data: bytes


Received = RtspRequest | RtspResponse | Interleaved


def interleave(channel: int, data: bytes) -> bytes:
    """Return a packet's bytes as they travel between messages.

    Raises:
        RtspError: it is longer than 65,535 bytes.
    """
    if len(data) > 0xFFFF:
        raise RtspError(f"an interleaved packet has at most 65,535 bytes, this one {len(data)}")
    return b"$" + bytes([channel]) + len(data).to_bytes(2, "big") + data


class RtspReader:
    """Takes what comes on a connection apart."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive(self, data: bytes) -> list[Received]:
        """Return the messages and packets that are whole now.

        Raises:
            RtspError: the other side speaks something else; the connection is of no use any more.
        """
        self._buffer += data
        found: list[Received] = []
        at = 0
        while True:
            one, end = self._next(at)
            if one is not None:
                found.append(one)
            if end == at:
                break
            at = end
        del self._buffer[:at]
        return found

    def _next(self, at: int) -> tuple[Received | None, int]:
        """The message at a place and where it ends; the same place while it is not whole."""
        buffer = self._buffer
        if at >= len(buffer):
            return None, at
        if buffer[at] == 0x24:
            if at + 4 > len(buffer):
                return None, at
            end = at + 4 + int.from_bytes(buffer[at + 2 : at + 4], "big")
            if end > len(buffer):
                return None, at
            return Interleaved(buffer[at + 1], bytes(buffer[at + 4 : end])), end
        if buffer[at] in b"\r\n":
            # Some clients end a body with an empty line that its length doesn't count.
            return None, at + 1
        return self._message(at)

    def _message(self, at: int) -> tuple[Received | None, int]:
        head_end = self._buffer.find(b"\r\n\r\n", at, at + MAX_HEAD_BYTES)
        if head_end < 0:
            if len(self._buffer) - at >= MAX_HEAD_BYTES:
                raise RtspError(f"an RTSP message's head has at most {MAX_HEAD_BYTES} bytes")
            # Something else is told at once, not after a time-out.
            if not (self._buffer[at : at + 1].isalpha()):
                raise RtspError("an RTSP message begins with a method or with RTSP/1.0")
            return None, at
        lines = self._buffer[at:head_end].decode("utf-8", "replace").split("\r\n")
        headers = _Headers()
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            name = name.strip().lower()
            if not colon or not name:
                raise RtspError(f"the line {line[:80]!r} is no header")
            value = value.strip()
            headers[name] = f"{headers[name]}\n{value}" if name in headers else value
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or len(length) > 9:
            raise RtspError(f"{length[:40]!r} is no content length")
        if int(length) > MAX_BODY_BYTES:
            raise RtspError(f"a body has at most {MAX_BODY_BYTES} bytes, this one {length}")
        body_at = head_end + 4
        end = body_at + int(length)
        if end > len(self._buffer):
            return None, at
        return _begun(lines[0], headers, bytes(self._buffer[body_at:end])), end


def _begun(first: str, headers: dict[str, str], body: bytes) -> RtspRequest | RtspResponse:
    words = first.split(" ", 2)
    if words[0] == "RTSP/1.0":
        if len(words) < 2 or not (words[1].isascii() and words[1].isdigit() and len(words[1]) == 3):
            raise RtspError(f"the line {first[:80]!r} has no status")
        return RtspResponse(int(words[1]), headers, body, words[2] if len(words) > 2 else "")
    if len(words) != 3 or not words[2].startswith("RTSP/") or not words[0].isupper():
        raise RtspError(f"the line {first[:80]!r} is no RTSP request")
    return RtspRequest(words[0], words[1], headers, body)


def parse_transport(value: str) -> dict[str, str]:
    """The parts of the first transport offered or chosen; its protocol is under `protocol`."""
    parts = value.split("\n")[0].split(",")[0].split(";")
    found = {"protocol": parts[0].strip().upper()}
    for part in parts[1:]:
        name, _, text = part.strip().partition("=")
        found[name.lower()] = text.strip().strip('"')
    return found


def query_of(url: str, name: str) -> str | None:
    """A parameter of an address' query; players hang names of tracks behind the query."""
    try:
        query = urlsplit(url).query
        found = parse_qs(query.split("/", 1)[0], max_num_fields=20).get(name)
    except ValueError:
        return None
    return unquote(found[0]) if found else None
