"""Drawings of an incident: drawn, seen by all, put right, taken back, kept."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.core.errors import ApiError
from field_api.features.plotting.files import read_drawings
from field_api.features.plotting.pointing import fade
from tests.field_api.post import SMOKE, Post
from tests.field_api.test_field_reports import heard, listening
from tests.field_api.test_sync import item, pull, push


def points(*offsets: tuple[float, float]) -> list[dict[str, float]]:
    return [{"lat_deg": SMOKE[0] + a / 1000, "lon_deg": SMOKE[1] + o / 1000} for a, o in offsets]


SQUARE = points((0, 0), (0, 1), (1, 1), (1, 0))
LARGER = points((0, 0), (0, 2), (1, 2), (1, 0))
BOW = points((0, 0), (1, 1), (1, 0), (0, 1))


def drawing(post: Post, incident: str, kind: str = "fire_line", **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "incident_id": incident,
        "t_ms": post.clock(),
        "kind": kind,
        "shape": {"form": "area", "points": SQUARE},
        **changes,
    }


def spot(post: Post, incident: str, label: str = "", **changes: Any) -> dict[str, Any]:
    shape = {"form": "point", "points": points((0, 0))}
    return drawing(post, incident, "place", shape=shape, label=label, **changes)


async def sent(post: Post, username: str, url: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await (await post.sign_in(username)).post(url, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def refused(post: Post, username: str, url: str, body: dict[str, Any], code: str) -> None:
    answer = await (await post.sign_in(username)).post(url, json=body)
    assert 400 <= answer.status_code < 500, answer.text
    detail = answer.json()["detail"]
    assert detail["code"] == code, detail
    assert detail["text_zh"] != detail["text_en"]


async def on_map(post: Post, incident: str, **more: Any) -> list[dict[str, Any]]:
    client = await post.sign_in("duty")
    return (await client.get("drawings", params={"incident_id": incident, **more})).json()


async def undo(post: Post, username: str, incident: str) -> dict[str, Any]:
    return await sent(post, username, "drawings/undo", {"id": new_id(), "incident_id": incident})


def edited(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    names = ("version", "kind", "shape", "label", "note", "observed_ms", "source", "error_m")
    return {"id": new_id(), **{name: row[name] for name in names}, **changes}


async def test_what_one_draws_is_on_every_screen_with_author_and_figures(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident(drill=True)
    body = drawing(post, incident, source="drone")
    async with listening(post, "commander") as messages:
        made = await sent(post, "duty", "drawings", body)
        while (told := await heard(messages, body["id"]))["type"] != "drawing":
            pass
        assert told["data"]["state"] == "drawn"
        taken = await undo(post, "duty", incident)
        assert taken["state"] == "deleted"
        while (told := await heard(messages, body["id"]))["type"] != "drawing":
            pass
        assert told["data"]["state"] == "deleted"
    assert made["area_m2"] == pytest.approx(111 * 101, rel=0.01)
    assert made["length_m"] == pytest.approx(2 * (111 + 101), rel=0.01)
    assert made["area_error_m2"] == pytest.approx(424 * 15, rel=0.05)
    assert (made["error_m"], made["source"], made["drill"]) == (15, "drone", True)
    assert made["observed_ms"] == made["made_ms"] == body["t_ms"]
    again = await sent(post, "duty", "drawings", body)
    assert again["id"] == body["id"]
    assert await on_map(post, incident) == []
    (gone,) = await on_map(post, incident, deleted=True)
    assert gone["deleted_by"]
    timeline = await (await post.sign_in("duty")).get(f"incidents/{incident}/timeline")
    assert "公顷" in timeline.text


async def test_a_handheld_draws_offline_and_keeps_what_its_area_draws(post: Post) -> None:
    incident = await post.open_incident()
    body = drawing(post, incident, source="walked")
    post.clock.advance_s(600)
    handheld = await post.sign_in("ht-05")
    (answer,) = await push(handheld, item("drawing.make", "", body))
    assert answer["status"] == "applied", answer
    changes, cursor = await pull(await post.sign_in("ht-06"))
    (told,) = [change for change in changes if change["type"] == "drawing"]
    assert told["data"]["author_terminal_id"] == "HT-05"
    assert told["data"]["made_ms"] == body["t_ms"]
    deleted = item("drawing.delete", body["id"], {"id": new_id()})
    (answer,) = await push(handheld, deleted)
    assert answer["status"] == "applied", answer
    changes, _ = await pull(await post.sign_in("ht-06"), cursor)
    assert [c["op"] for c in changes if c["type"] == "drawing"] == ["left"]


async def test_one_takes_back_ones_own_acts_one_after_the_other(post: Post) -> None:
    incident = await post.open_incident()
    made = await sent(post, "duty", "drawings", spot(post, incident, "甲"))
    url = f"drawings/{made['id']}"
    second = await sent(post, "duty", f"{url}/edit", edited(made, label="乙"))
    await sent(post, "duty", f"{url}/delete", {"id": new_id(), "version": second["version"]})
    other = await sent(post, "commander", "drawings", spot(post, incident, "丙"))
    states = []
    for _ in range(3):
        row = await undo(post, "duty", incident)
        states.append((row["state"], row["label"]))
    assert states == [("drawn", "乙"), ("drawn", "甲"), ("deleted", "甲")]
    await refused(
        post, "duty", "drawings/undo", {"id": new_id(), "incident_id": incident}, "nothing_to_undo"
    )
    assert [row["id"] for row in await on_map(post, incident)] == [other["id"]]
    versions = (await (await post.sign_in("duty")).get(f"{url}/versions")).json()
    assert [(v["drawing"]["state"], v["drawing"]["label"]) for v in versions] == [
        ("deleted", "甲"),
        ("drawn", "甲"),
        ("drawn", "乙"),
        ("deleted", "乙"),
        ("drawn", "乙"),
        ("drawn", "甲"),
    ]


async def test_what_somebody_changed_since_is_not_taken_back(post: Post) -> None:
    incident = await post.open_incident()
    made = await sent(post, "duty", "drawings", spot(post, incident, "甲"))
    body = {"id": new_id(), "incident_id": incident}
    await sent(post, "commander", f"drawings/{made['id']}/edit", edited(made, label="乙"))
    await refused(post, "duty", "drawings/undo", body, "drawing_changed_since")
    assert (await undo(post, "commander", incident))["label"] == "甲"
    # Theirs is taken back: it stands again as one left it oneself.
    first = await sent(post, "duty", "drawings/undo", body)
    assert first["state"] == "deleted"
    assert await sent(post, "duty", "drawings/undo", body) == first


async def test_an_older_version_overwrites_nothing(post: Post) -> None:
    incident = await post.open_incident()
    made = await sent(post, "duty", "drawings", spot(post, incident, "甲"))
    url = f"drawings/{made['id']}/edit"
    change = edited(made, label="乙")
    second = await sent(post, "duty", url, change)
    assert await sent(post, "duty", url, change) == second
    await refused(post, "commander", url, edited(made, label="丙"), "version_conflict")
    await refused(post, "duty", url, {**change, "label": "丁"}, "id_taken")


async def test_who_may_draw_and_change(post: Post) -> None:
    incident = await post.open_incident()
    pilots = await sent(post, "pilot", "drawings", spot(post, incident, "甲"))
    made = await sent(post, "duty", "drawings", spot(post, incident, "甲"))
    url = f"drawings/{made['id']}"
    await refused(post, "pilot", f"{url}/edit", edited(made, label="乙"), "drawing_of_another")
    await refused(post, "pilot", f"{url}/delete", {"id": new_id()}, "drawing_of_another")
    await sent(post, "duty", f"drawings/{pilots['id']}/delete", {"id": new_id()})
    answer = await (await post.sign_in("auditor")).post("drawings", json=spot(post, incident))
    assert answer.status_code == 403
    await refused(
        post, "pilot", f"drawings/{pilots['id']}/edit", edited(pilots), "drawing_is_deleted"
    )


async def test_a_closed_incident_is_read_only_for_what_comes_after_its_end(post: Post) -> None:
    incident = await post.open_incident()
    early = drawing(post, incident)
    made = await sent(post, "duty", "drawings", spot(post, incident, "甲"))
    post.clock.advance_s(60)
    await sent(post, "commander", f"incidents/{incident}/close", {"text": "扑灭"})
    post.clock.advance_s(60)
    url = f"drawings/{made['id']}"
    await refused(post, "duty", "drawings", drawing(post, incident), "incident_closed")
    await refused(post, "duty", f"{url}/edit", edited(made, label="乙"), "incident_closed")
    await refused(post, "duty", f"{url}/delete", {"id": new_id()}, "incident_closed")
    body = {"id": new_id(), "incident_id": incident}
    await refused(post, "duty", "drawings/undo", body, "incident_closed")
    await sent(post, "duty", "drawings", early)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shape": {"form": "area", "points": BOW}}, "drawing_crosses_itself"),
        ({"shape": {"form": "point", "points": SQUARE[:1]}}, "drawing_form"),
        ({"kind": "text", "shape": {"form": "point", "points": SQUARE[:1]}}, "drawing_text_empty"),
        ({"shape": {"form": "area", "points": SQUARE[:2]}}, "invalid"),
        ({"shape": {"form": "line", "points": SQUARE * 1300}}, "invalid"),
        ({"shape": {"form": "line", "points": [{"lat_deg": 91, "lon_deg": 0}] * 2}}, "invalid"),
        ({"kind": "magic"}, "invalid"),
        ({"label": "长" * 41}, "invalid"),
    ],
)
async def test_what_can_not_be_drawn_is_refused_in_words(
    post: Post, changes: dict[str, Any], code: str
) -> None:
    incident = await post.open_incident()
    await refused(post, "duty", "drawings", drawing(post, incident, **changes), code)


async def test_fire_lines_tell_area_length_and_growth_with_what_they_may_be_off(
    post: Post,
) -> None:
    incident = await post.open_incident()
    t_ms = post.clock()
    post.clock.advance_s(3600)
    post.forget_sessions()
    first = drawing(post, incident, source="drone", observed_ms=t_ms)
    second = drawing(
        post,
        incident,
        source="hand",
        shape={"form": "area", "points": LARGER},
        observed_ms=t_ms + 30 * 60_000,
    )
    front = drawing(
        post,
        incident,
        shape={"form": "line", "points": SQUARE[:2]},
        observed_ms=t_ms + 40 * 60_000,
    )
    for body in (second, first, front):
        await sent(post, "duty", "drawings", body)
    client = await post.sign_in("ht-05")
    lines = (await client.get(f"incidents/{incident}/fire-lines")).json()
    assert [line["drawing_id"] for line in lines] == [front["id"], second["id"], first["id"]]
    assert (lines[0]["area_m2"], lines[0]["growth"], lines[2]["growth"]) == (None, None, None)
    growth = lines[1]["growth"]
    assert growth["from_id"] == first["id"]
    assert growth["minutes"] == 30
    assert growth["area_m2_h"] == pytest.approx(2 * 111 * 101, rel=0.01)
    assert growth["advance_m_min"] == pytest.approx(101 / 30, rel=0.01)
    assert growth["advance_error_m_min"] == pytest.approx((15**2 + 50**2) ** 0.5 / 30)
    assert 45 < growth["side_deg"] < 135


async def test_a_file_is_read_chosen_from_drawn_and_taken_back_as_one(post: Post) -> None:
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    made = [
        await sent(post, "duty", "drawings", body)
        for body in (
            drawing(post, incident, source="drone", label="火线甲", error_m=12.5),
            drawing(post, incident, "zone", label="一组", note="北坡 <A&B>"),
            drawing(
                post,
                incident,
                "escape_route",
                shape={"form": "line", "points": SQUARE[:3]},
                label="撤离",
            ),
            spot(post, incident, "水塘"),
        )
    ]
    others = await post.open_incident()
    said = ("kind", "shape", "label", "note", "observed_ms", "source", "error_m")
    offers = (await duty.get(f"incidents/{incident}/drawing-exports")).json()
    assert {offer["name"].rpartition(".")[2] for offer in offers if not offer["refused"]} >= {
        "kml",
        "kmz",
        "gpx",
        "geojson",
    }
    for ending in ("kml", "kmz", "geojson", "gpx"):
        file = await duty.get(f"incidents/{incident}/drawings.{ending}")
        answer = await duty.post(
            "drawing-files", params={"name": f"a.{ending}"}, content=file.content
        )
        assert answer.status_code == 200, answer.text
        read = answer.json()
        assert read["left_out"] == []
        assert len(await on_map(post, others)) == 0
        body = {
            "id": new_id(),
            "incident_id": others,
            "t_ms": post.clock(),
            "file_name": f"a.{ending}",
            "drawings": [
                {"id": new_id(), **{name: each[name] for name in said}} for each in read["drawings"]
            ],
        }
        assert await sent(post, "duty", "drawings/import", body)
        assert await sent(post, "duty", "drawings/import", body)
        copies = await on_map(post, others)
        shapes = [[row[name] for name in ("shape", "label")] for row in made]
        assert sorted(map(str, shapes)) == sorted(
            str([row[name] for name in ("shape", "label")]) for row in copies
        )
        if ending != "gpx":  # which has nowhere to say what a thing is
            assert sorted(str([row[name] for name in said]) for row in made) == sorted(
                str([row[name] for name in said]) for row in copies
            )
        await undo(post, "duty", others)
        assert await on_map(post, others) == []


@given(st.binary(max_size=200), st.sampled_from(("a.kml", "a.gpx", "a.geojson", "a.kmz")))
def test_hostile_files_are_refused_or_read_and_never_break(data: bytes, name: str) -> None:
    with suppress(ApiError):
        read_drawings(name, data)


async def test_a_pointer_is_seen_by_all_fades_and_stays_in_the_timeline(live_post: Post) -> None:
    post = live_post
    incident = await post.open_incident()
    body: dict[str, Any] = {
        "id": new_id(),
        "incident_id": incident,
        "t_ms": post.clock(),
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        "text": "看山脊",
    }
    async with listening(post, "duty") as messages:
        (answer,) = await push(await post.sign_in("ht-05"), item("pointer.make", "", body))
        assert answer["status"] == "applied", answer
        told = str(await heard(messages, body["id"]))
        assert "看山脊" in told
    changes, cursor = await pull(await post.sign_in("ht-06"))
    (seen,) = [change["data"] for change in changes if change["type"] == "pointer"]
    assert seen["until_ms"] - seen["pointed_ms"] == 600_000
    url = f"pointers/{body['id']}/end"
    await refused(post, "pilot", url, {"id": new_id()}, "pointer_of_another")
    post.clock.advance_s(599)
    assert fade(post.services) == 0
    post.clock.advance_s(1)
    assert fade(post.services) == 1
    changes, _ = await pull(await post.sign_in("ht-06"), cursor)
    assert [c["op"] for c in changes if c["type"] == "pointer"] == ["left"]
    timeline = (await (await post.sign_in("duty")).get(f"incidents/{incident}/timeline")).text
    assert "看山脊" in timeline


async def test_a_pointer_that_comes_too_late_is_kept_and_not_shown(post: Post) -> None:
    incident = await post.open_incident()
    body: dict[str, Any] = {
        "id": new_id(),
        "incident_id": incident,
        "t_ms": post.clock(),
        "lat_deg": SMOKE[0],
        "lon_deg": SMOKE[1],
        "minutes": 5,
    }
    post.clock.advance_s(301)
    (answer,) = await push(await post.sign_in("ht-05"), item("pointer.make", "", body))
    assert answer["record"]["data"]["ended"] is True
    changes, _ = await pull(await post.sign_in("ht-06"))
    assert "pointer" not in {change["type"] for change in changes}
