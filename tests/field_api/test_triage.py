"""Tasks pressed for and handed over; alerts taken, put aside and merged; the false-alarm log."""

import csv
import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.features.detections.triage_rules import (
    TAKEN_FOR_MS,
    day_of,
    taken_by_other,
    why_not_merge,
)
from field_api.features.tasks.escalation import escalate_due
from tests.field_api.field import detection
from tests.field_api.post import SMOKE, T0_MS, Post
from tests.field_api.test_detections import store
from tests.field_api.test_field_reports import refused
from tests.field_api.test_tasks import send

STATUS = st.sampled_from(["open", "confirmed", "rejected"])
LABEL = st.sampled_from(["smoke", "person"])


@given(LABEL, LABEL, STATUS, STATUS)
def test_only_an_open_alert_joins_one_of_its_kind_that_was_not_rejected(
    label: str, into_label: str, status: str, into_status: str
) -> None:
    may = label == into_label and status == "open" and into_status != "rejected"
    assert (why_not_merge(label, into_label, status, into_status) is None) is may


@given(st.integers(0, 10**13), st.integers(0, 10**6), st.booleans())
def test_a_taken_alert_is_free_after_two_minutes_of_nothing(
    taken_ms: int, after_ms: int, own: bool
) -> None:
    held = taken_by_other("a", taken_ms, "a" if own else "b", taken_ms + after_ms)
    assert held is (not own and after_ms < TAKEN_FOR_MS)


def test_a_day_begins_at_midnight_of_the_bureau() -> None:
    midnight_ms = 16 * 3_600_000
    assert day_of(midnight_ms) == day_of(midnight_ms - 1) + 1


# --- tasks ----------------------------------------------------------------------------------------


async def test_a_reminder_is_on_record_and_two_presses_are_one(post: Post) -> None:
    task = await send(post)
    duty = await post.sign_in("duty")
    url = f"tasks/{task['id']}/remind"
    first = (await duty.post(url, json={"id": new_id()})).json()
    second = (await duty.post(url, json={"id": new_id()})).json()
    assert (first["reminders"], second["reminders"]) == (1, 1)
    post.clock.advance_s(60)
    assert (await duty.post(url, json={"id": new_id()})).json()["reminders"] == 2
    lines = (await duty.get(f"incidents/{task['incident_id']}/timeline")).json()
    assert [line["action"] for line in lines].count("task.reminded") == 2
    handheld = await post.sign_in("ht-05")
    (own,) = (await handheld.get("tasks?mine=1")).json()
    assert own["reminded_ms"] == post.clock()
    assert (await handheld.post(url, json={"id": new_id()})).status_code == 403


async def test_a_task_handed_over_keeps_its_history(post: Post) -> None:
    due_ms = post.clock() + 600_000
    task = await send(post, due_ms=due_ms, text="走防火道")
    handheld, duty = await post.sign_in("ht-05"), await post.sign_in("duty")
    step = {"id": new_id(), "to": "acknowledged", "t_ms": T0_MS}
    await handheld.post(f"tasks/{task['id']}/transitions", json=step)
    url = f"tasks/{task['id']}/hand-over"
    body = {"id": new_id(), "terminal_id": "HT-11", "reason": "车辆故障"}
    await refused(duty, url, {**body, "terminal_id": "HT-05"}, "task_is_theirs")
    post.clock.advance_s(600)
    new = (await duty.post(url, json=body)).json()
    assert (await duty.post(url, json=body)).status_code == 200
    assert (new["terminal_id"], new["state"], new["handed_from"]) == ("HT-11", "sent", "HT-05")
    assert (new["text"], new["due_ms"], new["lat_deg"]) == ("走防火道", due_ms, SMOKE[0])
    old = (await duty.get(f"tasks/{task['id']}")).json()
    assert (old["state"], old["handed_to"]) == ("cancelled", "HT-11")
    assert [each["to"] for each in old["steps"]] == ["acknowledged", "cancelled"]
    assert old["steps"][-1]["text"] == "车辆故障"
    # Its time to be acknowledged begins anew.
    assert escalate_due(post.services) == 0
    await refused(duty, url, {**body, "id": new_id()}, "task_is_over")


# --- alerts ---------------------------------------------------------------------------------------


