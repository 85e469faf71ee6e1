"""A network between two machines that loses, repeats and reorders what it carries."""

import heapq
import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message
from tests.fleet.wire import VEHICLE, Side

__all__ = ["Channel", "Machine", "Vehicle", "play"]

STEP_S = 0.05

E = TypeVar("E", covariant=True)


class Machine(Protocol[E]):
    """What is tested: one of our sans-I/O machines."""

    def receive(self, message: Message, now_s: float) -> tuple[list[Message], Sequence[E]]: ...

    def poll(self, now_s: float) -> tuple[list[Message], Sequence[E]]: ...


class Vehicle(Protocol):
    """Whom it talks to."""

    def receive(self, message: Message, now_s: float) -> list[Message]: ...

    def poll(self, now_s: float) -> list[Message]: ...


class Channel:
    """One direction; messages travel as bytes."""

    def __init__(self, side: Side, rng: random.Random, loss: float) -> None:
        self._side = side
        self._rng = rng
        self._loss = loss
        self._under_way: list[tuple[float, int, Message]] = []
        self._number = 0

    def send(self, messages: Sequence[Message], now_s: float) -> None:
        rng = self._rng
        for message in messages:
            for _ in range(2 if rng.random() < 0.1 else 1):
                if rng.random() < self._loss:
                    continue
                self._number += 1
                # Most are quick, some are late enough to arrive after those sent a second later.
                delay_s = rng.uniform(0.0, 0.1) if rng.random() < 0.9 else rng.uniform(0.0, 1.5)
                parsed = self._side.says(message)
                heapq.heappush(self._under_way, (now_s + delay_s, self._number, parsed))

    def arrived(self, now_s: float) -> list[Message]:
        out: list[Message] = []
        while self._under_way and self._under_way[0][0] <= now_s:
            out.append(heapq.heappop(self._under_way)[2])
        return out


def play(
    machine: Machine[E],
    vehicle: Vehicle,
    rng: random.Random,
    loss: float,
    start_s: float = 0.0,
    longest_s: float = 3_600.0,
    watch: Callable[[Message], None] = lambda message: None,
) -> tuple[E | None, float]:
    """Run a machine against a vehicle; return how it ended and when, None if it never did."""
    up = Channel(Side(GCS_SYSTEM, GCS_COMPONENT), rng, loss)
    down = Channel(Side(VEHICLE), rng, loss)
    now_s = start_s
    while now_s < start_s + longest_s:
        events: list[E] = []
        out, ended = machine.poll(now_s)
        up.send(out, now_s)
        events += ended
        down.send(vehicle.poll(now_s), now_s)
        for message in up.arrived(now_s):
            watch(message)
            down.send(vehicle.receive(message, now_s), now_s)
        for message in down.arrived(now_s):
            out, ended = machine.receive(message, now_s)
            up.send(out, now_s)
            events += ended
        if events:
            return events[0], now_s
        now_s += STEP_S
    return None, now_s
