"""Strangers at the field link: junk, silence and guesses end in time."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets import ConnectionClosed, InvalidStatus
from websockets.asyncio.client import ClientConnection, connect

from field_api.contract.link import CONTRACT_VERSION, HelloFrame
from field_api.core.refusals import Refusals
from field_api.links.nodes.sessions import NodeSessions
from field_api.settings import Settings
from tests.field_api.field import detection
from tests.field_api.post import Post, socket_post
from tests.field_api.test_inbox import link


def link_url(post: Post) -> str:
    return post.base_url.replace("http", "ws", 1) + "/api/v1/link"


async def closed_by_the_post(socket: ClientConnection) -> None:
    """Return once the other end has closed; not in time is a fault."""
    async with asyncio.timeout(30):
        with contextlib.suppress(ConnectionClosed):
            async for _ in socket:
                pass
        await socket.wait_closed()


@pytest.mark.parametrize(
    "junk", ["x" * 4_000_000, "x", "{}", b"\x00" * 100, '{"type":"time","t0_ms":1}'], ids=len
)
async def test_who_sends_junk_first_is_sent_away(live_post: Post, junk: str | bytes) -> None:
    async with connect(link_url(live_post), proxy=None, ping_interval=None) as socket:
        await socket.send(junk)
        await closed_by_the_post(socket)
    assert live_post.services.part(NodeSessions).strangers == 0


async def test_who_says_nothing_is_sent_away(
    live_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_api.links.nodes.socket.HELLO_S", 0.2)
    async with connect(link_url(live_post), proxy=None, ping_interval=None) as socket:
        await closed_by_the_post(socket)


async def test_strangers_do_not_hold_all_connections(
    live_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("field_api.links.nodes.socket.MOST_STRANGERS", 2)
    url = link_url(live_post)
    async with connect(url, proxy=None), connect(url, proxy=None), asyncio.timeout(30):
        with pytest.raises(InvalidStatus):
            await connect(url, proxy=None)


async def test_hellos_of_strangers_do_not_fill_the_trail(live_post: Post) -> None:
    for number in range(20):
        hello = HelloFrame(
            contract_version=CONTRACT_VERSION,
            node_id=f"guess-{number}",
            kind="fleet",
            token="xsn_guess",
            software_version="1",
            boot_id="b",
            outbox_id="o",
        )
        async with connect(link_url(live_post), proxy=None) as socket:
            await socket.send(hello.model_dump_json())
            assert json.loads(await socket.recv())["code"] == "bad_token"
    auditor = await live_post.sign_in("auditor")
    actions = [entry["action"] for entry in (await auditor.get("audit")).json()]
    assert actions.count("node.refused") == 1
    live_post.clock.advance_s(61)
    live_post.services.part(Refusals).write_down()
    newest = (await auditor.get("audit")).json()[0]
    assert newest["action"] == "node.refused_again"
    assert "19" in newest["text_en"]


async def test_a_batch_waits_while_the_database_is_held(settings: Settings, tmp_path: Path) -> None:
    async with socket_post(settings.model_copy(update={"busy_wait_s": 0.2})) as post:
        token = post.enrol("vision-1", "vision")
        client = link(post, token, tmp_path / "outbox.sqlite3")
        running = asyncio.create_task(client.run())
        async with asyncio.timeout(60):
            await client.wait_connected()
            with capture_logs() as lines:
                with post.services.store.housekeep():
                    client.send_durable(detection())
                    while not any(line["event"] == "batch_waits" for line in lines):  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                    assert client.connected
                await client.wait_acknowledged()
            assert client.connected
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        client.close()
