"""Parameters at the command post: what aircraft told, orders, kept sets, differences, the trail."""

from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.contract.link import Durable
from field_api.contract.messages import (
    ParameterChange,
    ParameterMark,
    ParameterReport,
    ParametersChanged,
    ParameterTold,
    SetParameters,
)
from field_api.core.audit.tables import AuditWords
from field_api.features.flights.tables import CommandRecord
from field_api.links.nodes.inbox import store_batch
from mission_plans.formats.parameter_file import read_parameters
from tests.field_api.post import T0_MS, Post

VALUES = {"RTL_ALT": 1500.0, "WPNAV_SPEED": 500.0, "ATC_RAT_YAW_I": 0.019999999552965164}


def report(values: dict[str, float] = VALUES, **changes: Any) -> ParameterReport:
    told = [ParameterTold(name=n, value=v, kind=9) for n, v in values.items()]
    mark = ParameterMark(begins="RTL_ALT", text_zh="返航高度", text_en="return altitude")
    fields: dict[str, Any] = {
        "id": new_id(),
        "t_ms": T0_MS,
        "vehicle_id": "XS-U1",
        "read_ms": T0_MS,
    }
    return ParameterReport.model_validate({**fields, "values": told, "marks": [mark], **changes})


def store(post: Post, message: ParameterReport | ParametersChanged) -> None:
    stored, rejected = store_batch(post.services, "fleet-1", "test", [Durable(1, message)])
    assert (stored, rejected) == ([1], [])


def here(post: Post) -> None:
    """Let the aircraft's node be connected."""
    post.services.presence.joined("fleet-1", "fleet", "test", T0_MS)
    post.services.presence.heard_vehicle("fleet-1", "XS-U1")


