"""Clients that cost next to nothing: bytes on keep-alive sockets, no HTTP library.

A load client over an HTTP library measures itself on two cores (reference/scale.md).
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import Self

__all__ = ["RawHttp", "WatchedSocket"]


class RawHttp:
    """One keep-alive connection; requests one after the other."""

    def __init__(self, port: int, token: str | None) -> None:
        self._port = port
        self._token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, limit=2**24
        )
        return self

    def close(self) -> None:
        """Disconnect."""
        if self._writer is not None:
            self._writer.close()

    async def ask(
        self, method: str, path: str, body: bytes | None = None, *, gzip: bool = False
    ) -> tuple[int, bytes]:
        """Return status and body as they came, still compressed."""
        if self._reader is None or self._reader.at_eof():
            # The server ends a connection that is idle for five seconds.
            self.close()
            await self.open()
        assert self._reader is not None
        assert self._writer is not None
        head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: post\r\n"
        if self._token is not None:
            head += f"Authorization: Bearer {self._token}\r\n"
        if gzip:
            head += "Accept-Encoding: gzip\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + (body or b""))
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        status = int(answer[9:12])
        at = answer.find(b"content-length:")
        if at >= 0:
            length = int(answer[at + 15 : answer.index(b"\r\n", at)])
            return status, await self._reader.readexactly(length)
        if b"transfer-encoding: chunked" in answer:
            return status, await self._chunks()
        return status, b""

    async def _chunks(self) -> bytes:
        assert self._reader is not None
        parts: list[bytes] = []
        while size := int(await self._reader.readline(), 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return b"".join(parts)


class WatchedSocket(asyncio.Protocol):
    """A browser's live socket: messages are counted, pings answered, texts handed on unparsed."""

    def __init__(self, path: str, token: str, on_text: Callable[[bytes], None] | None) -> None:
        self._path, self._token, self._on_text = path, token, on_text
        self._buffer = bytearray()
        self._upgraded = False
        self._transport: asyncio.Transport | None = None
        self.messages = 0
        self.closed_code: int | None = None
        self.first_frame: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The length of the first text, once it is here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                f"GET /api/v1/{self._path} HTTP/1.1\r\nHost: post\r\nConnection: Upgrade\r\n"
                f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                f"Authorization: Bearer {self._token}\r\n\r\n"
            ).encode()
        )

    def close(self) -> None:
        """Disconnect."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Walk over the frames that are complete."""
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.first_frame.set_exception(ConnectionError(bytes(self._buffer[:200])))
                return
            self._upgraded = True
            del self._buffer[: end + 4]
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 2:
            length, head = buffer[at + 1] & 0x7F, 2
            if length == 126:
                if len(buffer) - at < 4:
                    break
                length, head = struct.unpack_from(">H", buffer, at + 2)[0], 4
            elif length == 127:
                if len(buffer) - at < 10:
                    break
                length, head = struct.unpack_from(">Q", buffer, at + 2)[0], 10
            if len(buffer) - at < head + length:
                break
            self._frame(buffer[at] & 0x0F, buffer[at + head : at + head + length])
            at += head + length
        del buffer[:at]

    def _frame(self, opcode: int, payload: bytearray) -> None:
        if opcode == 1:
            self.messages += payload.count(b"\n") + 1
            if not self.first_frame.done():
                self.first_frame.set_result(len(payload))
            if self._on_text is not None:
                for line in bytes(payload).split(b"\n"):
                    self._on_text(line)
        elif opcode == 9 and self._transport is not None:
            # A pong with a mask of zeros: the payload goes back as it came.
            self._transport.write(bytes((0x8A, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
        elif opcode == 8:
            self.closed_code = struct.unpack_from(">H", payload)[0] if len(payload) >= 2 else 1005
