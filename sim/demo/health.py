"""Waiting for the command post, and for the first drone on its map."""

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from sim.demo.options import DEMO_PASSWORD

__all__ = ["wait_first_drone", "wait_healthy"]


async def wait_healthy(url: str) -> None:
    """Return when the command post answers that it is well; ask until then."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=5) as client:
        while True:
            try:
                if (await client.get("/api/v1/health")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def wait_first_drone(url: str) -> str:
    """Return the id of the first drone that a console would draw; listen until then."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
        answer = await client.post(
            "/api/v1/session", json={"username": "duty", "password": DEMO_PASSWORD}
        )
        answer.raise_for_status()
        token = answer.json()["token"]
    while True:
        try:
            async with connect(
                f"ws{url.removeprefix('http')}/api/v1/live",
                additional_headers={"Authorization": f"Bearer {token}"},
                max_size=None,
                proxy=None,
            ) as live:
                async for frame in live:
                    # A frame holds one message or several, a line each.
                    for line in str(frame).split("\n"):
                        vehicle_id = _drawn(json.loads(line))
                        if vehicle_id:
                            return vehicle_id
        except (OSError, WebSocketException):
            await asyncio.sleep(0.3)


def _drawn(message: dict[str, Any]) -> str | None:
    """Return the id of a vehicle with a position in a live message."""
    told: list[dict[str, Any]] = [message]
    if message.get("type") in {"snapshot", "resumed"}:
        told = message["data"]["values"]
    for value in told:
        state = value.get("data")
        if value.get("type") == "vehicle_state" and state and state.get("lat_deg") is not None:
            return str(state["vehicle_id"])
    return None
