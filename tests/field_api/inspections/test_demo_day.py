"""The demo day of March 2025, replayed on its date by two handhelds with an hour offline.

The figure of the real link (2 Mbit/s, 10 % loss) is measured by `bench_offline_hour`.
"""

from typing import Any

import pytest

from field_api.features.law.editions import clauses_in_force
from field_api.features.law.tables import LawClause
from tests.field_api.inspections.demo_day import CRITERION_2017, DemoDay, at
from tests.field_api.inspections.world import settle
from tests.field_api.post import Post
from tests.field_api.shaped_link import Link, ShapedLink

PHOTOS = 24


@pytest.fixture
async def day(live_post: Post) -> DemoDay:
    """14:10: the network is lost."""
    settle(live_post)
    made = DemoDay(live_post)
    await made.until_the_network_is_lost()
    return made


async def offered(day: DemoDay, on: str) -> dict[str, LawClause]:
    """Return the clauses that a handheld offers on a day, from what it pulled."""
    client, cursor, rows = await day.client(), "", list[dict[str, Any]]()
    while True:
        params = {"limit": 500, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("sync/pull", params=params)).json()
        rows += [c["data"] for c in page["changes"] if c["type"] == "register.law_clauses"]
        cursor = page["cursor"]
        if not page["more"]:
            break
    found = [LawClause.model_validate(row) for row in rows]
    return {one.id: one for one in clauses_in_force(found, on, day.sector)}


async def test_the_day_is_offered_the_editions_of_its_date(day: DemoDay) -> None:
    then, now = await offered(day, day.day), await offered(day, "2026-11-29")
    assert day.day == "2025-03-15"
    assert "紧急切断" in then[CRITERION_2017].text
    assert then[CRITERION_2017].edition == "安监总管三〔2017〕121号"
    assert not [one for one in then if one.startswith("AQ3067")]
    assert [one for one in now if one.startswith("AQ3067")]
    assert not [one for one in now if one.startswith("HG121")]


async def test_two_papers_for_a_major_hazard_are_issued_offline_and_synced(day: DemoDay) -> None:
    first = await day.outbox("ht-01", day.post.base_url)
    second = await day.outbox("ht-02", day.post.base_url)
    confirmed = day.confirm(second)
    issued = await day.issue_offline(first)
    day.it_is("15:05")
    # Whose handheld is heard first is chance: what waits for the second person is kept, not lost.
    await first.sync()
    assert first.refused[issued["RECORD"]] == "second_person_needed"
    assert set(issued.values()) <= {one["id"] for one in first.items}
    await second.sync()
    assert second.answered[confirmed] == ["applied"]
    await first.sync()
    assert not first.items
    assert first.answered[issued["RECORD"]] == ["refused", "applied"]
    seen = await day.seen()
    papers = {one["form"]: one for one in seen["papers"]}
    for code, number in day.drawn.items():
        paper = papers[code]
        assert (paper["state"], paper["number"], paper["day"]) == ("served", number, day.day)
        assert not paper["bytes_differ"]
        assert at("14:30") < paper["issued_ms"] < paper["served_ms"] < at("15:05")
    assert papers["ONSITE"]["number"] == "（西）应急现决〔2025〕1号"
    cited = papers["ONSITE"]["content"]["hazards"][0]["clauses"]
    assert cited == ["《化工和危险化学品生产经营单位重大生产安全事故隐患判定标准（试行）》第五项"]
    hazard = seen["hazards"][0]
    assert (hazard["confirmed_by"], hazard["confirmed_ms"]) == ("执法员乙", at("14:20"))
    assert (hazard["state"], hazard["due_day"]) == ("ordered", papers["RECTIFY"]["due_day"])
    assert seen["inspection"]["state"] == "rectifying"


async def test_an_hour_of_papers_and_photos_comes_over_a_link_that_loses_and_breaks(
    day: DemoDay,
) -> None:
    port = int(day.post.base_url.rpartition(":")[2])
    # Ten times as wide as in the field, so that the test is short; it breaks more often.
    link = Link(bytes_per_s=2_500_000, loss=0.1, round_trip_s=0.01, cut=0.4)
    async with ShapedLink(port, link) as shaped:
        first = await day.outbox("ht-01", f"http://127.0.0.1:{shaped.port}")
        second = await day.outbox("ht-02", day.post.base_url)
        day.confirm(second)
        finds = day.find_more(first, PHOTOS)
        await day.issue_offline(first)
        items = [one["id"] for one in first.items]
        assert len(day.photos) == PHOTOS
        day.it_is("15:05")
        await second.sync()
        shaped.up = True
        await first.sync()
    assert shaped.cuts > 0
    assert (first.items, first.photos) == ([], {})
    assert all(first.answered[one].count("applied") <= 1 for one in items)
    assert set(finds) <= set(first.answered)
    await nothing_is_lost_or_doubled(day)


async def nothing_is_lost_or_doubled(day: DemoDay) -> None:
    """Everything made offline is there once, each photo with the bytes it had."""
    seen = await day.seen()
    assert len(seen["hazards"]) == len(day.found)
    assert all(one["media_missing"] == [] for one in seen["hazards"])
    named = [sha256 for one in seen["hazards"] for sha256 in one["media"]]
    assert sorted(named) == sorted(day.photos)
    papers = {one["form"]: one for one in seen["papers"]}
    assert len(papers) == len(seen["papers"]) == 5
    assert {papers[code]["id"] for code in day.papers} == set(day.papers.values())
    assert {papers[code]["state"] for code in day.papers} == {"served"}
    duty = await day.post.sign_in("duty")
    for sha256, content in day.photos.items():
        assert (await duty.get(f"media/{sha256}")).content == content
    account = (await duty.get("number-account", params={"year": 2025})).json()
    used = {one["form"]: one["used"] for one in account}
    assert {code: used[code] for code in day.papers} == dict.fromkeys(day.papers, 1)
