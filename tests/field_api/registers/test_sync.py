"""Registers on handhelds: the cold pull, what changes, what is removed, what leaves the area."""

from typing import Any

import httpx

from tests.field_api.post import Post
from tests.field_api.registers.conftest import COUNT, bound_to, made

URL = "registers/enterprises"
TOPIC = "register.enterprises"
STREET, OTHER = "530112001", "530112002"


async def pulled(client: httpx.AsyncClient, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    changes: list[dict[str, Any]] = []
    for _ in range(100):
        asked = {"limit": 500, **({"cursor": cursor} if cursor else {})}
        answer = await client.get("sync/pull", params=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert not page["resync"]
        assert len(page["changes"]) <= 500
        changes += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return changes, cursor
    raise AssertionError("the pull has no end")


async def test_a_cold_pull_brings_every_enterprise_once(full: Post) -> None:
    changes, cursor = await pulled(await full.sign_in("ht-05"))
    got = [change["id"] for change in changes if change["type"] == TOPIC]
    assert len(got) == len(set(got)) == COUNT
    one = next(change for change in changes if change["type"] == TOPIC)
    assert one["data"]["credit_code"]
    again, _ = await pulled(await full.sign_in("ht-05"), cursor)
    assert again == []


async def test_changes_and_tombstones_reach_a_handheld(post: Post) -> None:
    duty = await post.sign_in("duty")
    handheld = await bound_to(post, "ht-05", STREET)
    _, cursor = await pulled(handheld)
    made_here = {"name": "示例一(虚构)", "industry": "工贸", "area": STREET}
    one = (await duty.post(URL, json=made_here)).json()
    two = (await duty.post(URL, json={**made_here, "name": "示例二(虚构)"})).json()
    elsewhere = (await duty.post(URL, json={**made_here, "area": OTHER})).json()
    changes, cursor = await pulled(handheld, cursor)
    assert {(change["id"], change["op"]) for change in changes if change["type"] == TOPIC} == {
        (one["id"], "put"),
        (two["id"], "put"),
    }
    await duty.delete(f"{URL}/{one['id']}", params={"version": 1})
    await duty.put(f"{URL}/{two['id']}", json={"version": 1, "area": OTHER})
    await duty.delete(f"{URL}/{elsewhere['id']}", params={"version": 1})
    changes, _ = await pulled(handheld, cursor)
    told = {change["id"]: change for change in changes if change["type"] == TOPIC}
    assert {ident: change["op"] for ident, change in told.items()} == {
        one["id"]: "remove",
        two["id"]: "left",
    }
    assert all(change["version"] == 2 and change["data"] is None for change in told.values())


async def test_a_street_pulls_its_own(full: Post) -> None:
    changes, _ = await pulled(await bound_to(full, "ht-06", STREET))
    areas = [change["area"] for change in changes if change["type"] == TOPIC]
    assert len(areas) == sum(one.area.startswith(STREET) for one in made())
    assert all(area.startswith(STREET) for area in areas)
