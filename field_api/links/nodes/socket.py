"""The socket round a node's `LinkServer`."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from field_api.contract.link import (
    MAX_FRAME_BYTES,
    Durable,
    HelloFrame,
    Latest,
    LinkError,
    LinkServer,
    ServerEvent,
    SignedIn,
    SignInRequested,
)
from field_api.contract.messages import NodeState
from field_api.core.failures import told_failure
from field_api.core.refusals import Refusals
from field_api.core.roles import Actor
from field_api.core.services import Services, source_of
from field_api.features.accounts.devices import node_of_token
from field_api.features.accounts.tables import Device
from field_api.features.accounts.throttle import source_of_address
from field_api.links.nodes.inbox import Rejection, store_batch
from field_api.links.nodes.sessions import LinkSession, NodeSessions
from field_api.links.nodes.views import NODE, node_view

__all__ = ["serve_link"]

log = structlog.get_logger(__name__)

BATCH = 100
"""Most messages in one transaction."""
INBOX = 1000
"""Messages waiting to be stored; then the socket is not read until some are."""
SILENCE_S = 60.0
"""A node that says nothing for this long is gone (it measures its clock far more often)."""
HELLO_S = 10.0
"""Who does not say hello this long after opening is no node."""
HELLO_CHARACTERS = 16_384
"""Most characters of a hello: whoever sends more is no node."""
MOST_STRANGERS = 64
"""Connections that have not signed in; more are sent away at once."""
RETRY_S = 2.0
"""When storing is tried again after the database was busy, full or away."""


class _Connection:
    """One node's connection: a reader, a writer and a storer around the same core."""

    def __init__(self, socket: WebSocket, ctx: Services, known: Callable[[], None]) -> None:
        """Take the socket, and what to call once the node has signed in."""
        self._socket = socket
        self._known = known
        self._ctx = ctx
        self._session = LinkSession(LinkServer(secrets.token_hex(8)))
        self._server = self._session.server
        self._inbox: asyncio.Queue[Durable] = asyncio.Queue(INBOX)
        self._node: Device | None = None
        self._source = source_of(socket)
        self._nodes = ctx.part(NodeSessions)

    async def run(self) -> None:
        """Serve until the socket closes or the session ends."""
        tasks = [asyncio.create_task(work()) for work in (self._read, self._write, self._store)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except WebSocketDisconnect:
            pass
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._goodbye()

    async def _read(self) -> None:
        async with asyncio.timeout(HELLO_S):
            await self._take(await self._receive())
        while not self._server.ended:
            async with asyncio.timeout(SILENCE_S):
                text = await self._receive()
            await self._take(text)
        # The writer sends the last frames and ends the connection.
        await asyncio.sleep(5)

    async def _receive(self) -> str:
        """Return the next frame's text; a binary frame is none that makes sense."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        return message.get("text") or ""

    async def _take(self, text: str) -> None:
        if len(text) > MAX_FRAME_BYTES:
            log.warning("link_frame_too_large", source=self._source, length=len(text))
        if self._node is None and len(text) > HELLO_CHARACTERS:
            self._server.refuse("too_large", f"a hello has at most {HELLO_CHARACTERS} characters")
        for event in self._server.receive(text, self._ctx.clock()):
            await self._handle(event)
        if self._node is None:
            # A node says hello first and is answered; what else comes first is from no node.
            self._server.refuse("no_hello", "say hello first")
        self._session.wake.set()

    async def _write(self) -> None:
        while True:
            await self._session.wake.wait()
            self._session.wake.clear()
            for frame in self._server.frames():
                await self._socket.send_text(frame)
            if self._server.ended:
                return

    async def _store(self) -> None:
        while True:
            batch = [await self._inbox.get()]
            while len(batch) < BATCH and not self._inbox.empty():
                batch.append(self._inbox.get_nowait())
            assert self._node is not None
            stored, rejected = await self._store_patiently(self._node, batch)
            if not self._server.signed_in:
                return
            self._server.acknowledge(stored)
            for item in rejected:
                log.warning("durable_rejected", node=self._node.id, code=item.code)
                self._server.reject(item.seq, item.code, item.text)
            self._session.wake.set()

    async def _store_patiently(
        self, node: Device, batch: list[Durable]
    ) -> tuple[list[int], list[Rejection]]:
        """Store a batch, later where the database can't now: the node keeps what it is not told."""
        while True:
            try:
                return await run_in_threadpool(store_batch, self._ctx, node.id, self._source, batch)
            except Exception as error:
                told = told_failure(error)
                if told is None:
                    raise
                log.warning("batch_waits", node=node.id, code=told.detail.code)
            await asyncio.sleep(RETRY_S)

    async def _handle(self, event: ServerEvent) -> None:
        match event:
            case SignInRequested():
                await self._sign_in(event.hello)
            case Latest():
                self._take_value(event)
            case Durable():
                await self._inbox.put(event)
            case LinkError():
                log.warning("link_error", source=self._source, code=event.code, text=event.text)
            case SignedIn():
                pass

    async def _sign_in(self, hello: HelloFrame) -> None:
        def look_up() -> Device | None:
            with self._ctx.store.read() as session:
                node = node_of_token(session, hello.token)
            fits = node is not None and (node.id, node.kind.value) == (hello.node_id, hello.kind)
            source = source_of_address(self._source)
            refusals = self._ctx.part(Refusals)
            if not fits and not refusals.is_first("node.refused", source, hello.node_id):
                return None
            actor = Actor(f"node:{hello.node_id}", hello.node_id, self._source)
            with self._ctx.store.change(actor) as change:
                change.record(
                    "node.connected" if fits else "node.refused",
                    hello.node_id,
                    refs={"software_version": hello.software_version},
                    node=hello.node_id,
                )
            return node if fits else None

        self._node = await run_in_threadpool(look_up)
        if self._node is None:
            self._server.refuse(
                "bad_token",
                f"no node {hello.node_id} of kind {hello.kind} has this token; "
                "enrol it with `xunshan admin enrol`",
            )
            return
        now_ms = self._ctx.clock()
        self._known()
        self._server.welcome(now_ms)
        self._ctx.presence.joined(
            self._node.id, self._node.kind.value, hello.software_version, now_ms
        )
        self._nodes.join(self._node.id, self._session)
        self._tell()

    def _tell(self) -> None:
        assert self._node is not None
        view = node_view(self._node, self._ctx.presence)
        self._ctx.bus.publish(NODE, f"node/{view.node_id}", view)

    def _take_value(self, event: Latest) -> None:
        assert self._node is not None
        message, now_ms = event.message, self._ctx.clock()
        if isinstance(message, NodeState):
            self._ctx.presence.heard(self._node.id, now_ms, message)
            self._tell()
            return
        self._ctx.presence.heard(self._node.id, now_ms)
        for feature in self._ctx.features:
            for value in feature.node_values:
                if isinstance(message, value.message):
                    value.take(self._ctx, self._node.id, message)

    async def _goodbye(self) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the peer went first
            await self._socket.close()
        if self._node is None or not self._nodes.leave(self._node.id, self._session):
            return
        node = self._node
        self._ctx.presence.left(node.id)
        self._tell()

        def note() -> None:
            actor = Actor(f"node:{node.id}", node.id, self._source)
            with self._ctx.store.change(actor) as change:
                change.record("node.disconnected", node.id, node=node.id)

        await run_in_threadpool(note)


async def serve_link(socket: WebSocket, ctx: Services) -> None:
    """Accept a node and serve it until it goes."""
    nodes = ctx.part(NodeSessions)
    if nodes.strangers >= MOST_STRANGERS:
        await socket.close(1013, "too many connections wait to sign in: try again later")
        return
    await socket.accept()
    try:
        with nodes.stranger() as known:
            await _Connection(socket, ctx, known).run()
    except TimeoutError:
        log.info("link_silent", source=source_of(socket))
