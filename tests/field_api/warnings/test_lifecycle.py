"""Warnings from draft to end: nothing invalid is published, chains, receipts, files in and out."""

from pathlib import Path
from typing import Any

import httpx
from lxml import etree

from field_api.contract.ids import new_id
from field_api.features.warnings.ending import expire_due, shelve
from field_api.features.warnings.formats import read_warning_file
from tests.field_api.post import T0_MS, Post

VECTORS = Path(__file__).parents[2] / "vectors" / "warnings"
SCHEMA = etree.XMLSchema(etree.parse(VECTORS / "cap12.xsd"))
HOUR_MS = 3_600_000
RING = [[24.94, 102.61], [24.94, 102.62], [24.95, 102.62], [24.95, 102.61]]


def corners(ring: list[list[float]]) -> list[dict[str, float]]:
    return [{"lat_deg": lat, "lon_deg": lon} for lat, lon in ring]


def content(**changes: Any) -> dict[str, Any]:
    return {
        "event_code": "11B25",
        "level": "orange",
        "onset_ms": T0_MS,
        "expires_ms": T0_MS + 30 * HOUR_MS,
        "area_codes": ["530112010", "530112008"],
        "description": "气温24℃,相对湿度18%,西南风7米每秒。",
        "instruction": "林区严禁一切野外用火。",
        "responses": ["Prepare", "Avoid"],
        "issuer": "昆明市西山区应急管理局",
        **changes,
    }


def later(post: Post, seconds: float) -> None:
    post.clock.advance_s(seconds)
    post.forget_sessions()


async def drafted(post: Post, **changes: Any) -> dict[str, Any]:
    duty = await post.sign_in("duty")
    answer = await duty.post("warning-drafts", json=content(id=new_id(), **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def approve(post: Post, draft: dict[str, Any]) -> httpx.Response:
    commander = await post.sign_in("commander")
    return await commander.post(
        f"warning-drafts/{draft['id']}/approve", json={"version": draft["version"]}
    )


async def publish(post: Post, draft: dict[str, Any], **changes: Any) -> httpx.Response:
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "version": draft["version"], **changes}
    return await duty.post(f"warning-drafts/{draft['id']}/publish", json=body)


async def published(post: Post, **changes: Any) -> dict[str, Any]:
    answer = await approve(post, await drafted(post, **changes))
    assert answer.status_code == 200, answer.text
    answer = await publish(post, answer.json())
    assert answer.status_code == 201, answer.text
    return answer.json()


async def cap_of(post: Post, warning: dict[str, Any]) -> bytes:
    duty = await post.sign_in("duty")
    answer = await duty.get(f"warnings/{warning['id']}/file")
    assert answer.status_code == 200, answer.text
    SCHEMA.assertValid(etree.fromstring(answer.content))
    return answer.content


async def warning(post: Post, warning_id: str) -> dict[str, Any]:
    rows = (await (await post.sign_in("duty")).get("warnings")).json()
    return next(row for row in rows if row["id"] == warning_id)


async def test_a_warning_is_drafted_approved_and_published_by_name(post: Post) -> None:
    made = await published(post)
    assert made["headline"] == "昆明市西山区应急管理局发布森林(草原)火险橙色预警"
    assert (made["state"], made["level"], made["severity"]) == ("in_force", "orange", "Severe")
    named = (made["drafted_by"], made["approved_by"], made["published_by"])
    assert named == ("值班员", "指挥长", "值班员")
    assert made["identifier"] == "53011200000000_20250315143000_0"
    assert made["area_text"] == "团结街道、碧鸡街道"
    message = read_warning_file(await cap_of(post, made)).alert
    assert message is not None
    (info,) = message.infos
    assert (info.sender_name, info.urgency, info.certainty) == (
        made["issuer"],
        "Immediate",
        "Likely",
    )
    codes = [each.value for each in info.areas[0].geocodes]
    assert codes == ["530112010000", "530112008000"]
    drafts = (await (await post.sign_in("duty")).get("warning-drafts")).json()
    assert [(d["state"], d["warning_id"]) for d in drafts] == [("published", made["id"])]


MISSING = {
    "category": {"event_code": ""},
    "level": {"level": None},
    "onset": {"onset_ms": None},
    "area": {"area_codes": []},
    "description": {"description": ""},
    "instruction": {"instruction": "  "},
    "issuer": {"issuer": ""},
    "expires": {"expires_ms": None},
}


async def test_each_missing_item_blocks_and_is_named(post: Post) -> None:
    for item, changes in MISSING.items():
        draft = await drafted(post, **changes)
        assert [found["name"] for found in draft["missing"]] == [item]
        refused = await approve(post, draft)
        assert refused.status_code == 409
        detail = refused.json()["detail"]
        assert detail["code"] == "warning_incomplete"
        assert [found["name"] for found in detail["findings"]] == [item]
        assert (await publish(post, draft)).json()["detail"]["code"] == "draft_not_approved"
    assert (await (await post.sign_in("duty")).get("warnings")).json() == []


SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"expires_ms": T0_MS}, "expires"),
    ({"onset_ms": T0_MS + HOUR_MS, "expires_ms": T0_MS + HOUR_MS}, "expires"),
    ({"expires_ms": T0_MS + 31 * 24 * HOUR_MS}, "expires"),
    ({"onset_ms": T0_MS - 25 * HOUR_MS}, "onset"),
    ({"area_codes": ["530112999"]}, "area"),
    ({"area_codes": [], "outlines": [{"polygon": corners(RING)}]}, "area"),
]


