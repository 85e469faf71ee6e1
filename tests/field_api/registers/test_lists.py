"""Lists of a register: pages, order, filters, words, and who sees what."""

from typing import Any

import httpx
import pytest

from tests.field_api.post import Post
from tests.field_api.registers.conftest import COUNT, bound_to, made

URL = "registers/enterprises"


async def listed(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(URL, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_schemas_of_what_one_may_read(full: Post) -> None:
    schemas = {
        one["name"]: one for one in (await (await full.sign_in("admin")).get("registers")).json()
    }
    assert {"enterprises", "aircraft", "pilots", "teams", "terminals", "airspace"} <= set(schemas)
    one = schemas["enterprises"]
    assert (one["title_zh"], one["map"], one["writable"]) == ("企业", True, True)
    assert one["key"] == ["credit_code"]
    columns = {column["name"]: column for column in one["columns"]}
    assert columns["grade"]["choices"] == ["A", "B", "C", "D"]
    assert columns["name"]["required"]
    assert columns["place"]["kind"] == "point"
    assert not columns["place"]["sortable"]
    assert columns["area"]["kind"] == "area"
    auditor = (await (await full.sign_in("auditor")).get("registers")).json()
    assert not any(schema["writable"] for schema in auditor)
    reporter = (await (await full.sign_in("ht-11")).get("registers")).json()
    assert [schema["name"] for schema in reporter] == ["terminals", "danger_zones"]
    refused = await (await full.sign_in("ht-11")).get(URL)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (403, "forbidden")
    async with full.anonymous() as nobody:
        assert (await nobody.get("registers")).status_code == 401
        assert (await nobody.get(URL)).status_code == 401


async def test_pages_hold_every_entry_once(full: Post) -> None:
    duty = await full.sign_in("duty")
    for sort in ("", "grade", "-employees", "name"):
        seen: list[str] = []
        while True:
            page = await listed(duty, sort=sort, limit=700, offset=len(seen))
            assert page["total"] == COUNT
            seen += [row["id"] for row in page["rows"]]
            if len(page["rows"]) < 700:
                break
        assert len(seen) == len(set(seen)) == COUNT, sort
    beyond = await listed(duty, offset=5000)
    assert (beyond["rows"], beyond["total"]) == ([], COUNT)


async def test_order_either_way_with_blanks_last(full: Post) -> None:
    duty = await full.sign_in("duty")
    staff = sorted(one.employees for one in made())
    up = await listed(duty, sort="employees", limit=20)
    down = await listed(duty, sort="-employees", limit=20)
    assert [row["employees"] for row in up["rows"]] == staff[:20]
    assert [row["employees"] for row in down["rows"]] == staff[::-1][:20]
    await duty.post(URL, json={"name": "示例无人(虚构)", "industry": "工贸"})
    for sort in ("employees", "-employees"):
        last = await listed(duty, sort=sort, limit=1, offset=COUNT)
        assert last["rows"][0]["employees"] is None


async def test_filters_are_typed_and_add_up(full: Post) -> None:
    duty = await full.sign_in("duty")
    page = await listed(duty, where=["grade:A", "grade:B", "industry:工贸"], limit=1000)
    wanted = [one for one in made() if one.grade in "AB" and one.industry == "工贸"]
    assert page["total"] == len(wanted)
    assert {row["name"] for row in page["rows"]} == {one.name for one in wanted}
    hazards = await listed(duty, where="major_hazard:是", limit=1000)
    assert hazards["total"] == sum(one.major_hazard for one in made())
    assert (await listed(duty, where="employees:7"))["total"] == sum(
        one.employees == 7 for one in made()
    )
    assert (await listed(duty, where="grade:"))["total"] == 0
    street = made()[0].area[:9]
    page = await listed(duty, area=street, limit=1000)
    assert page["total"] == sum(one.area.startswith(street) for one in made())
    assert all(row["area"].startswith(street) for row in page["rows"])


async def test_words_are_found_in_any_searchable_column(full: Post) -> None:
    duty = await full.sign_in("duty")
    one = made()[1234]
    found = await listed(duty, q=one.name[4:])
    assert [row["name"] for row in found["rows"]] == [one.name]
    found = await listed(duty, q=one.credit_code.lower()[3:])
    assert [row["credit_code"] for row in found["rows"]] == [one.credit_code]
    both = await listed(duty, q="长青 烟花", limit=1000)
    assert both["total"] == sum("长青" in e.name and "烟花" in e.industry for e in made())
    assert (await listed(duty, q="长青", where="grade:A"))["total"] == sum(
        "长青" in e.name and e.grade == "A" for e in made()
    )


@pytest.mark.parametrize("q", ["%", "_", "\\", "100%", "'; --", "\x00%"])
async def test_what_like_takes_for_signs_is_text(full: Post, q: str) -> None:
    duty = await full.sign_in("duty")
    assert (await listed(duty, q=q))["total"] == 0
    await duty.post(URL, json={"name": f"示例{q.strip(chr(0))}虚构", "industry": "工贸"})
    assert (await listed(duty, q=q))["total"] == 1


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"sort": "place"}, "bad_sort", "sort"),
        ({"sort": "password_hash"}, "bad_sort", "sort"),
        ({"where": "colour:red"}, "bad_filter", "where"),
        ({"where": "grade"}, "bad_filter", "where"),
        ({"where": "place:1"}, "bad_filter", "where"),
        ({"where": "grade:E"}, "bad_filter_value", "where.grade"),
        ({"where": "employees:many"}, "bad_filter_value", "where.employees"),
        ({"area": "999999"}, "unknown_area", "area"),
        ({"where": ["grade:A"] * 21}, "too_many_filters", "where"),
        ({"limit": 0}, "invalid", "limit"),
    ],
)
async def test_what_can_not_be_asked_says_what_can(
    post: Post, asked: dict[str, Any], code: str, field: str
) -> None:
    answer = await (await post.sign_in("duty")).get(URL, params=asked)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert (detail["code"], detail["field"]) == (code, field)
    assert detail["text_zh"] != detail["text_en"]
    if code == "bad_filter_value" and asked["where"] == "grade:E":
        assert "A 级(A)" in detail["text_zh"]