async def act(post: Post, who: str, alert: str, what: str, **body: Any) -> dict[str, Any]:
    client = await post.sign_in(who)
    answer = await client.post(f"detections/{alert}/{what}", json={"id": new_id(), **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_others_see_who_looks_at_an_alert_until_they_let_go(post: Post) -> None:
    message = detection()
    store(post, message)
    taken = await act(post, "duty", message.id, "take")
    assert taken["taken_until_ms"] == post.clock() + TAKEN_FOR_MS
    commander = await post.sign_in("commander")
    url = f"detections/{message.id}/take"
    await refused(commander, url, {"id": new_id()}, "alert_is_taken")
    # Somebody else's hands off: only who took it lets it go.
    kept = await act(post, "commander", message.id, "release")
    assert kept["taken_by"] == taken["taken_by"]
    post.clock.advance_s(90)
    await act(post, "duty", message.id, "take")
    post.clock.advance_s(90)
    await refused(commander, url, {"id": new_id()}, "alert_is_taken")
    post.clock.advance_s(31)
    theirs = await act(post, "commander", message.id, "take")
    assert theirs["taken_by"] != taken["taken_by"]
    assert (await act(post, "commander", message.id, "release"))["taken_by"] is None


async def test_a_taken_alert_may_be_judged_by_others(post: Post) -> None:
    message = detection()
    store(post, message)
    await act(post, "duty", message.id, "take")
    commander = await post.sign_in("commander")
    judged = await commander.post(f"detections/{message.id}/review", json={"verdict": "confirm"})
    assert judged.json()["status"] == "confirmed"


async def test_a_snoozed_alert_has_a_time_to_come_back(post: Post) -> None:
    message = detection()
    store(post, message)
    await act(post, "duty", message.id, "take")
    away = await act(post, "duty", message.id, "snooze", minutes=5)
    assert (away["snoozed_until_ms"], away["taken_by"]) == (post.clock() + 300_000, None)
    back = await act(post, "commander", message.id, "snooze", minutes=0)
    assert (back["snoozed_until_ms"], back["status"]) == (None, "open")
    duty = await post.sign_in("duty")
    wrong = await duty.post(
        f"detections/{message.id}/snooze", json={"id": new_id(), "minutes": 600}
    )
    assert wrong.status_code == 422


async def test_two_alerts_of_one_person_become_one_that_keeps_all_sightings(post: Post) -> None:
    first = detection()
    far = detection(at=(SMOKE[0] + 0.02, SMOKE[1]), track_id=9)
    again = detection(at=(SMOKE[0] + 0.02, SMOKE[1]), track_id=9, t_ms=T0_MS + 2000)
    for message in (first, far, again):
        store(post, message)
    duty = await post.sign_in("duty")
    url = f"detections/{far.id}/merge"
    await refused(duty, url, {"id": new_id(), "into_id": far.id}, "merge_itself")
    one = await act(post, "duty", far.id, "merge", into_id=first.id)
    twice = await act(post, "duty", far.id, "merge", into_id=first.id)
    assert (one["id"], one["sightings"], twice["version"]) == (first.id, 3, one["version"])
    assert one["last_seen_ms"] == T0_MS + 2000
    assert [each["id"] for each in (await duty.get("detections")).json()] == [first.id]
    joined = (await duty.get(f"detections/{far.id}")).json()
    assert (joined["duplicate_of"], bool(joined["merged_by"])) == (first.id, True)
    sighting = (await duty.get(f"detections/{again.id}")).json()
    assert sighting["duplicate_of"] == first.id
    # What the camera sees there next is the one alert.
    more = detection(at=(SMOKE[0] + 0.02, SMOKE[1]), track_id=9, t_ms=T0_MS + 3000)
    store(post, more)
    assert (await duty.get(f"detections/{first.id}")).json()["sightings"] == 4


async def test_the_log_counts_false_alarms_by_camera_and_day_and_leaves_as_csv(post: Post) -> None:
    day_ms = 86_400_000
    for number, (days, stream) in enumerate(((0, "mast-1"), (0, "mast-1"), (1, "mast-2"))):
        message = detection(
            stream_id=stream,
            vehicle_id=None,
            label="smoke",
            track_id=number,
            t_ms=T0_MS + days * day_ms,
            first_seen_ms=T0_MS + days * day_ms,
            at=(SMOKE[0] + 0.1 * number, SMOKE[1]),
        )
        store(post, message)
        duty = await post.sign_in("duty")
        body = {"verdict": "reject", "reason": "=炊烟", "cause": "known"}
        await duty.post(f"detections/{message.id}/review", json=body)
    duty = await post.sign_in("duty")
    log = (await duty.get("false-alarms")).json()
    assert [each["reason"] for each in log] == ["=炊烟"] * 3
    days = (await duty.get("false-alarms/days", params={"since_ms": 0})).json()
    assert sum(each["count"] for each in days) == len(log)
    assert len({each["day"] for each in days}) == 2
    file = await duty.get("false-alarms/file", params={"since_ms": 0, "language": "en"})
    assert file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(log)
    assert rows[1][7] == "known already"
    assert not any(cell.startswith("=") for row in rows for cell in row)
    pilot = await post.sign_in("pilot")
    assert (await pilot.get("false-alarms")).status_code == 403
