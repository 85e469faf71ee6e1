"""Durable messages are stored exactly once, whatever the link does."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import func, select

from field_api.app import make_services
from field_api.contract.ids import new_id
from field_api.contract.link import Durable, LinkClient
from field_api.contract.messages import Command, NodeState, SortieState, VehicleEvent
from field_api.core.audit.tables import AuditWords
from field_api.core.audit.trail import verify_chain
from field_api.core.feature import Feature, NodeMessage
from field_api.core.services import Services
from field_api.features.detections.tables import DetectionRecord
from field_api.links.nodes.inbox import store_batch
from field_api.links.nodes.tables import ReceivedMessage
from field_api.settings import Settings
from tests.field_api.field import detection, sortie_event
from tests.field_api.post import T0_MS, Post, socket_post, until

MESSAGES = [
    detection(),
    detection(label="smoke", track_id=2),
    sortie_event("s1", "XS-U1", SortieState.FLYING, T0_MS),
    VehicleEvent(
        id=new_id(),
        t_ms=T0_MS,
        vehicle_id="XS-U1",
        severity="warning",
        code="failsafe",
        text_zh="电量低",
        text_en="battery low",
    ),
]


def counts(services: Services) -> tuple[int, int]:
    with services.store.read() as session:
        return (
            session.exec(select(func.count()).select_from(ReceivedMessage)).one(),
            session.exec(select(func.count()).select_from(DetectionRecord)).one(),
        )


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.integers(0, len(MESSAGES) - 1), max_size=12),
    cuts=st.lists(st.integers(1, 4), max_size=6),
)
def test_any_repetition_and_order_stores_each_message_once(
    seeded: Path, tmp_path: Path, order: list[int], cuts: list[int]
) -> None:
    data_dir = tmp_path / new_id()
    shutil.copytree(seeded, data_dir)
    services = make_services(Settings(data_dir=data_dir), lambda: T0_MS)
    try:
        rest = [Durable(seq, MESSAGES[index]) for seq, index in enumerate(order, 1)]
        while rest:
            size = cuts.pop() if cuts else 3
            batch, rest = rest[:size], rest[size:]
            stored, rejected = store_batch(services, "vision-1", "127.0.0.1", batch)
            # A repeated message is acknowledged again: the node may forget it.
            assert stored == [item.seq for item in batch]
            assert not rejected
        seen = set(order)
        assert counts(services) == (len(seen), len(seen & {0, 1}))
        with services.store.read() as session:
            assert verify_chain(session).intact
            recorded = session.exec(select(AuditWords).where(AuditWords.actor == "node:vision-1"))
            assert len(recorded.all()) == len(seen)
    finally:
        services.close()


def test_a_message_that_a_feature_fails_on_holds_up_no_other(settings: Settings) -> None:
    def fail(_ctx: Services, _change: object, _node_id: str, message: VehicleEvent) -> None:
        raise KeyError(message.code)

    services = make_services(settings, lambda: T0_MS)
    # Asked first, so that every vehicle event is one of those.
    failing = Feature("failing", node_messages=(NodeMessage(VehicleEvent, fail),))
    services.features = (failing, *services.features)
    try:
        batch = [Durable(seq, message) for seq, message in enumerate(MESSAGES, 1)]
        poison = next(item.seq for item in batch if isinstance(item.message, VehicleEvent))
        stored, rejected = store_batch(services, "vision-1", "127.0.0.1", batch)
        assert stored == [item.seq for item in batch if item.seq != poison]
        assert [(item.seq, item.code) for item in rejected] == [(poison, "not_stored")]
        assert counts(services) == (len(MESSAGES) - 1, 2)
    finally:
        services.close()


async def test_a_disk_that_refuses_rejects_nothing(settings: Settings) -> None:
    def full(_ctx: Services, _change: object, _node_id: str, _message: VehicleEvent) -> None:
        raise OSError(28, "No space left on device")

    services = make_services(settings, lambda: T0_MS)
    failing = Feature("failing", node_messages=(NodeMessage(VehicleEvent, full),))
    services.features = (failing, *services.features)
    try:
        with pytest.raises(OSError, match="No space"):
            store_batch(services, "vision-1", "127.0.0.1", [Durable(1, MESSAGES[-1])])
    finally:
        services.close()


async def ignore(_command: Command) -> None:
    raise AssertionError("no order was given")


def link(post: Post, token: str, outbox: Path, node_id: str = "vision-1") -> LinkClient:
    url = post.base_url.replace("http", "ws") + "/api/v1/link"
    return LinkClient(url, node_id, "vision", token, outbox, "1.2.3", ignore)


async def test_a_node_s_records_survive_a_restart_of_the_command_post(
    settings: Settings, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox.sqlite3"
    async with socket_post(settings) as first:
        token = first.enrol("vision-1", "vision")
        incident = await first.open_incident()
        client = link(first, token, outbox)
        running = asyncio.create_task(client.run())
        client.send_durable(MESSAGES[0])
        async with asyncio.timeout(20):
            await client.wait_acknowledged()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert counts(first.services)[0] == 1
        client.close()
    async with socket_post(settings) as second:
        client = link(second, token, outbox)
        client.send_durable(MESSAGES[1])
        running = asyncio.create_task(client.run())
        async with asyncio.timeout(20):
            await client.wait_acknowledged()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        client.close()
        assert counts(second.services) == (2, 2)
        commander = await second.sign_in("commander")
        alerts = (await commander.get(f"detections?incident_id={incident}")).json()
        assert {alert["label"] for alert in alerts} == {"person", "smoke"}
        assert (await commander.get(f"incidents/{incident}")).json()["state"] == "open"


async def test_nodes_are_seen_coming_going_and_saying_how_they_are(
    live_post: Post, tmp_path: Path
) -> None:
    token = live_post.enrol("vision-1", "vision")
    commander = await live_post.sign_in("commander")
    client = link(live_post, token, tmp_path / "outbox.sqlite3")
    running = asyncio.create_task(client.run())
    client.send_latest(NodeState(node_id="vision-1", t_ms=T0_MS, version="1.2.3", text="2 streams"))
    node = (await until(commander, "nodes", lambda nodes: bool(nodes[0]["text"])))[0]
    assert (node["connected"], node["software_version"], node["text"]) == (
        True,
        "1.2.3",
        "2 streams",
    )
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await until(commander, "nodes", lambda nodes: not nodes[0]["connected"])
    client.close()


async def test_a_wrong_token_is_refused_and_audited(live_post: Post, tmp_path: Path) -> None:
    live_post.enrol("vision-1", "vision")
    client = link(live_post, "xsn_wrong", tmp_path / "outbox.sqlite3")
    running = asyncio.create_task(client.run())
    auditor = await live_post.sign_in("auditor")
    await until(
        auditor,
        "audit?limit=5",
        lambda trail: any(entry["action"] == "node.refused" for entry in trail),
    )
    assert not client.connected
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    client.close()