async def test_unknown_registers_and_entries(post: Post) -> None:
    duty = await post.sign_in("duty")
    unknown = await duty.get("registers/submarines")
    assert (unknown.status_code, unknown.json()["detail"]["code"]) == (404, "unknown_register")
    assert "enterprises" in unknown.json()["detail"]["text_en"]
    entry = await duty.get("registers/aircraft/XS-U9")
    assert (entry.status_code, entry.json()["detail"]["code"]) == (404, "unknown_vehicle")
    assert (await duty.get(f"{URL}/none/history")).status_code == 404
    aircraft = (await duty.get("registers/aircraft/XS-U1")).json()
    assert aircraft["spec"]["vehicle_id"] == "XS-U1"


async def test_a_streets_inspector_sees_theirs_only(full: Post) -> None:
    street = made()[0].area[:9]
    inspector = await bound_to(full, "ht-05", street)
    page = await listed(inspector, limit=1000)
    assert 0 < page["total"] < COUNT
    assert page["total"] == sum(one.area.startswith(street) for one in made())
    assert all(row["area"].startswith(street) for row in page["rows"])
    other = next(one for one in made() if not one.area.startswith(street))
    assert (await listed(inspector, q=other.credit_code))["total"] == 0
    duty = await full.sign_in("duty")
    theirs = (await listed(duty, q=other.credit_code))["rows"][0]["id"]
    for address in (f"{URL}/{theirs}", f"{URL}/{theirs}/history"):
        assert (await inspector.get(address)).status_code == 404
        assert (await duty.get(address)).status_code == 200
    exported = (await inspector.get(f"{URL}/export")).content.decode("utf-8-sig")
    assert len(exported.splitlines()) == page["total"] + 1
    assert other.credit_code not in exported


async def test_a_reporter_sees_the_own_handheld_only(post: Post) -> None:
    reporter = await post.sign_in("ht-11")
    page = (await reporter.get("registers/terminals")).json()
    assert [row["id"] for row in page["rows"]] == ["HT-11"]
    assert (await reporter.get("registers/terminals/HT-05")).status_code == 404
