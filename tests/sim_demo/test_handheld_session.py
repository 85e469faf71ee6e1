"""A simulated handheld against a small command post that loses answers and goes down."""

import asyncio
import json
import random
from hashlib import sha256

import httpx
import pytest

from field_api.contract.ids import new_id
from mission_plans.values.plan import GeoPoint
from sim.handheld import Handheld
from sim.handheld_session import HandheldSession
from sim.photo import take_photo

NEXT = {
    "sent": {"acknowledged"},
    "acknowledged": {"en_route"},
    "en_route": {"on_scene"},
    "on_scene": {"done"},
}


class CommandPost:
    """Answers like the API; `trouble` decides per request: fine, refused socket, or lost answer."""

    def __init__(self, seed: int | None = None) -> None:
        self.random = random.Random(seed) if seed is not None else None
        self.token = "t0"
        self.sign_ins = 0
        self.media: dict[str, bytes] = {}
        self.steps: dict[str, dict[str, object]] = {}
        self.reports: dict[str, dict[str, object]] = {}
        self.positions: list[dict[str, float]] = []
        self.task: dict[str, object] = {
            "id": new_id(),
            "terminal_id": "HT-11",
            "lat_deg": 24.9441,
            "lon_deg": 102.6154,
            "state": "sent",
            "created_ms": 1,
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        fate = self.random.random() if self.random else 1.0
        if fate < 0.15:
            raise httpx.ConnectError("down", request=request)
        if fate < 0.2:
            return httpx.Response(503)
        response = self._serve(request)
        if fate < 0.4:
            raise httpx.ReadTimeout("the answer was lost", request=request)
        if fate < 0.45:
            self.token = new_id()
        return response

    def _serve(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/session":
            self.sign_ins += 1
            body = json.loads(request.content)
            assert body == {"username": "ht-11", "password": "demo"}
            return httpx.Response(200, json={"token": self.token})
        if request.headers["Authorization"] != f"Bearer {self.token}":
            return httpx.Response(401)
        if path == "/terminals/HT-11/position":
            self.positions.append(json.loads(request.content))
            return httpx.Response(204)
        if path == "/tasks":
            task = {**self.task, "reports": [{"id": key} for key in self.reports]}
            return httpx.Response(200, json=[task])
        if path.startswith("/media/"):
            assert sha256(request.content).hexdigest() == path.removeprefix("/media/")
            self.media[path.removeprefix("/media/")] = request.content
            return httpx.Response(201)
        body = json.loads(request.content)
        known = self.steps if path.endswith("/transitions") else self.reports
        if body["id"] in known:
            return httpx.Response(200 if known[body["id"]] == body else 409)
        if path.endswith("/transitions"):
            if body["to"] not in NEXT.get(str(self.task["state"]), set()):
                return httpx.Response(409)
            self.task["state"] = body["to"]
        else:
            assert set(body["media"]) <= set(self.media)
        known[body["id"]] = body
        return httpx.Response(201)


async def play(post: CommandPost, acts: bool = True, seconds: int = 2_000) -> None:
    """Run a handheld on a clock of its own until its task is done or `seconds` have passed."""
    now_ms = 1_742_016_600_000
    end_ms = now_ms + seconds * 1_000

    async def pause(seconds: float) -> None:
        nonlocal now_ms
        now_ms += round(seconds * 1_000)
        if post.task["state"] == "done" or now_ms > end_ms:
            raise asyncio.CancelledError

    holder = Handheld("HT-11", GeoPoint(lat_deg=24.9443, lon_deg=102.6152), "ok", take_photo)
    transport = httpx.MockTransport(post.answer)
    async with httpx.AsyncClient(base_url="http://post", transport=transport) as client:
        session = HandheldSession(
            holder, client, "demo", acts=acts, now_ms=lambda: now_ms, pause=pause
        )
        with pytest.raises(asyncio.CancelledError):
            await session.run()


async def test_a_task_is_done_over_the_api() -> None:
    post = CommandPost()
    await play(post)
    assert post.task["state"] == "done"
    assert post.sign_ins == 1
    assert len(post.steps) == 4
    ((_, report),) = post.reports.items()
    (photo,) = report["media"] if isinstance(report["media"], list) else []
    assert post.media[photo][:3] == b"\xff\xd8\xff"
    assert abs(post.positions[-1]["lat_deg"] - 24.9441) < 1e-4


@pytest.mark.parametrize("seed", range(12))
async def test_outages_and_lost_answers_never_double_a_step(seed: int) -> None:
    post = CommandPost(seed)
    await play(post)
    assert post.task["state"] == "done"
    assert [step["to"] for step in post.steps.values()] == [
        "acknowledged",
        "en_route",
        "on_scene",
        "done",
    ]
    assert len(post.reports) == 1


async def test_a_terminal_left_to_a_person_only_reports_where_it_is() -> None:
    post = CommandPost()
    await play(post, acts=False, seconds=30)
    assert post.task["state"] == "sent"
    assert not post.steps
    assert len(post.positions) >= 30
