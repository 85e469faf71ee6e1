"""The event tail: browsers resume, orders survive a crash, documents and approvals stand beside."""

import asyncio
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from field_api.contract.ids import new_id
from field_api.contract.link import LinkClient
from field_api.contract.messages import Command, CommandOutcome, CommandResult, LandVehicle
from field_api.core.documents import pdf
from field_api.features.flights.orders import send_order
from field_api.settings import Settings
from tests.field_api.post import (
    CHECKLIST,
    OPERATOR,
    SMOKE,
    Post,
    incident_body,
    messages_of,
    plan_body,
    socket_post,
    until,
)


async def live_messages(post: Post, username: str, after: int | None, count: int) -> list[Any]:
    """Return the first messages of the live socket."""
    query = "" if after is None else f"?after={after}"
    url = post.base_url.replace("http", "ws") + f"/api/v1/live{query}"
    headers = {"Authorization": f"Bearer {await post.token(username)}"}
    async with connect(url, additional_headers=headers) as socket, asyncio.timeout(10):
        messages = messages_of(socket)
        return [await anext(messages) for _ in range(count)]


async def test_a_browser_resumes_with_exactly_what_it_missed(live_post: Post) -> None:
    await live_post.open_incident()
    first = (await live_messages(live_post, "commander", None, 1))[0]
    assert first["type"] == "snapshot"
    missed = [incident_body(title=f"第 {n} 起") for n in range(3)]
    duty = await live_post.sign_in("duty")
    for body in missed:
        await duty.post("incidents", json=body)
    # Of each: the record, the entry in the timeline, the count of people.
    resumed, *events = await live_messages(live_post, "commander", first["seq"], 10)
    assert resumed["type"] == "resumed"
    assert [e["id"] for e in events if e["type"] == "incident"] == [b["id"] for b in missed]
    seqs = [e["seq"] for e in events]
    assert seqs == list(range(first["seq"] + 1, first["seq"] + 10))
    assert resumed["seq"] == seqs[-1]


async def test_a_number_that_is_not_understood_gets_a_fresh_picture(live_post: Post) -> None:
    await live_post.open_incident()
    for after in (10**9, -1):
        url = f"?after={after}"
        headers = {"Authorization": f"Bearer {await live_post.token('commander')}"}
        address = live_post.base_url.replace("http", "ws") + f"/api/v1/live{url}"
        async with connect(address, additional_headers=headers) as socket, asyncio.timeout(10):
            assert (await anext(messages_of(socket)))["type"] == "snapshot"


