"""Duties to report have clocks; reports are drafted, approved, issued, and said to be sent."""

from typing import Any

import httpx
import pytest

from field_api.contract.ids import new_id
from field_api.features.incident_reports.clocks import keep_clocks
from tests.field_api.post import SMOKE, Post

HOUR_S = 3600


async def refused(client: httpx.AsyncClient, url: str, body: dict[str, Any], code: str) -> None:
    answer = await client.post(url, json=body)
    assert answer.json()["detail"]["code"] == code, answer.text


async def reporting(post: Post, incident: str) -> dict[str, Any]:
    keep_clocks(post.services)
    duty = await post.sign_in("duty")
    return (await duty.get(f"incidents/{incident}/reporting")).json()


def clock(state: dict[str, Any], duty: str) -> dict[str, Any]:
    (found,) = [each for each in state["clocks"] if each["duty_id"] == duty]
    return found


async def draft(post: Post, incident: str, stage: str = "first") -> dict[str, Any]:
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "stage": stage}
    made = await duty.post(f"incidents/{incident}/reports", json=body)
    assert made.status_code == 201, made.text
    return made.json()


async def issued(post: Post, incident: str, stage: str = "first") -> dict[str, Any]:
    commander = await post.sign_in("commander")
    report = await draft(post, incident, stage)
    body = {"version": report["version"], "approve": True}
    answer = await commander.post(f"incident-reports/{report['id']}/decide", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sending(post: Post, **changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "recipient": "市应急管理局",
        "way": "system",
        "sent_ms": post.clock(),
        **changes,
    }


async def test_clocks_of_an_accident_start_when_the_bureau_is_told(post: Post) -> None:
    incident = await post.open_incident(kind="accident", people_missing=None)
    state = await reporting(post, incident)
    law, default = clock(state, "acc.county_to_city"), clock(state, "em.phone")
    assert law["due_ms"] - law["start_ms"] == 2 * HOUR_S * 1000
    assert (law["start_ms"], law["is_law"], law["stage"]) == (post.clock(), True, "first")
    assert "第十条" in law["basis"]
    assert (default["is_law"], default["way"]) == (False, "phone")
    # What the law asks of others, or from a higher level on, is no clock of this incident.
    duties = {each["duty_id"] for each in state["clocks"]}
    assert duties == {"acc.county_to_city", "em.phone", "em.written"}
    duty = await post.sign_in("duty")
    await duty.post(f"incidents/{incident}/report-facts", json={"deaths": 3})
    state = await reporting(post, incident)
    assert clock(state, "acc.phone_fast")["is_law"] is False
    assert (state["case"]["level"], state["case"]["level_by"]) == ("larger", "deaths")
    assert set(state["case"]["level_unknown"]) == {"serious_injured", "loss_cny"}


async def test_a_disaster_counts_from_when_it_happened(post: Post) -> None:
    incident = await post.open_incident(kind="flood")
    first = clock(await reporting(post, incident), "nd.first")
    assert (first["start_assumed"], first["start_ms"]) == (True, post.clock())
    duty = await post.sign_in("duty")
    happened = post.clock() - HOUR_S * 1000
    url = f"incidents/{incident}/report-facts"
    said = {"happened_ms": happened, "weather": "大雨"}
    assert (await duty.post(url, json=said)).status_code == 200
    again = clock(await reporting(post, incident), "nd.first")
    assert (again["start_assumed"], again["due_ms"]) == (False, happened + 2 * HOUR_S * 1000)
    version = (await reporting(post, incident))["case"]["version"]
    assert (await duty.post(url, json=said)).json()["version"] == version
    await refused(duty, url, {"happened_ms": post.clock() + 1}, "happened_after_told")


async def test_an_urgent_duty_without_a_figure_is_at_once(post: Post) -> None:
    incident = await post.open_incident(kind="fire")
    at_once = clock(await reporting(post, incident), "fire.forest_local")
    assert (at_once["due_ms"], at_once["is_law"]) == (None, True)
    running = (await (await post.sign_in("duty")).get("report-clocks")).json()
    assert running[0]["duty_id"] == "fire.forest_local"
    assert all(each["state"] == "running" for each in running)


async def test_every_figure_of_a_draft_names_its_record_and_gaps_are_named(post: Post) -> None:
    incident = await post.open_incident(title="3号库冒烟", text="护林员2人报告")
    duty = await post.sign_in("duty")
    await duty.post(f"incidents/{incident}/figures", json={"id": new_id(), "people_found": 2})
    await post.place_terminal("HT-05", *SMOKE)
    task = {"id": new_id(), "incident_id": incident, "terminal_id": "HT-05", "title": "到1号点"}
    assert (await duty.post("tasks", json=task)).status_code == 201
    report = await draft(post, incident)
    assert report["title"].startswith("【演练】")
    counts = (await duty.get(f"incidents/{incident}/figures")).json()
    by_key = {each["key"]: each for each in report["sections"]}
    sources = {s["phrase"]: s for each in report["sections"] for s in each["sources"]}
    assert sources["失联3人"]["record_ids"] == [counts[0]["id"]]
    assert sources["找到2人"]["topic"] == "incident_figures"
    assert sources["到1号点"] | {"t_ms": 0} == {
        "phrase": "到1号点",
        "topic": "task",
        "record_ids": [task["id"]],
        "t_ms": 0,
        "by": sources["到1号点"]["by"],
    }
    assert sources["碧鸡应急队"]["record_ids"] == [task["id"]]
    for section in report["sections"]:
        rest = section["text"]
        for source in sorted(section["sources"], key=lambda s: -len(s["phrase"])):
            assert source["phrase"] in section["text"]
            rest = rest.replace(source["phrase"], "")
        assert not any(letter.isdigit() for letter in rest), (section["key"], rest)
    gaps = {gap["key"] for section in report["sections"] for gap in section["gaps"]}
    assert {"happened", "deaths", "weather", "level", "people_injured", "next"} <= gaps
    assert "死亡人数不详" in by_key["casualties"]["text"]
    assert "24.94150" in by_key["scene"]["text"]
    assert "碧鸡街道" in by_key["scene"]["text"]


async def test_a_report_counts_once_a_commander_has_issued_it(post: Post) -> None:
    incident = await post.open_incident()
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    report = await draft(post, incident)
    url = f"incident-reports/{report['id']}"
    edit = {
        "version": 1,
        "sections": [{"key": "next", "text": "继续扑救。"}],
        "recipient": "市应急管理局",
    }
    edited = (await duty.post(f"{url}/edit", json=edit)).json()
    texts = {each["key"]: each["text"] for each in edited["sections"]}
    assert texts["next"] == "继续扑救。"
    await refused(duty, f"{url}/edit", edit, "version_conflict")
    await refused(duty, f"{url}/edit", {"version": 2, "title": "关于火情"}, "drill_in_title")
    unknown = {"version": 2, "sections": [{"key": "x", "text": ""}]}
    await refused(duty, f"{url}/edit", unknown, "unknown_section")
    asked = (await duty.post(f"{url}/ask", json={"version": 2})).json()
    assert asked["state"] == "asked"
    approve = {"version": 3, "approve": True}
    assert (await duty.post(f"{url}/decide", json=approve)).status_code == 403
    draft_pdf = (await duty.get(f"{url}/report.pdf")).content
    assert draft_pdf.startswith(b"%PDF")
    await refused(
        commander, f"{url}/decide", {"version": 3, "approve": False}, "report_needs_opinion"
    )
    back = {"version": 3, "approve": False, "opinion": "补充地点"}
    assert (await commander.post(f"{url}/decide", json=back)).json()["state"] == "draft"
    done = (await commander.post(f"{url}/decide", json={**approve, "version": 4})).json()
    assert (done["state"], done["number"]) == ("issued", "西应急演报〔2025〕1号")
    assert done["decided_by"] != done["drafted_by"]
    pdf = (await duty.get(f"{url}/report.pdf")).content
    assert pdf.startswith(b"%PDF")
    assert pdf == (await duty.get(f"{url}/report.pdf")).content != draft_pdf
    for act, body in (("edit", {**edit, "version": 5}), ("drop", {"version": 5})):
        await refused(duty, f"{url}/{act}", body, "report_is_issued")
    line = (await duty.get(f"incidents/{incident}/timeline")).json()[-1]
    assert (line["action"], "签发" in line["text_zh"]) == ("report.issued", True)


async def test_a_clock_stops_when_somebody_says_that_it_was_sent(post: Post) -> None:
    incident = await post.open_incident(kind="accident")
    duty = await post.sign_in("duty")
    state = await reporting(post, incident)
    written, phone = clock(state, "acc.county_to_city"), clock(state, "em.phone")
    url = f"incidents/{incident}/report-sendings"
    call = sending(post, way="phone", clocks=[phone["id"]])
    assert (await duty.post(url, json=call)).status_code == 201
    assert (await duty.post(url, json=call)).status_code == 200
    by_phone = sending(post, way="phone", clocks=[written["id"]])
    await refused(duty, url, by_phone, "duty_in_writing")
    await refused(duty, url, sending(post), "sending_needs_report")
    unapproved = await draft(post, incident)
    body = sending(post, report_id=unapproved["id"], clocks=[written["id"]])
    await refused(duty, url, body, "report_not_issued")
    report = await issued(post, incident)
    # Issued is not sent.
    assert clock(await reporting(post, incident), "acc.county_to_city")["state"] == "running"
    post.clock.advance_s(60)
    early = sending(post, report_id=report["id"], sent_ms=report["decided_ms"] - 1)
    await refused(duty, url, early, "sent_before_issued")
    body = sending(post, report_id=report["id"], clocks=[written["id"]])
    sent = (await duty.post(url, json=body)).json()
    state = await reporting(post, incident)
    met = clock(state, "acc.county_to_city")
    assert (met["state"], met["ended_ms"], met["sending_id"]) == ("met", post.clock(), sent["id"])
    assert clock(state, "em.written")["state"] == "running"
    # The next one of those that are asked for again and again.
    daily = clock(state, "acc.daily")
    assert daily["due_ms"] - daily["start_ms"] == 24 * HOUR_S * 1000
    await refused(duty, url, sending(post, way="phone", clocks=[phone["id"]]), "clock_not_running")
    known = {"by": "市局值班室李某", "t_ms": post.clock()}
    there = f"report-sendings/{sent['id']}/acknowledge"
    assert (await duty.post(there, json=known)).json()["acknowledged_by"] == known["by"]
    assert (await duty.post(there, json=known)).status_code == 200
    await refused(duty, there, {**known, "by": "王某"}, "sending_acknowledged")


async def test_a_new_figure_after_a_report_proposes_a_follow_up(post: Post) -> None:
    incident = await post.open_incident(kind="fire")
    duty = await post.sign_in("duty")
    assert (await reporting(post, incident))["proposed"] == "first"
    first = await issued(post, incident)
    state = await reporting(post, incident)
    assert (state["proposed"], state["changes"]) == (None, [])
    post.clock.advance_s(60)
    count = {"id": new_id(), "people_missing": 1, "people_found": 2}
    await duty.post(f"incidents/{incident}/figures", json=count)
    await duty.post(f"incidents/{incident}/report-facts", json={"burned_ha": 0.6})
    state = await reporting(post, incident)
    assert state["proposed"] == "follow_up"
    assert {each["key"]: (each["before"], each["after"]) for each in state["changes"]} == {
        "level": (None, "ordinary"),
        "people_missing": (3, 1),
        "people_found": (None, 2),
        "burned_ha": (None, 0.6),
    }
    told = clock(state, "em.new_facts")
    assert (told["due_ms"], told["is_law"], told["stage"]) == (None, True, "follow_up")
    follow_up = await draft(post, incident, "follow_up")
    changes = follow_up["sections"][0]
    assert changes["key"] == "changes"
    assert "失联人数由3变为1" in changes["text"]
    assert first["number"] in changes["text"]
    assert {s["topic"] for s in changes["sources"]} == {
        "incident_report",
        "incident_figures",
        "report_case",
    }


async def test_a_clock_says_that_it_is_due_once_and_overdue_once(post: Post) -> None:
    incident = await post.open_incident(kind="accident")

    async def acts() -> list[str]:
        keep_clocks(post.services)
        keep_clocks(post.services)
        post.forget_sessions()
        duty = await post.sign_in("duty")
        lines = (await duty.get(f"incidents/{incident}/timeline")).json()
        return [line["action"] for line in lines if line["action"].startswith("report.clock_")]

    assert await acts() == []
    post.clock.advance_s(105 * 60 - 1)
    said = await acts()
    assert said == ["report.clock_overdue"] * 2  # by phone, in writing: the defaults
    post.clock.advance_s(2)
    assert (await acts())[2:] == ["report.clock_soon"]
    post.clock.advance_s(15 * 60)
    assert (await acts())[3:] == ["report.clock_overdue"]


async def test_the_end_of_an_incident_asks_for_its_final_report(post: Post) -> None:
    incident = await post.open_incident(kind="fire")
    duty = await post.sign_in("duty")
    report = await issued(post, incident)
    body = sending(post, report_id=report["id"])
    await duty.post(f"incidents/{incident}/report-sendings", json=body)
    assert clock(await reporting(post, incident), "nd.daily")["state"] == "running"
    await duty.post(f"incidents/{incident}/close", json={"text": "扑灭"})
    state = await reporting(post, incident)
    assert clock(state, "nd.daily")["state"] == "void"
    # The first report is owed still.
    assert clock(state, "nd.first_fire")["state"] == "running"
    final = clock(state, "nd.final")
    assert (final["stage"], final["state"]) == ("final", "running")
    assert (await draft(post, incident, "final"))["title"].endswith("终报")
    await duty.post(f"incidents/{incident}/reopen", json={"text": "复燃"})
    assert clock(await reporting(post, incident), "nd.final")["state"] == "void"


async def test_a_level_that_a_person_says_needs_a_reason_and_stands(post: Post) -> None:
    incident = await post.open_incident(kind="accident")
    duty, commander = await post.sign_in("duty"), await post.sign_in("commander")
    url = f"incidents/{incident}/report-level"
    assert (await duty.post(url, json={"level": "major", "reason": "x"})).status_code == 403
    await refused(commander, url, {"level": "major"}, "level_needs_reason")
    said = (await commander.post(url, json={"level": "major", "reason": "社会影响大"})).json()
    assert (said["level"], said["level_by"]) == ("major", None)
    report = await draft(post, incident)
    texts = {each["key"]: each["text"] for each in report["sections"]}
    assert texts["level"] == "重大(社会影响大)。"
    back = (await commander.post(url, json={"level": None})).json()
    assert (back["level"], back["level_reason"]) == (None, "")


async def test_situation_reports_answer_no_duty(post: Post) -> None:
    incident = await post.open_incident(drill=False)
    await issued(post, incident, "situation")
    report = await issued(post, incident, "situation")
    assert report["title"] == "关于“西坡冒烟”的情况报告(第2次)"
    assert report["number"] == "西应急报〔2025〕2号"
    assert (await reporting(post, incident))["proposed"] == "first"


async def test_what_stands_as_law_is_as_it_was_shipped(post: Post) -> None:
    admin = await post.sign_in("admin")
    law = (await admin.get("registers/report_duties/acc.county_to_city")).json()
    default = (await admin.get("registers/report_duties/em.phone")).json()
    assert (law["standing"], default["standing"]) == ("verified", "unverified")

    async def put(entry: dict[str, Any], **changes: Any) -> httpx.Response:
        body = {"version": entry["version"], **changes}
        return await admin.put(f"registers/report_duties/{entry['id']}", json=body)

    shorter = await put(law, minutes=30)
    assert shorter.json()["detail"]["code"] == "verified_is_shipped", shorter.text
    assert (await put(default, minutes=0)).json()["detail"]["code"] == "duty_minutes"
    assert (await put(default, daily_at="9:00")).json()["detail"]["code"] == "duty_daily_at"
    assert (await put(default, minutes=20)).status_code == 200
    incident = await post.open_incident()
    phone = clock(await reporting(post, incident), "em.phone")
    assert phone["due_ms"] - phone["start_ms"] == 20 * 60 * 1000


@pytest.mark.parametrize("stage", ["first", "follow_up", "final", "situation"])
async def test_a_repeated_draft_is_the_same_one(post: Post, stage: str) -> None:
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "stage": stage}
    url = f"incidents/{incident}/reports"
    first, again = await duty.post(url, json=body), await duty.post(url, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