async def test_what_makes_no_sense_is_not_approved(post: Post) -> None:
    for changes, item in SENSELESS:
        refused = await approve(post, await drafted(post, **changes))
        assert refused.status_code == 409
        assert [found["name"] for found in refused.json()["detail"]["findings"]] == [item]


async def test_a_drawing_whose_sides_cross_is_refused_at_once(post: Post) -> None:
    duty = await post.sign_in("duty")
    crossed = {"polygon": corners([RING[0], RING[2], RING[1], RING[3]])}
    answer = await duty.post("warning-drafts", json=content(id=new_id(), outlines=[crossed]))
    assert answer.status_code == 422


async def test_what_has_become_stale_or_unprintable_is_not_published(post: Post) -> None:
    late = (await approve(post, await drafted(post))).json()
    later(post, 31 * 3600)
    refused = await publish(post, late)
    assert refused.status_code == 409
    assert {f["name"] for f in refused.json()["detail"]["findings"]} == {"expires", "onset"}
    now = {"onset_ms": post.clock(), "expires_ms": post.clock() + HOUR_MS}
    odd = (await approve(post, await drafted(post, description="a\x07b", **now))).json()
    refused = await publish(post, odd)
    assert refused.status_code == 409
    assert [f["name"] for f in refused.json()["detail"]["findings"]] == ["alert"]


async def test_an_approval_does_not_outlive_a_change(post: Post) -> None:
    draft = (await approve(post, await drafted(post))).json()
    duty = await post.sign_in("duty")
    url = f"warning-drafts/{draft['id']}"
    edited = await duty.put(url, json=content(version=draft["version"], level="red"))
    assert (edited.json()["state"], edited.json()["approved_by"]) == ("open", None)
    stale = await duty.put(url, json=content(version=draft["version"], level="blue"))
    assert stale.json()["detail"]["code"] == "version_conflict"
    assert (await publish(post, edited.json())).json()["detail"]["code"] == "draft_not_approved"
    gone = await duty.post(f"{url}/discard", json={"version": edited.json()["version"]})
    assert gone.json()["state"] == "discarded"
    assert (await approve(post, gone.json())).json()["detail"]["code"] == "draft_is_discarded"


async def test_only_a_commander_approves(post: Post) -> None:
    draft = await drafted(post)
    duty = await post.sign_in("duty")
    answer = await duty.post(f"warning-drafts/{draft['id']}/approve", json={"version": 1})
    assert answer.status_code == 403


