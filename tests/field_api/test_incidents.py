"""Opening, linking and closing incidents, and their timeline."""

from field_api.contract.ids import new_id
from tests.field_api.field import detection
from tests.field_api.post import SMOKE, Post, incident_body
from tests.field_api.test_detections import store


async def test_opening_is_told_in_the_timeline(post: Post) -> None:
    duty = await post.sign_in("duty")
    body = incident_body()
    answer = await duty.post("incidents", json=body)
    assert answer.status_code == 201
    timeline = (await duty.get(f"incidents/{body['id']}/timeline")).json()
    assert [(line["actor"], line["action"]) for line in timeline] == [("duty", "incident.opened")]
    assert "演练" in timeline[0]["text_zh"]


async def test_repeating_a_request_is_harmless_and_another_body_is_refused(post: Post) -> None:
    duty = await post.sign_in("duty")
    body = incident_body()
    first = await duty.post("incidents", json=body)
    again = await duty.post("incidents", json=body)
    other = await duty.post("incidents", json={**body, "title": "另一事件"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["detail"]["field"] == "id"
    assert len((await duty.get("incidents")).json()) == 1


async def test_links_are_seen_from_both_sides_once(post: Post) -> None:
    duty = await post.sign_in("duty")
    fire = await post.open_incident()
    hikers = await post.open_incident(kind="missing_people", title="徒步人员失联")
    for _ in range(2):
        linked = await duty.post(f"incidents/{fire}/links", json={"incident_id": hikers})
        assert linked.json()["linked_ids"] == [hikers]
    assert (await duty.get(f"incidents/{hikers}")).json()["linked_ids"] == [fire]
    timeline = (await duty.get(f"incidents/{hikers}/timeline")).json()
    assert [line["action"] for line in timeline].count("incident.linked") == 1
    itself = await duty.post(f"incidents/{fire}/links", json={"incident_id": fire})
    assert itself.status_code == 409


async def test_closed_incident_takes_no_more(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    closed = await duty.post(f"incidents/{incident}/close", json={"text": "明火扑灭"})
    assert closed.json()["state"] == "closed"
    again = await duty.post(f"incidents/{incident}/close", json={})
    assert again.json()["detail"]["code"] == "incident_closed"


async def test_wrong_fields_are_named_and_change_nothing(post: Post) -> None:
    duty = await post.sign_in("duty")
    body = {**incident_body(), "lat_deg": 240, "colour": "red"}
    answer = await duty.post("incidents", json=body)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail["field"] in ("lat_deg", "colour")
    assert "lat_deg" in detail["text_en"]
    assert "不大于 90" in detail["text_zh"]
    assert (await duty.get("incidents")).json() == []


async def test_unknown_incident_is_404(post: Post) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.get(f"incidents/{new_id()}")
    assert answer.status_code == 404
    assert answer.json()["detail"]["code"] == "unknown_incident"


async def test_a_timeline_is_searched_filtered_and_taken_out(post: Post) -> None:
    duty = await post.sign_in("duty")
    incident = await post.open_incident()
    for version, text in ((1, "=三人 100%_确认"), (2, "三人")):
        body = {"version": version, "text": text}
        assert (await duty.post(f"incidents/{incident}/edit", json=body)).status_code == 200
    store(post, detection(lat_deg=SMOKE[0], lon_deg=SMOKE[1]))
    path = f"incidents/{incident}/timeline"

    async def actions(**wanted: object) -> list[str]:
        answer = await duty.get(path, params=wanted)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return [line["action"] for line in answer.json()]

    everything = ["incident.opened", "incident.edited", "incident.edited", "detection.received"]
    assert await actions() == everything
    assert await actions(people_only=True) == everything[:3]
    assert await actions(subject=["detection", "task"]) == everything[3:]
    assert await actions(q="POSSIBLE") == everything[3:]
    assert await actions(q="100%_") == everything[2:3]
    assert await actions(q="10%") == []
    assert await actions(from_ms=post.clock.now_ms + 1) == []
    assert await actions(to_ms=post.clock.now_ms + 1) == everything
    table = (await duty.get(f"{path}.csv", params={"language": "en", "q": "100%"})).text
    header, *lines = table.strip().splitlines()
    assert header.startswith("\ufeffNo.,Time,Who")
    assert len(lines) == 1
    assert "值班员" in lines[0]
    reporter = await post.sign_in("ht-11")
    assert (await reporter.get(f"{path}.csv")).status_code == 403


async def test_the_auditor_searches_and_takes_out_the_whole_trail(post: Post) -> None:
    duty, auditor = await post.sign_in("duty"), await post.sign_in("auditor")
    incident = await post.open_incident()
    found = (await auditor.get("audit", params={"q": "西坡", "people_only": True})).json()
    assert [(entry["action"], entry["incident_id"]) for entry in found] == [
        ("incident.opened", incident)
    ]
    assert (await auditor.get("audit", params={"subject": ["session"]})).json() == []
    table = await auditor.get("audit/export.csv", params={"q": "西坡", "language": "zh"})
    assert len(table.text.strip().splitlines()) == 2
    assert found[0]["hash"] in table.text
    newest = (await auditor.get("audit", params={"limit": 1})).json()[0]
    assert (newest["action"], newest["actor"]) == ("audit.taken_out", "auditor")
    assert (await duty.get("audit/export.csv")).status_code == 403
