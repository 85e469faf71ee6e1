"""A fleet node as the command post sees one: its answers are the test's."""

import asyncio
from pathlib import Path

import httpx

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    Command,
    CommandOutcome,
    CommandResult,
    UploadSortie,
    VehicleState,
)
from tests.field_api.post import Post, until

__all__ = ["FleetNode"]


class FleetNode:
    """A fleet node that answers every order as it is told to."""

    def __init__(self, post: Post, token: str, outbox: Path, outcome: CommandOutcome) -> None:
        self.orders: asyncio.Queue[Command] = asyncio.Queue()
        self._post = post
        self._outcome = outcome
        self.client = LinkClient(
            post.base_url.replace("http", "ws") + "/api/v1/link",
            "fleet-1",
            "fleet",
            token,
            outbox,
            "1.0",
            self._carry_out,
            now_ms=post.clock,
        )
        self._running = asyncio.create_task(self.client.run())

    async def _carry_out(self, command: Command) -> None:
        self.client.send_durable(
            CommandResult(
                id=new_id(),
                t_ms=self._post.clock(),
                command_id=command.id,
                outcome=self._outcome,
                text="answer",
            )
        )
        await self.orders.put(command)

    async def ready(self, http: httpx.AsyncClient) -> None:
        """Wait until the command post knows it."""
        await until(http, "nodes", lambda nodes: any(n["connected"] for n in nodes))

    async def order(self) -> Command:
        """Return the next order."""
        async with asyncio.timeout(20):
            return await self.orders.get()

    async def uploads_done(self, count: int = 2) -> None:
        """Say of the next orders, which are uploads, that they were read back."""
        for _ in range(count):
            upload = await self.order()
            assert isinstance(upload.body, UploadSortie)
            self.client.send_durable(
                CommandResult(
                    id=new_id(),
                    t_ms=self._post.clock(),
                    command_id=upload.id,
                    outcome=CommandOutcome.DONE,
                )
            )

    def fly(self, vehicle_id: str, **seen: object) -> None:
        """Tell the state of an aircraft."""
        state = {"vehicle_id": vehicle_id, "t_ms": self._post.clock(), "link": "live", **seen}
        self.client.send_latest(VehicleState.model_validate(state))

    async def stop(self) -> None:
        """Leave."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.client.close()