async def test_publishing_again_is_harmless(post: Post) -> None:
    draft = (await approve(post, await drafted(post))).json()
    ident = new_id()
    first, again = await publish(post, draft, id=ident), await publish(post, draft, id=ident)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_an_update_takes_the_place_and_the_chain_is_lifted_whole(post: Post) -> None:
    first = await published(post)
    later(post, 3600)
    second = await published(post, amends_id=first["id"], level="red", onset_ms=post.clock())
    assert second["amends_id"] == first["id"]
    was = await warning(post, first["id"])
    assert (was["state"], was["followed_by_id"]) == ("updated", second["id"])
    update = read_warning_file(await cap_of(post, second)).alert
    assert update is not None
    assert update.msg_type == "Update"
    assert [each.identifier for each in update.references] == [first["identifier"]]

    duty = await post.sign_in("duty")
    old = await duty.post(f"warnings/{first['id']}/cancel", json={"reason": "x"})
    assert old.json()["detail"]["code"] == "warning_is_updated"
    later(post, 60)
    lifted = await duty.post(f"warnings/{second['id']}/cancel", json={"reason": "明火扑灭"})
    assert lifted.json()["state"] == "cancelled"
    assert (lifted.json()["ended_by"], lifted.json()["end_reason"]) == ("值班员", "明火扑灭")
    cancel = read_warning_file(await cap_of(post, second)).alert
    assert cancel is not None
    assert (cancel.msg_type, cancel.note) == ("Cancel", "明火扑灭")
    chain = [each.identifier for each in cancel.references]
    assert chain == [first["identifier"], second["identifier"]]
    assert "解除" in cancel.infos[0].headline

    national = await duty.get(f"warnings/{second['id']}/file", params={"format": "national"})
    name = "53011200000000_20250315153100_11B25_RED_CANCEL.XML"
    assert name in national.headers["content-disposition"]
    told = read_warning_file(national.content)
    assert told.alert is not None
    assert told.format == "national"
    assert [each.identifier for each in told.alert.references] == [first["identifier"]]
    assert told.alert.sender == "53011200000000"


async def test_it_expires_by_itself_and_later_leaves_the_handhelds(post: Post) -> None:
    made = await published(post, expires_ms=T0_MS + HOUR_MS)
    assert expire_due(post.services) == 0
    later(post, 3600)
    assert expire_due(post.services) == 1
    ended = await warning(post, made["id"])
    assert (ended["state"], ended["ended_ms"], ended["ended_by"]) == (
        "expired",
        T0_MS + HOUR_MS,
        None,
    )
    assert shelve(post.services) == 0
    later(post, 24 * 3600 + 1)
    assert shelve(post.services) == 1
    page = (await (await post.sign_in("ht-11")).get("sync/pull")).json()
    assert [each for each in page["changes"] if each["type"] == "warning"] == []


async def test_a_drill_says_so_everywhere(post: Post) -> None:
    made = await published(post, drill=True)
    assert made["headline"].startswith("【演练】")
    message = read_warning_file(await cap_of(post, made)).alert
    assert message is not None
    assert message.status == "Exercise"
    duty = await post.sign_in("duty")
    national = await duty.get(f"warnings/{made['id']}/file", params={"format": "national"})
    assert b"<status>Test</status>" in national.content


async def test_a_handheld_that_was_away_gets_it_and_says_so(post: Post) -> None:
    reporter = await post.sign_in("ht-11")
    cursor = (await reporter.get("sync/pull")).json()["cursor"]
    made = await published(post)
    page = (await reporter.get("sync/pull", params={"cursor": cursor})).json()
    (told,) = [each for each in page["changes"] if each["type"] == "warning"]
    assert told["data"]["headline"] == made["headline"]
    assert not [each for each in page["changes"] if each["type"] == "warning_draft"]
    me = (await reporter.get("session")).json()["user"]["id"]
    item = {
        "id": new_id(),
        "op": "warning.seen",
        "target": made["id"],
        "made_ms": T0_MS,
        "body": {"id": new_id(), "t_ms": T0_MS},
    }
    pushed = await reporter.post(
        "sync/push", json={"device_id": new_id(), "author": me, "items": [item]}
    )
    assert pushed.json()["answers"][0]["status"] == "applied", pushed.text
    duty = await post.sign_in("duty")
    seen = (await duty.get(f"warnings/{made['id']}/receipts")).json()
    assert [(each["terminal_id"], each["seen_ms"]) for each in seen] == [("HT-11", T0_MS)]
    assert (await duty.post(f"warnings/{made['id']}/seen", json=item["body"])).status_code == 403


