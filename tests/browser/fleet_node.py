"""A fleet node whose aircraft are and do what a test says, on the real field link."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from field_api.contract.ids import new_id
from field_api.contract.link.client import LinkClient
from field_api.contract.messages import (
    BatteryState,
    Command,
    CommandOutcome,
    CommandResult,
    DurableBody,
    GpsState,
    LatestBody,
    LinkState,
    VehicleState,
)

__all__ = ["Answer", "FleetNode", "now_ms"]

Answer = tuple[CommandOutcome, str, str]
"""Outcome, code and text."""

TELL_EVERY_S = 0.4


def now_ms() -> int:
    """UTC milliseconds."""
    return time.time_ns() // 1_000_000


class FleetNode:
    """Runs in a thread of its own: playwright's calls block."""

    def __init__(
        self, port: int, token: str, folder: Path, node_id: str = "fleet-1", kind: str = "fleet"
    ) -> None:
        self.aircraft: dict[str, VehicleState] = {}
        """What is told of each aircraft, over and over."""
        self.orders: list[Command] = []
        self.answers: Callable[[Command], list[Answer]] = lambda _: [
            (CommandOutcome.ACCEPTED, "", ""),
            (CommandOutcome.DONE, "", ""),
        ]
        """What an order gets, one after the other; an empty list leaves it unanswered."""
        self._url = f"ws://127.0.0.1:{port}/api/v1/link"
        self._who = (node_id, kind, token, folder / f"{node_id}.sqlite")
        self._loop = asyncio.new_event_loop()
        self._client: LinkClient | None = None
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60), "the fleet node could not sign in"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def fly(self, vehicle_id: str, **changes: Any) -> None:
        """Set what an aircraft tells of itself; by default it stands in the air, on its sortie."""
        known = self.aircraft.get(vehicle_id)
        base = known or VehicleState(
            vehicle_id=vehicle_id,
            t_ms=now_ms(),
            link=LinkState.LIVE,
            mode="AUTO",
            armed=True,
            phase="air",  # pyright: ignore[reportArgumentType] - read by pydantic
            lat_deg=24.9440,
            lon_deg=102.6150,
            altitude_amsl_m=2400.0,
            altitude_relative_m=184.0,
            altitude_agl_m=61.0,
            heading_deg=90.0,
            velocity_north_ms=0.0,
            velocity_east_ms=8.0,
            battery=BatteryState(voltage_v=22.9, remaining_fraction=0.78),
            gps=GpsState(fix_type=3, satellites=17, hdop=0.7),
            position_ok=True,
            sortie_state="flying",
        )
        self.aircraft[vehicle_id] = VehicleState.model_validate(base.model_dump() | changes)

    def tell(self, message: DurableBody) -> None:
        """Send a durable record."""
        self._loop.call_soon_threadsafe(self._send, message)

    def tell_latest(self, message: LatestBody) -> None:
        """Send a value of which only the newest counts."""
        assert self._client is not None
        self._loop.call_soon_threadsafe(self._client.send_latest, message)

    def _send(self, message: DurableBody) -> None:
        assert self._client is not None
        self._client.send_durable(message)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        client = self._client = LinkClient(self._url, *self._who, "test", self._on_command)
        running = [asyncio.create_task(client.run()), asyncio.create_task(self._talk(client))]
        await client.wait_connected()
        self._ready.set()
        await self._stop.wait()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        client.close()

    async def _talk(self, client: LinkClient) -> None:
        while True:
            for state in list(self.aircraft.values()):
                client.send_latest(state.model_copy(update={"t_ms": now_ms()}))
            await asyncio.sleep(TELL_EVERY_S)

    async def _on_command(self, command: Command) -> None:
        self.orders.append(command)
        for outcome, code, text in self.answers(command):
            self._send(
                CommandResult(
                    id=new_id(),
                    t_ms=now_ms(),
                    command_id=command.id,
                    outcome=outcome,
                    code=code,
                    text=text,
                )
            )
