"""A small command post for tests: real sockets, a real SQLite store, and a bad temper."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from field_api.contract.ids import new_id
from field_api.contract.link import Durable, Latest, LatestBody, LinkServer, SignInRequested
from field_api.contract.messages import Command, CommandResult, Wish

TOKEN = "secret"


class CommandPost:
    """Accepts nodes with the right token; cuts a connection after `cut_after` frames, if set."""

    def __init__(self, path: Path, cut_after: int | None = None) -> None:
        self.cut_after = cut_after
        self.latest: list[LatestBody] = []
        self.on_latest: Callable[[LatestBody], None] = self.latest.append
        self.results: list[CommandResult] = []
        self.sign_ins = 0
        self.changed = asyncio.Condition()
        self._db = sqlite3.connect(path)
        self._db.execute("CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, body TEXT)")
        self._server: Server | None = None
        self._sessions: dict[LinkServer, ServerConnection] = {}

    async def start(self, port: int = 0) -> int:
        """Listen on loopback and return the port."""
        self._server = await serve(self._serve, "127.0.0.1", port)
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def stop(self) -> None:
        """Close every connection."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def records(self) -> list[str]:
        """The stored ids."""
        return [row[0] for row in self._db.execute("SELECT id FROM records")]

    @property
    def bodies(self) -> list[str]:
        """The stored records as JSON."""
        return [row[0] for row in self._db.execute("SELECT body FROM records")]

    async def command(self, command: Command) -> None:
        """Send an order to every signed-in node."""
        for session, socket in self._sessions.items():
            session.send_command(command)
            await self._flush(session, socket)

    async def wish(self, wish: Wish) -> None:
        """Tell every signed-in node what is wanted."""
        for session, socket in self._sessions.items():
            session.send_wish(wish)
            await self._flush(session, socket)

    async def wait_for(self, condition: Callable[[], bool], within_s: float = 180) -> None:
        """Wait until `condition()` holds."""
        async with asyncio.timeout(within_s), self.changed:
            await self.changed.wait_for(condition)

    async def _flush(self, session: LinkServer, socket: ServerConnection) -> None:
        for frame in session.frames():
            await socket.send(frame)

    async def _serve(self, socket: ServerConnection) -> None:
        session = LinkServer(new_id())
        count = 0
        try:
            async for text in socket:
                assert isinstance(text, str)
                count += 1
                self._receive(session, socket, text)
                if self.cut_after and count >= self.cut_after:
                    # Stored but never acknowledged: the worst moment.
                    socket.transport.abort()
                    return
                await self._flush(session, socket)
                async with self.changed:
                    self.changed.notify_all()
                if session.ended:
                    return
        except ConnectionClosed:
            return
        finally:
            self._sessions.pop(session, None)

    def _receive(self, session: LinkServer, socket: ServerConnection, text: str) -> None:
        now_ms = time.time_ns() // 1_000_000
        for event in session.receive(text, now_ms):
            if isinstance(event, SignInRequested):
                if event.hello.token == TOKEN:
                    session.welcome(now_ms)
                    self._sessions[session] = socket
                    self.sign_ins += 1
                else:
                    session.refuse("bad_token", "the token is not valid")
            elif isinstance(event, Latest):
                self.on_latest(event.message)
            elif isinstance(event, Durable):
                self._store(event)
                session.acknowledge([event.seq])

    def _store(self, event: Durable) -> None:
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO records VALUES (?, ?)",
                (event.message.id, event.message.model_dump_json()),
            )
        if isinstance(event.message, CommandResult):
            self.results.append(event.message)