class Fleet:
    """A fleet node that answers every order as done."""

    def __init__(self, post: Post, token: str, outbox: Path) -> None:
        url = post.base_url.replace("http", "ws") + "/api/v1/link"
        self.orders: asyncio.Queue[Command] = asyncio.Queue()
        self.link = LinkClient(url, "fleet-1", "fleet", token, outbox, "1", self._take)
        self._running = asyncio.create_task(self.link.run())

    async def _take(self, command: Command) -> None:
        await self.orders.put(command)
        self.link.send_durable(
            CommandResult(
                id=new_id(),
                t_ms=command.issued_ms,
                command_id=command.id,
                outcome=CommandOutcome.DONE,
            )
        )

    async def stop(self) -> None:
        """End the connection."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.link.close()


async def test_an_order_survives_a_crash_between_commit_and_send(
    settings: Settings, tmp_path: Path
) -> None:
    async with socket_post(settings) as first:
        token = first.enrol("fleet-1", "fleet")
        # Committed while the node is away, as if the server died before it could send.
        orders: list[str] = []
        for vehicle in ("XS-U1", "XS-U2", "XS-U1"):
            with first.services.store.change(OPERATOR) as change:
                row = send_order(
                    first.services,
                    change,
                    LandVehicle(vehicle_id=vehicle),
                    node_id="fleet-1",
                    author="pilot",
                )
                orders.append(row.id)
                change.record("node.connected", row.id, node="fleet-1")
    async with socket_post(settings) as second:
        fleet = Fleet(second, token, tmp_path / "outbox")
        async with asyncio.timeout(20):
            got = [(await fleet.orders.get()).id for _ in orders]
        assert got == orders
        pilot = await second.sign_in("pilot")
        for order in orders:
            await until(pilot, f"commands/{order}", lambda seen: seen["state"] == "done")
        await fleet.stop()
        assert fleet.orders.empty()


async def test_an_expired_order_is_not_sent_late(settings: Settings, tmp_path: Path) -> None:
    async with socket_post(settings) as post:
        token = post.enrol("fleet-1", "fleet")
        with post.services.store.change(OPERATOR) as change:
            old = send_order(
                post.services,
                change,
                LandVehicle(vehicle_id="XS-U1"),
                node_id="fleet-1",
                author="pilot",
            )
            change.record("node.connected", old.id, node="fleet-1")
        post.clock.advance_s(31)
        fleet = Fleet(post, token, tmp_path / "outbox")
        pilot = await post.sign_in("pilot")
        await until(pilot, "nodes", lambda nodes: nodes[0]["connected"])
        body = {"id": new_id(), "action": "land"}
        assert (await pilot.post("vehicles/XS-U2/commands", json=body)).status_code == 202
        async with asyncio.timeout(20):
            assert (await fleet.orders.get()).id == body["id"]
        assert fleet.orders.empty()
        await fleet.stop()


async def test_what_was_handed_in_stays_whatever_becomes_of_template_and_plan(
    post: Post, monkeypatch: Any
) -> None:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    plan = (await pilot.post(f"incidents/{incident}/plans", json=plan_body())).json()
    body = {"id": new_id()}
    made = (await pilot.post(f"plans/{plan['id']}/applications", json=body)).json()
    assert made["document_sha256"] is None
    handed = (await pilot.post(f"applications/{body['id']}/submit")).json()
    url = f"applications/{body['id']}/application.pdf"
    before = (await pilot.get(url)).content
    assert before.startswith(b"%PDF")

    def newer(*_: Any) -> bytes:
        raise AssertionError("an issued document is never set again")

    monkeypatch.setattr(pdf, "render_pdf", newer)
    monkeypatch.setattr("field_api.features.applications.routes.render_pdf", newer)
    duty = await post.sign_in("duty")
    answered = await duty.post(
        f"applications/{body['id']}/answer", json={"approved": True, "approval_id": "AP-7"}
    )
    assert answered.status_code == 200, answered.text
    assert (await pilot.get(url)).content == before
    assert answered.json()["document_sha256"] == handed["document_sha256"]
    with post.services.store.read() as session:
        from field_api.features.plans.tables import PlanRecord

        stored = session.get_one(PlanRecord, plan["id"])
    assert stored.plan.model_dump(mode="json")["checks"] == plan["plan"]["checks"]
    seen = (await pilot.get(f"plans/{plan['id']}")).json()
    assert [a["approval_id"] for a in seen["approvals"]] == ["AP-7"]
    assert seen["flyable"]
    assert seen["revision"] == plan["revision"] + 1
    allowed = {"checklist": CHECKLIST, "revision": seen["revision"]}
    assert (await pilot.post(f"plans/{plan['id']}/authorise", json=allowed)).status_code == 200


async def test_lists_page_and_timelines_come_newest_first(post: Post) -> None:
    duty = await post.sign_in("duty")
    for number in range(5):
        await duty.post("incidents", json=incident_body(title=str(number)))
        post.clock.advance_s(1)
    first = (await duty.get("incidents", params={"limit": 2})).json()
    second = (await duty.get("incidents", params={"limit": 2, "before": first[-1]["id"]})).json()
    third = (await duty.get("incidents", params={"limit": 2, "before": second[-1]["id"]})).json()
    assert [i["title"] for i in first + second + third] == ["4", "3", "2", "1", "0"]
    incident = first[0]["id"]
    task = {
        "id": new_id(),
        "incident_id": incident,
        "terminal_id": "HT-05",
        "title": "x",
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
    }
    await duty.post("tasks", json=task)
    newest = (await duty.get(f"incidents/{incident}/timeline", params={"limit": 1})).json()
    assert [line["action"] for line in newest] == ["task.sent"]
    older = (
        await duty.get(f"incidents/{incident}/timeline", params={"before_seq": newest[0]["seq"]})
    ).json()
    assert [line["action"] for line in older] == ["incident.opened"]


async def test_a_text_that_not_every_database_can_hold_is_kept_and_shown(post: Post) -> None:
    incident = await post.open_incident(title="smoke\0 west", text="\0")
    duty = await post.sign_in("duty")
    seen = (await duty.get(f"incidents/{incident}")).json()
    assert seen["title"] in ("smoke\0 west", "smoke\N{REPLACEMENT CHARACTER} west")
    again = await duty.post("incidents", json=incident_body(id=incident, title="another"))
    assert again.status_code == 409
