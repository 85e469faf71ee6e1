"""A network between handheld and command post that loses, doubles, delays and reorders requests.

What happens to a request is decided without I/O (`steps_of`); the proxy carries the steps out on
TCP, one request per connection, in a thread of its own.
"""

import asyncio
import contextlib
import threading
from collections import deque
from enum import StrEnum

__all__ = ["Fault", "FaultProxy", "Step", "steps_of"]


class Fault(StrEnum):
    """What the network does to a request."""

    NONE = "none"
    LOST = "lost"
    """It never arrives."""
    HALF = "half"
    """Some of it arrives, then the line is dead."""
    ANSWER_LOST = "answer lost"
    """It arrives, and nobody is told."""
    TWICE = "twice"
    TWICE_LOST = "twice, answers lost"
    LATE = "late"
    """The sender gives up, and it arrives after what is sent next."""
    STUCK = "stuck"
    """It arrives, and the answer stands in the network until the line is cut."""


class Step(StrEnum):
    """What the proxy does, in order."""

    FORWARD = "forward"
    FORWARD_HALF = "forward half"
    HOLD = "hold"
    ANSWER = "answer"
    WAIT = "wait"
    CUT = "cut"


_STEPS: dict[Fault, tuple[Step, ...]] = {
    Fault.NONE: (Step.FORWARD, Step.ANSWER),
    Fault.LOST: (Step.CUT,),
    Fault.HALF: (Step.FORWARD_HALF, Step.CUT),
    Fault.ANSWER_LOST: (Step.FORWARD, Step.CUT),
    Fault.TWICE: (Step.FORWARD, Step.FORWARD, Step.ANSWER),
    Fault.TWICE_LOST: (Step.FORWARD, Step.FORWARD, Step.CUT),
    Fault.LATE: (Step.HOLD, Step.CUT),
    Fault.STUCK: (Step.FORWARD, Step.WAIT, Step.CUT),
}


def steps_of(fault: Fault) -> tuple[Step, ...]:
    """Return what is done with a request that meets a fault."""
    return _STEPS[fault]


class FaultProxy:
    """Listens on a port and forwards to another. Its methods are called from the test's thread."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._planned: deque[Fault] = deque()
        self._held: list[bytes] = []
        self.stuck = threading.Event()
        """Set once a request is stuck."""
        self._cut = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.port = 0

        async def listen() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()

        self._loop.create_task(listen())
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the proxy did not start")

    def plan(self, *faults: Fault) -> None:
        """Let the next requests meet these faults; those after them meet none."""
        self._planned = deque(faults)

    def cut_stuck(self) -> None:
        """Cut the lines on which something is stuck."""
        self._loop.call_soon_threadsafe(self._cut.set)

    def deliver_held(self) -> int:
        """Deliver late requests, newest first; return how many. Nobody hears the answers."""
        held, self._held = self._held[::-1], []
        for request in held:
            done = asyncio.run_coroutine_threadsafe(self._forward(request), self._loop)
            with contextlib.suppress(OSError):
                done.result(20)
        return len(held)

    def close(self) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # --- on the proxy's loop ----------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await self._read(reader)
            fault = self._planned.popleft() if self._planned else Fault.NONE
            answer = b""
            for step in steps_of(fault):
                if step is Step.FORWARD:
                    answer = await self._forward(request)
                elif step is Step.FORWARD_HALF:
                    await self._forward(request[: len(request) * 2 // 3], whole=False)
                elif step is Step.HOLD:
                    self._held.append(request)
                elif step is Step.ANSWER:
                    writer.write(answer)
                    await writer.drain()
                elif step is Step.WAIT:
                    self._cut.clear()
                    self.stuck.set()
                    await self._cut.wait()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0
        return head + await reader.readexactly(length)

    async def _forward(self, request: bytes, *, whole: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        try:
            writer.write(request)
            await writer.drain()
            # Clients ask for one request per connection, so the answer ends with it.
            return await reader.read(-1) if whole else b""
        finally:
            writer.close()
