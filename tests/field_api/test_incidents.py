"""Opening, linking and closing incidents, and their timeline."""

from field_api.contract.ids import new_id
from tests.field_api.post import Post, incident_body


async def test_open_tells_deadlines_and_the_timeline(post: Post) -> None:
    duty = await post.sign_in("duty")
    body = incident_body()
    answer = await duty.post("incidents", json=body)
    assert answer.status_code == 201
    incident = answer.json()
    assert incident["first_report_due_ms"] - incident["opened_ms"] == 3_600_000
    assert incident["second_report_due_ms"] - incident["opened_ms"] == 7_200_000
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
