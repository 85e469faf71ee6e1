"""How vision nodes look is set at the desk, and told until the node says that it does so."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from field_api.contract.link import LinkClient
from field_api.contract.messages import (
    Command,
    DetectorReport,
    DetectorRules,
    ModelReference,
    NodeState,
    Wish,
)
from field_api.core.audit.trail import list_entries
from field_api.features.detectors.operations import tell_those_behind
from tests.field_api.post import T0_MS, Post

NODE = "vision-1"
LEFT = {"x": 0, "y": 0, "w": 0.3, "h": 1}
BODY: dict[str, Any] = {
    "seen_version": 0,
    "thresholds": {"smoke": 0.6},
    "ignored": {"XS-U1-cam": [LEFT]},
    "reason": "左侧烟囱",
}


class VisionPeer:
    """A vision node that writes down what it is told, and says what it is made to say."""

    def __init__(self, post: Post, outbox: Path, token: str) -> None:
        self.rules: list[DetectorRules] = []
        self._news = asyncio.Condition()
        url = post.base_url.replace("http", "ws") + "/api/v1/link"
        self._client = LinkClient(
            url, NODE, "vision", token, outbox, "1", self._order,
            on_wish=self._wished, now_ms=post.clock,
        )  # fmt: skip
        self._running = asyncio.create_task(self._client.run())

    async def _order(self, command: Command) -> None:
        raise AssertionError(f"an order came: {command}")

    def _wished(self, wish: Wish) -> None:
        assert isinstance(wish, DetectorRules)
        self.rules.append(wish)
        asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(condition)

    def say(self, version: int) -> None:
        report = DetectorReport(
            rules_version=version,
            model=ModelReference(name="test", sha256="0" * 64),
            thresholds={"smoke": 0.5},
            streams=["XS-U1-cam"],
        )
        self._client.send_latest(NodeState(node_id=NODE, t_ms=T0_MS, version="1", detector=report))

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])
        self._client.close()


@pytest.fixture
async def node(live_post: Post, tmp_path: Path) -> AsyncGenerator[VisionPeer]:
    made = VisionPeer(live_post, tmp_path / "outbox.sqlite3", live_post.enrol(NODE, "vision"))
    yield made
    await made.close()


async def heard(post: Post, version: int) -> None:
    """Wait until the post knows which rules the node follows."""
    duty = await post.sign_in("duty")
    async with asyncio.timeout(20):
        while True:
            (known,) = (one for one in (await duty.get("nodes")).json() if one["node_id"] == NODE)
            if known["detector"] and known["detector"]["rules_version"] == version:
                return
            await asyncio.sleep(0.02)


async def test_a_node_is_told_at_once_and_again_until_it_follows(
    live_post: Post, node: VisionPeer
) -> None:
    duty = await live_post.sign_in("duty")
    node.say(0)
    await heard(live_post, 0)
    answer = await duty.post(f"detectors/{NODE}", json=BODY)
    assert answer.status_code == 200, answer.text
    await node.until(lambda: len(node.rules) == 1)
    told = node.rules[0]
    assert (told.version, told.thresholds, told.model) == (1, {"smoke": 0.6}, None)
    assert told.ignored["XS-U1-cam"][0].w == 0.3
    # It missed that, as a node does that restarts at the wrong moment.
    tell_those_behind(live_post.services)
    await node.until(lambda: len(node.rules) == 2)
    node.say(1)
    await heard(live_post, 1)
    tell_those_behind(live_post.services)
    again = await duty.post(f"detectors/{NODE}", json={**BODY, "seen_version": 1, "model": "own"})
    assert again.status_code == 200
    await node.until(lambda: bool(node.rules) and node.rules[-1].version == 2)
    assert [one.version for one in node.rules] == [1, 1, 2]


async def test_who_set_what_and_why_is_on_record(post: Post) -> None:
    post.enrol(NODE, "vision")
    commander = await post.sign_in("commander")
    await commander.post(f"detectors/{NODE}", json=BODY)
    repeated = await commander.post(f"detectors/{NODE}", json=BODY)
    assert (repeated.status_code, repeated.json()["version"]) == (200, 1)
    with post.services.store.read() as session:
        last = list_entries(session, limit=1)[0]
    assert (last.action, last.actor) == ("detector.tuned", "commander")
    assert "疑似烟雾阈值 60%、忽略区域 1 处" in last.text_zh
    assert "左侧烟囱" in last.text_zh
    assert "threshold of possible smoke 60 %, 1 ignored region" in last.text_en
    (kept,) = (await commander.get("detectors")).json()
    assert (kept["changed_by"], kept["thresholds"]) == ("指挥长", {"smoke": 0.6})


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"ignored": {"cam": [{"x": 0, "y": 0, "w": 0.8, "h": 0.8}]}}, 422, "regions_too_large"),
        ({"ignored": {"cam": [{"x": 0.9, "y": 0, "w": 0.3, "h": 0.1}]}}, 422, "region_outside"),
        ({"ignored": {"cam": [{"x": 0, "y": 0, "w": 0, "h": 0.1}]}}, 422, "region_outside"),
        ({"ignored": {"cam": [LEFT] * 17}}, 422, "invalid"),
        ({"thresholds": {"smoke": 0}}, 422, "invalid"),
        ({"thresholds": {"cattle": 0.5}}, 422, "invalid"),
        ({"model": "../../etc/passwd"}, 422, "invalid"),
        ({"seen_version": 3}, 409, "version_conflict"),
        ({"reason": ""}, 422, "invalid"),
    ],
)
async def test_what_would_blind_a_camera_or_makes_no_sense_is_refused(
    post: Post, change: dict[str, Any], status: int, code: str
) -> None:
    post.enrol(NODE, "vision")
    duty = await post.sign_in("duty")
    answer = await duty.post(f"detectors/{NODE}", json={**BODY, **change})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)
    assert (await duty.get("detectors")).json() == []


async def test_only_a_vision_node_and_only_by_who_answers_for_alerts(post: Post) -> None:
    post.enrol("fleet-1", "fleet")
    duty, pilot = await post.sign_in("duty"), await post.sign_in("pilot")
    for node_id in ("fleet-1", "nobody"):
        answer = await duty.post(f"detectors/{node_id}", json=BODY)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (
            404,
            "unknown_vision_node",
        )
    assert (await pilot.post(f"detectors/{NODE}", json=BODY)).status_code == 403
    assert (await pilot.get("detectors")).status_code == 200