async def test_whom_an_area_reaches(post: Post) -> None:
    await post.place_terminal("HT-05", 24.945, 102.615)
    await post.place_terminal("HT-06", 25.2, 102.615)
    duty = await post.sign_in("duty")
    drawn = {"outlines": [{"polygon": corners(RING)}]}
    reached = (await duty.post("warning-reach", json=drawn)).json()
    whys = {each["terminal_id"]: each["why"] for each in reached["handhelds"]}
    assert whys == {"HT-05": "place", "HT-11": "unplaced"}
    assert reached["total"] == 3
    streets = (await duty.post("warning-reach", json={"area_codes": ["530112008"]})).json()
    assert len(streets["handhelds"]) == 3  # accounts of the whole district
    assert (await duty.post("warning-reach", json={})).json()["handhelds"] == []


# --- messages of other bodies --------------------------------------------------------------------


async def send(post: Post, name: str, data: bytes | None = None, **params: str) -> httpx.Response:
    duty = await post.sign_in("duty")
    data = data if data is not None else (VECTORS / name).read_bytes()
    params = {"id": new_id(), "name": name, **params}
    return await duty.post("received-warnings", params=params, content=data)


async def test_a_chain_of_another_body_is_followed_and_not_ours_to_edit(post: Post) -> None:
    first = (await send(post, "xishan_forest_fire_danger_orange.cap")).json()
    assert (first["origin"], first["issuer"], first["level"]) == (
        "received",
        "示例区应急管理局",
        "orange",
    )
    assert first["area_codes"] == ["530112008", "530112010"]
    assert len(first["shapes"]) == 2
    assert (await send(post, "xishan_forest_fire_danger_orange.cap")).json()["detail"][
        "code"
    ] == "warning_is_here"
    duty = await post.sign_in("duty")
    refused = await duty.post(f"warnings/{first['id']}/cancel", json={"reason": "x"})
    assert refused.json()["detail"]["code"] == "warning_of_others"
    amends = content(id=new_id(), amends_id=first["id"])
    assert (await duty.post("warning-drafts", json=amends)).status_code == 409

    second = (await send(post, "xishan_update.cap")).json()
    assert (await warning(post, first["id"]))["followed_by_id"] == second["id"]
    assert second["level"] == "red"
    assert (await send(post, "xishan_cancel.cap")).json()["id"] == second["id"]
    ended = await warning(post, second["id"])
    assert (ended["state"], ended["end_reason"]) == ("cancelled", "明火扑灭并经验收")
    again = await send(post, "xishan_cancel.cap")
    assert again.json()["detail"]["code"] == "warning_cancels_nothing_known"


async def test_a_national_file_is_taken_in_and_handed_on_as_both(post: Post) -> None:
    made = (await send(post, "national_style_sample.xml")).json()
    assert (made["level"], made["drill"], made["area_codes"]) == ("orange", True, ["530112008"])
    await cap_of(post, made)
    duty = await post.sign_in("duty")
    national = await duty.get(f"warnings/{made['id']}/file", params={"format": "national"})
    name = "53011200000000_20250315080000_11B25_ORANGE_ALERT.XML"
    assert name in national.headers["content-disposition"]


async def test_a_file_is_judged_before_it_is_taken_in(post: Post) -> None:
    duty = await post.sign_in("duty")

    async def verdict(name: str) -> dict[str, Any]:
        data = (VECTORS / name).read_bytes()
        return (await duty.post("warning-files", params={"name": name}, content=data)).json()

    canada = await verdict("canada.cap")
    assert (canada["verdict"], canada["does"]) == ("valid", "update")
    weather = await verdict("weather.cap")
    assert (weather["verdict"], weather["format"]) == ("remarks", "cap-1.1")
    assert weather["warning"]["state"] == "expired"
    hostile = await verdict("xee.cap")
    assert (hostile["verdict"], hostile["warning"]) == ("refused", None)
    assert (await duty.get("warnings")).json() == []
    refused = await send(post, "xee.cap")
    assert refused.status_code == 422
    assert refused.json()["detail"]["findings"]
    assert (await send(post, "no_optional_fields.cap")).json()["detail"]["code"] == (
        "warning_file_does_nothing"
    )


async def test_one_that_cannot_be_written_says_why(post: Post) -> None:
    made = (await send(post, "canada_errors.cap")).json()
    duty = await post.sign_in("duty")
    for form, name in (("cap", "references"), ("national", "code")):
        refused = await duty.get(f"warnings/{made['id']}/file", params={"format": form})
        assert refused.status_code == 422
        assert name in {each["name"] for each in refused.json()["detail"]["findings"]}
