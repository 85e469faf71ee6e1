"""An incident is put right, counted, closed and opened again, by name and with a reason."""

from typing import Any

import pytest
from sqlmodel import select

from field_api.contract.ids import new_id
from field_api.features.accounts.tables import User
from tests.field_api.post import Post


async def last_line(post: Post, incident: str) -> dict[str, Any]:
    duty = await post.sign_in("duty")
    return (await duty.get(f"incidents/{incident}/timeline")).json()[-1]


async def test_an_edit_says_what_was_there_before(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    body = {
        "version": 1,
        "title": "东坡冒烟",
        "text": "护林员改口:东坡",
        "lat_deg": 24.95,
        "lon_deg": 102.64,
    }
    edited = await duty.post(f"incidents/{incident}/edit", json=body)
    assert edited.status_code == 200, edited.text
    view = edited.json()
    assert {name: view[name] for name in body if name != "version"} == {
        name: body[name] for name in body if name != "version"
    }
    line = await last_line(post, incident)
    assert (line["action"], line["actor"]) == ("incident.edited", "duty")
    for language in ("text_zh", "text_en"):
        assert "西坡冒烟" in line[language]
        assert "东坡冒烟" in line[language]
        assert "护林员报告" in line[language]
    # The answer was lost and the desk asks again: nothing is written twice.
    again = await duty.post(f"incidents/{incident}/edit", json=body)
    assert again.json() == view
    assert (await last_line(post, incident))["seq"] == line["seq"]


async def test_who_looked_at_an_older_incident_is_told(post: Post) -> None:
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    incident = await post.open_incident()
    await duty.post(f"incidents/{incident}/edit", json={"version": 1, "title": "一"})
    late = await commander.post(f"incidents/{incident}/edit", json={"version": 1, "title": "二"})
    assert (late.status_code, late.json()["detail"]["code"]) == (409, "version_conflict")
    half = await duty.post(f"incidents/{incident}/edit", json={"version": 2, "lat_deg": 24.9})
    assert (half.status_code, half.json()["detail"]["field"]) == (422, "lon_deg")
    assert (await duty.get(f"incidents/{incident}")).json()["title"] == "一"


async def test_the_street_follows_a_corrected_place(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    before = (await duty.get(f"incidents/{incident}")).json()
    assert before["area"]
    elsewhere = {"version": 1, "lat_deg": 24.72, "lon_deg": 102.59}
    moved = (await duty.post(f"incidents/{incident}/edit", json=elsewhere)).json()
    assert moved["area"] not in ("", before["area"])
    # Its counts of before are seen by whose business it is now.
    with post.services.store.housekeep() as session:
        officer = session.exec(select(User).where(User.username == "commander")).one()
        officer.areas = [moved["area"]]
    theirs = await post.sign_in("commander")
    counts = (await theirs.get(f"incidents/{incident}/figures")).json()
    assert [count["people_missing"] for count in counts] == [3]
    # Whose business it is was said by a person: it stays.
    said = await post.open_incident(area=before["area"], lat_deg=24.72, lon_deg=102.59)
    kept = {"version": 1, "lat_deg": 24.95, "lon_deg": 102.64}
    assert (await duty.post(f"incidents/{said}/edit", json=kept)).json()["area"] == before["area"]


async def test_figures_have_a_history(post: Post) -> None:
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    incident = await post.open_incident(people_missing=3)
    url = f"incidents/{incident}/figures"
    first = {"id": new_id(), "people_found": 2, "people_missing": 1, "note": "搜救二组报告"}
    counted = await duty.post(url, json=first)
    assert counted.status_code == 200, counted.text
    shown = counted.json()
    figures = (shown["people_missing"], shown["people_found"], shown["people_injured"])
    assert figures == (1, 2, None)
    assert (await duty.post(url, json=first)).json() == shown
    other = await duty.post(url, json={**first, "people_found": 9})
    assert other.json()["detail"]["code"] == "id_taken"
    await commander.post(url, json={"id": new_id(), "people_injured": 1})
    history = (await duty.get(url)).json()
    told = [
        (row["people_missing"], row["people_found"], row["people_injured"], row["note"])
        for row in history
    ]
    assert told == [(1, 2, 1, ""), (1, 2, None, "搜救二组报告"), (3, None, None, "")]
    assert history[0]["by"] != history[1]["by"] == history[2]["by"]
    assert [row["t_ms"] for row in history] == sorted((r["t_ms"] for r in history), reverse=True)
    page = (await duty.get(url, params={"limit": 1, "before": history[0]["id"]})).json()
    assert page == [history[1]]
    line = await last_line(post, incident)
    assert line["action"] == "incident.counted"
    assert "受伤" in line["text_zh"]
    assert "injured" in line["text_en"]


@pytest.mark.parametrize("body", [{}, {"people_found": -1}, {"people_found": 100_001}])
async def test_a_count_that_says_nothing_is_refused(post: Post, body: dict[str, Any]) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    answer = await duty.post(f"incidents/{incident}/figures", json={"id": new_id(), **body})
    assert answer.status_code == 422
    assert len((await duty.get(f"incidents/{incident}/figures")).json()) == 1


async def test_closing_and_opening_again_want_a_reason(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    url = f"incidents/{incident}"
    for body in ({}, {"text": "   "}):
        answer = await duty.post(f"{url}/close", json=body)
        assert (answer.status_code, answer.json()["detail"]["field"]) == (422, "text")
    early = await duty.post(f"{url}/reopen", json={"text": "复燃"})
    assert early.json()["detail"]["code"] == "incident_open"
    closed = (await duty.post(f"{url}/close", json={"text": "明火扑灭"})).json()
    assert (closed["state"], closed["close_reason"]) == ("closed", "明火扑灭")
    mute = await duty.post(f"{url}/reopen", json={"text": ""})
    assert mute.status_code == 422
    opened = (await duty.post(f"{url}/reopen", json={"text": "西侧复燃"})).json()
    assert (opened["state"], opened["closed_ms"], opened["closed_by"]) == ("open", None, None)
    assert opened["close_reason"] is None
    line = await last_line(post, incident)
    assert line["action"] == "incident.reopened"
    assert "西侧复燃" in line["text_en"]


async def test_a_closed_incident_is_read_only(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident, other = await post.open_incident(), await post.open_incident(title="另一事件")
    await duty.post(f"incidents/{incident}/close", json={"text": "明火扑灭"})
    version = (await duty.get(f"incidents/{incident}")).json()["version"]
    refused = [
        ("edit", {"version": version, "title": "改"}),
        ("figures", {"id": new_id(), "people_found": 1}),
        ("links", {"incident_id": other}),
        ("close", {"text": "再关"}),
    ]
    for name, body in refused:
        answer = await duty.post(f"incidents/{incident}/{name}", json=body)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (409, "incident_closed")
    linked = await duty.post(f"incidents/{other}/links", json={"incident_id": incident})
    assert linked.json()["detail"]["code"] == "incident_closed"
    assert (await duty.get(f"incidents/{incident}")).json()["version"] == version


@pytest.mark.parametrize("username", ["pilot", "auditor"])
async def test_others_may_look_and_not_touch(post: Post, username: str) -> None:
    incident = await post.open_incident()
    who = await post.sign_in(username)
    asks = [
        ("edit", {"version": 1, "title": "改"}),
        ("figures", {"id": new_id(), "people_found": 1}),
        ("reopen", {"text": "复燃"}),
    ]
    for name, body in asks:
        assert (await who.post(f"incidents/{incident}/{name}", json=body)).status_code == 403
    assert (await who.get(f"incidents/{incident}/figures")).status_code == 200


async def test_incidents_are_found_by_title_kind_and_state(post: Post) -> None:
    duty = await post.sign_in("duty")
    ids = [await post.open_incident(title=f"第{n}号 100%_火情") for n in range(4)]
    hikers = await post.open_incident(kind="missing_people", title="Hikers LOST")
    await duty.post(f"incidents/{ids[0]}/close", json={"text": "明火扑灭"})

    async def found(**asked: Any) -> list[str]:
        answer = await duty.get("incidents", params=asked)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()]

    assert await found(state="closed") == [ids[0]]
    assert await found(kind="missing_people") == [hikers]
    assert await found(q="hikers") == [hikers]
    assert await found(q="100%_") == [*reversed(ids)]
    assert await found(q="1%0") == []
    assert await found(q="火情", state="open", limit=2) == [ids[3], ids[2]]
    assert await found(q="火情", state="open", limit=2, before=ids[2]) == [ids[1]]
