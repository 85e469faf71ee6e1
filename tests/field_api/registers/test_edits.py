"""Two people edit one entry without knowing of each other: columns merge, no value is lost."""

from typing import Any

import httpx

from field_api.contract.ids import new_id
from tests.field_api.post import T0_MS, Post
from tests.field_api.registers.conftest import bound_to
from tests.field_api.test_sync import item, pull, push

URL = "registers/enterprises"
HERE, THERE = "530112001", "530112002"
ENTRY = {
    "name": "示例商贸(虚构)",
    "industry": "零售",
    "contact": "甲",
    "phone": "0871-1",
    "place": {"lat_deg": 24.94, "lon_deg": 102.61},
    "area": HERE,
}


async def made(post: Post, **more: Any) -> dict[str, Any]:
    answer = await (await post.sign_in("duty")).post(URL, json={**ENTRY, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def edit(entry: dict[str, Any], **now: Any) -> dict[str, Any]:
    was = {name: entry.get(name) for name in now}
    body = {"id": new_id(), "register_name": "enterprises", "t_ms": T0_MS, "was": was, "now": now}
    return item("register.edit", entry["id"], body)


async def seen(client: httpx.AsyncClient, entry: dict[str, Any]) -> dict[str, Any]:
    return (await client.get(f"{URL}/{entry['id']}")).json()


async def conflicts(client: httpx.AsyncClient, entry: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"{URL}/{entry['id']}/conflicts")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_columns_of_two_people_come_together(post: Post) -> None:
    entry = await made(post)
    duty, inspector = await post.sign_in("duty"), await post.sign_in("ht-05")
    first, second = edit(entry, contact="乙"), edit(entry, phone="0871-2", place=None)
    assert (await push(duty, first))[0]["status"] == "applied"
    assert (await push(inspector, second))[0]["status"] == "applied"
    after = await seen(duty, entry)
    assert (after["contact"], after["phone"], after["place"]) == ("乙", "0871-2", None)
    assert after["version"] == 3
    assert await conflicts(duty, entry) == []
    assert [a["status"] for a in await push(inspector, second)] == ["repeated"]
    assert (await seen(duty, entry))["version"] == 3


async def test_the_same_column_twice_keeps_both_values_until_somebody_decides(post: Post) -> None:
    entry = await made(post)
    duty, inspector = await post.sign_in("duty"), await post.sign_in("ht-05")
    _, cursor = await pull(inspector)
    elsewhere = {"lat_deg": 24.95, "lon_deg": 102.61}
    await push(duty, edit(entry, contact="乙", place=elsewhere))
    late = edit(entry, contact="丙", phone="0871-2", place={"lat_deg": 24.94, "lon_deg": 102.7})
    answer = (await push(inspector, late))[0]
    assert answer["status"] == "applied"
    record = answer["record"]["data"]
    assert (record["contact"], record["phone"], record["place"]) == ("乙", "0871-2", elsewhere)
    open_ones = {c["column"]: c for c in await conflicts(duty, entry)}
    assert open_ones.keys() == {"contact", "place"}
    contact = open_ones["contact"]
    assert (contact["was"], contact["here"], contact["given"]) == ("甲", "乙", "丙")
    assert (contact["made_ms"], contact["state"]) == (T0_MS, "open")
    assert contact["author"] == (await inspector.get("session")).json()["user"]["name"]
    # The handheld is shown it as well.
    changes, _ = await pull(inspector, cursor)
    told = [c["data"] for c in changes if c["type"] == "register_conflict"]
    assert {c["id"] for c in told} == {c["id"] for c in open_ones.values()}

    url = f"{URL}/{entry['id']}/conflicts/{contact['id']}/decide"
    stale = await duty.post(url, json={"take": True, "version": 1})
    assert (stale.status_code, stale.json()["detail"]["code"]) == (409, "version_conflict")
    version = record["version"]
    taken = await duty.post(url, json={"take": True, "version": version})
    assert (taken.status_code, taken.json()["state"]) == (200, "taken")
    assert (await seen(duty, entry))["contact"] == "丙"
    again = await duty.post(url, json={"take": True, "version": version})
    assert again.json()["version"] == taken.json()["version"]
    other = await duty.post(url, json={"take": False, "version": version})
    assert (other.status_code, other.json()["detail"]["code"]) == (409, "conflict_decided")

    kept = f"{URL}/{entry['id']}/conflicts/{open_ones['place']['id']}/decide"
    answer = await inspector.post(kept, json={"take": False, "version": version + 1})
    assert answer.json()["state"] == "kept"
    assert (await seen(duty, entry))["place"] == elsewhere
    assert {c["state"] for c in await conflicts(duty, entry)} == {"taken", "kept"}


async def test_what_fits_nobody_is_refused_with_the_reason(post: Post) -> None:
    entry = await made(post, credit_code="91530112000000000A")
    await made(post, credit_code="91530112000000000B")
    inspector = await post.sign_in("ht-05")
    wrong = [
        edit(entry, employees="many"),
        edit(entry, credit_code="91530112000000000B"),
        edit(entry, area=THERE),
        edit(entry, name=None),
        edit(entry, nothing_known="x"),
        edit({**entry, "id": new_id()}, contact="乙"),
    ]
    half = edit(entry, contact="乙")
    half["body"]["was"] = {"phone": "1"}
    elsewhere = edit(entry, contact="乙")
    elsewhere["body"]["register_name"] = "nothing"
    answers = await push(inspector, *wrong, half, elsewhere)
    assert [(a["status"], a["code"]) for a in answers] == [
        ("refused", "invalid"),
        ("refused", "key_taken"),
        ("refused", "area_not_in_edits"),
        ("refused", "invalid"),
        ("refused", "invalid"),
        ("refused", "unknown_enterprise"),
        ("refused", "edit_without_was"),
        ("refused", "unknown_register"),
    ]
    assert all(a["text_zh"] and a["text_en"] for a in answers)
    assert (await seen(inspector, entry))["version"] == 1


async def test_nobody_edits_or_decides_in_anothers_area(post: Post) -> None:
    entry = await made(post)
    duty = await post.sign_in("duty")
    await push(duty, edit(entry, contact="乙"))
    await push(duty, edit(entry, contact="丙"))
    (conflict,) = await conflicts(duty, entry)
    other = await bound_to(post, "ht-05", THERE)
    assert (await push(other, edit(entry, contact="丁")))[0]["code"] == "unknown_enterprise"
    url = f"{URL}/{entry['id']}/conflicts"
    assert (await other.get(url)).status_code == 404
    decided = await other.post(f"{url}/{conflict['id']}/decide", json={"take": True, "version": 2})
    assert decided.status_code == 404
    changes, _ = await pull(other)
    assert not [c for c in changes if c["type"] == "register_conflict"]
