"""A command post for the tests: the field link's server end and the video publish socket."""

import asyncio
import json
import time
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from field_api.contract.link import Durable, Latest, LinkServer, SignInRequested
from field_api.contract.messages import Detection, FrameBoxes, NodeState, StreamState, Wish


class PostPeer:
    """Listens on a free port; keeps what nodes say."""

    def __init__(self) -> None:
        self.detections: dict[str, Detection] = {}
        self.boxes: list[FrameBoxes] = []
        self.states: list[StreamState] = []
        self.nodes: list[NodeState] = []
        self.wishes: list[Wish] = []
        """What is to be wished of whoever is connected, when it says something next."""
        self.formats: list[dict[str, object]] = []
        self.packets: list[bytes] = []
        self.tokens: set[str] = set()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> "PostPeer":
        self._server = await serve(self._connection, "127.0.0.1", 0, max_size=8_000_000)
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def until(self, condition: Callable[[], bool], timeout_s: float = 20) -> None:
        """Wait until something said makes a condition true."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(condition)

    async def _connection(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        try:
            if socket.request.path.endswith("/publish"):
                self.tokens.add(socket.request.headers["Authorization"])
                await self._video(socket)
            else:
                await self._link(socket)
        except ConnectionClosed:
            return

    async def _video(self, socket: ServerConnection) -> None:
        self.formats.append(json.loads(await socket.recv()))
        async for packet in socket:
            assert isinstance(packet, bytes)
            async with self._changed:
                self.packets.append(packet)
                self._changed.notify_all()

    async def _link(self, socket: ServerConnection) -> None:
        link = LinkServer("test")
        async for text in socket:
            assert isinstance(text, str)
            now_ms = time.time_ns() // 1_000_000
            for event in link.receive(text, now_ms):
                if isinstance(event, SignInRequested):
                    link.welcome(now_ms)
                elif isinstance(event, Latest):
                    if isinstance(event.message, FrameBoxes):
                        self.boxes.append(event.message)
                    elif isinstance(event.message, StreamState):
                        self.states.append(event.message)
                    elif isinstance(event.message, NodeState):
                        self.nodes.append(event.message)
                elif isinstance(event, Durable):
                    if isinstance(event.message, Detection):
                        self.detections[event.message.id] = event.message
                    link.acknowledge([event.seq])
            while self.wishes and self.nodes:
                link.send_wish(self.wishes.pop(0))
            for frame in link.frames():
                await socket.send(frame)
            async with self._changed:
                self._changed.notify_all()
