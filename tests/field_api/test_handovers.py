"""Shift change: drafted from data, signed off, taken over by name, then unchangeable."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.features.incident_reports.clocks import keep_clocks
from tests.field_api.post import Post
from tests.field_api.test_incident_reports import refused

HOUR_S = 3600


async def signed(post: Post, note: str = "") -> dict[str, Any]:
    duty = await post.sign_in("duty")
    made = await duty.post("handovers", json={"id": new_id(), "note": note})
    assert made.status_code == 201, made.text
    return made.json()


async def test_a_note_says_what_stands_now(post: Post) -> None:
    incident = await post.open_incident(title="温泉坝起火", kind="fire", people_missing=2)
    keep_clocks(post.services)
    duty = await post.sign_in("duty")
    task = {
        "id": new_id(),
        "incident_id": incident,
        "terminal_id": "T3-07",
        "title": "看守火场",
        "lat_deg": 24.94,
        "lon_deg": 102.62,
    }
    terminals = (await duty.get("roster")).json()["terminals"]
    task["terminal_id"] = terminals[0]["terminal_id"]
    assert (await duty.post("tasks", json=task)).status_code == 201
    draft = (await duty.get("handovers/draft")).json()
    assert [(line["incident"], line["people_missing"]) for line in draft["incidents"]] == [
        ("温泉坝起火", 2)
    ]
    assert [(line["title"], line["acknowledged"]) for line in draft["tasks"]] == [
        ("看守火场", False)
    ]
    assert draft["totals"]["clocks"] == len(draft["clocks"]) > 0
    assert {line["incident"] for line in draft["clocks"]} == {"温泉坝起火"}
    written = next(line for line in draft["clocks"] if line["due_ms"] is not None)
    assert written["overdue"] is False
    post.clock.advance_s(48 * HOUR_S)
    later = (await (await post.sign_in("commander")).get("handovers/draft")).json()
    again = next(line for line in later["clocks"] if line["id"] == written["id"])
    assert again["overdue"] is True


async def test_who_takes_over_confirms_with_the_own_account(post: Post) -> None:
    incident = await post.open_incident()
    note = await signed(post, "西坡复燃风险,夜间每小时看一次")
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    url, body = f"handovers/{note['id']}", {"version": note["version"]}
    assert note["state"] == "signed"
    assert note["standing"]["incidents"][0]["id"] == incident
    await refused(duty, f"{url}/confirm", body, "handover_own")
    await refused(commander, f"{url}/edit", body, "handover_of_another")
    taken = await commander.post(f"{url}/confirm", json={**body, "remark": "已阅"})
    assert taken.status_code == 200, taken.text
    confirmed = taken.json()
    assert (confirmed["state"], confirmed["confirmed_user"]) == ("confirmed", "commander")
    assert confirmed["note"] == note["note"]
    again = await commander.post(f"{url}/confirm", json=body)
    assert again.json()["version"] == confirmed["version"]
    body = {"version": confirmed["version"]}
    await refused(duty, f"{url}/edit", body, "handover_confirmed")
    lines = (await duty.get(f"incidents/{incident}/timeline")).json()
    assert lines[-1]["action"] == "handover.taken_over"
    assert (await duty.get("handovers")).json() == [confirmed]


async def test_a_note_is_put_right_until_it_is_confirmed(post: Post) -> None:
    note = await signed(post, "无")
    await post.open_incident(title="新警情")
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    url = f"handovers/{note['id']}"
    edited = await duty.post(f"{url}/edit", json={"version": note["version"], "note": "刚接报一起"})
    assert [line["incident"] for line in edited.json()["standing"]["incidents"]] == ["新警情"]
    # Nobody confirms words that were not on the screen.
    await refused(commander, f"{url}/confirm", {"version": note["version"]}, "version_conflict")
    assert (await duty.get(url)).json()["note"] == "刚接报一起"


async def test_past_ones_come_page_by_page(post: Post) -> None:
    ids = []
    for _ in range(3):
        ids.append((await signed(post))["id"])
        post.clock.advance_s(60)
    duty = await post.sign_in("duty")
    first = (await duty.get("handovers", params={"limit": 2})).json()
    rest = (await duty.get("handovers", params={"limit": 2, "before": first[-1]["id"]})).json()
    assert [each["id"] for each in [*first, *rest]] == ids[::-1]
    pilot = await post.sign_in("pilot")
    body = {"id": new_id()}
    assert (await pilot.post("handovers", json=body)).status_code == 403