async def values(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("vehicles/XS-U1/parameters")
    assert answer.status_code == 200, answer.text
    return {v["name"]: v["value"] for v in answer.json()["values"]}


async def test_the_newest_set_is_kept_and_parts_of_it_replaced(post: Post) -> None:
    pilot = await post.sign_in("pilot")
    unread = await pilot.get("vehicles/XS-U1/parameters")
    assert (unread.status_code, unread.json()["detail"]["code"]) == (404, "parameters_unread")
    store(post, report({"RTL_ALT": 1.0}, partial=True))  # Of nothing known: not a set.
    assert (await pilot.get("vehicles/XS-U1/parameters")).status_code == 404
    store(post, report(missing=2, hardware="aa"))
    store(post, report({"RTL_ALT": 2000.0}, partial=True, t_ms=T0_MS + 5, read_ms=T0_MS + 5))
    shown = (await pilot.get("vehicles/XS-U1/parameters")).json()
    assert (shown["count"], shown["missing"], shown["hardware"]) == (3, 2, "aa")
    assert (shown["read_ms"], shown["changed_ms"]) == (T0_MS, T0_MS + 5)
    assert shown["marks"][0]["begins"] == "RTL_ALT"
    assert await values(pilot) == VALUES | {"RTL_ALT": 2000.0}
    store(post, report({"OLD": 1.0}, read_ms=T0_MS - 1))
    assert await values(pilot) == VALUES | {"RTL_ALT": 2000.0}


async def test_an_order_carries_its_values_and_is_for_pilots_only(post: Post) -> None:
    here(post)
    wish = {"name": "WPNAV_SPEED", "value": 600, "was": 500}
    body = {"id": new_id(), "values": [wish]}
    for name in ("commander", "duty", "auditor", "admin"):
        denied = await (await post.sign_in(name)).post("vehicles/XS-U1/parameters/set", json=body)
        assert denied.status_code == 403
    pilot = await post.sign_in("pilot")
    bare = {**body, "in_flight": True, "reason": "wind"}
    refused = await pilot.post("vehicles/XS-U1/parameters/set", json=bare)
    assert refused.json()["detail"]["code"] == "parameter_reason_needed"
    for _ in range(2):
        taken = await pilot.post("vehicles/XS-U1/parameters/set", json=body)
        assert taken.status_code in (200, 202), taken.text
    with post.services.store.read() as session:
        (row,) = session.exec(select(CommandRecord)).all()
    assert row.order is not None
    order = row.order.body
    assert isinstance(order, SetParameters)
    assert [(w.name, w.value, w.was) for w in order.values] == [("WPNAV_SPEED", 600, 500)]
    fetch = await pilot.post(
        "vehicles/XS-U1/parameters/fetch", json={"id": new_id(), "again": True}
    )
    assert fetch.json()["action"] == "fetch_parameters"


async def test_every_change_is_on_the_trail_with_both_values_and_its_author(post: Post) -> None:
    pilot = await post.sign_in("pilot")
    store(post, report())
    change = ParametersChanged(
        id=new_id(), t_ms=T0_MS + 9, vehicle_id="XS-U1", command_id=new_id(), author="pilot",
        reason="更快到达", changes=[ParameterChange(name="WPNAV_SPEED", kind=9, old=500, new=600)],
    )  # fmt: skip
    store(post, change)
    assert (await values(pilot))["WPNAV_SPEED"] == 600
    with post.services.store.read() as session:
        words = session.exec(
            select(AuditWords.text_en).where(col(AuditWords.text_en).contains("→"))
        ).all()
    assert words == ["XS-U1 WPNAV_SPEED: 500 → 600. 更快到达"]
    lines = (await (await post.sign_in("auditor")).get("audit")).json()
    (line,) = [each for each in lines if each["action"] == "parameter.changed"]
    assert line["actor_name"]


async def test_sets_are_kept_compared_and_given_as_files(post: Post) -> None:
    pilot = await post.sign_in("pilot")
    store(post, report(missing=1))
    body = {"id": new_id(), "name": "出厂"}
    refused = await pilot.post("vehicles/XS-U1/parameter-sets", json=body)
    assert refused.json()["detail"]["code"] == "parameters_incomplete"
    store(post, report())
    for status in (201, 200):
        kept = await pilot.post("vehicles/XS-U1/parameter-sets", json=body)
        assert kept.status_code == status, kept.text
    assert kept.json()["count"] == 3
    text = "# QGC\n1\t1\tRTL_ALT\t3000\t4\nATC_RAT_YAW_I,0.02\nFENCE_ENABLE 1\n"
    loaded = await pilot.post(
        "vehicles/XS-U1/parameter-files", json={"id": new_id(), "name": "file", "text": text}
    )
    assert loaded.status_code == 201, loaded.text
    ask = {"set_id": loaded.json()["id"]}
    found = (await pilot.get("vehicles/XS-U1/parameters/differences", params=ask)).json()
    assert found == [
        {"name": "FENCE_ENABLE", "here": None, "there": 1.0},
        {"name": "RTL_ALT", "here": 1500.0, "there": 3000.0},
        {"name": "WPNAV_SPEED", "here": 500.0, "there": None},
    ]
    listed = (await pilot.get("parameter-sets", params={"vehicle_id": "XS-U1"})).json()
    assert {each["name"]: each["from_file"] for each in listed} == {"file": True, "出厂": False}
    for address in ("vehicles/XS-U1/parameters/file", f"parameter-sets/{body['id']}/file"):
        file = await pilot.get(address)
        assert file.headers["content-disposition"].endswith('.parm"')
        assert read_parameters(file.content) == VALUES


@pytest.mark.parametrize(
    ("text", "says"), [("RTL_ALT many", "line 1"), ("# nothing", "no line"), ("A 1\nA 2", "line 2")]
)
async def test_a_file_that_can_not_be_used_says_why(post: Post, text: str, says: str) -> None:
    pilot = await post.sign_in("pilot")
    body = {"id": new_id(), "name": "x", "text": text}
    answer = await pilot.post("vehicles/XS-U1/parameter-files", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]["text_en"]
