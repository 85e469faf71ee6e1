"""Check-in timers and roll calls: set at the desk, answered on handhelds that were out of reach."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.features.check_ins.overdue import raise_overdue
from field_api.features.check_ins.rules import due_after, local_clock, newest, said_at
from tests.field_api.post import SMOKE, Post
from tests.field_api.test_field_reports import push, refused
from tests.field_api.test_tasks import task_body

MINUTE_MS = 60_000
TIMES = st.integers(min_value=0, max_value=4_000_000_000_000)


@given(st.lists(TIMES, min_size=1, max_size=6), TIMES, st.integers(300, 14_400))
def test_words_of_an_outbox_mean_the_same_in_any_order(
    words: list[int], started_ms: int, interval_s: int
) -> None:
    dues: set[int] = set()
    for order in (words, words[::-1], sorted(words)):
        last: int | None = None
        for t_ms in order:
            last = newest(last, t_ms)
        dues.add(due_after(started_ms, last, interval_s))
    assert dues == {max(started_ms, *words) + interval_s * 1000}


@given(TIMES, TIMES)
def test_a_word_is_never_of_the_future(t_ms: int, received_ms: int) -> None:
    assert said_at(t_ms, received_ms) == min(t_ms, received_ms)


def test_times_are_said_as_at_the_bureau() -> None:
    assert (local_clock(0), local_clock(None)) == ("08:00", "—")


async def team(post: Post, *terminals: str) -> str:
    """Open an incident and send these handhelds out; return the incident."""
    incident = await post.open_incident()
    commander = await post.sign_in("commander")
    for terminal_id in terminals:
        sent = await commander.post("tasks", json=task_body(incident, terminal_id=terminal_id))
        assert sent.status_code == 201, sent.text
    return incident


async def timed(post: Post, incident: str, terminal_id: str, **changes: Any) -> dict[str, Any]:
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "incident_id": incident, "terminal_id": terminal_id, **changes}
    answer = await duty.post("check-ins", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def kept(post: Post, username: str, topic: str) -> list[dict[str, Any]]:
    """What a handheld that begins anew keeps of a kind."""
    page = await (await post.sign_in(username)).get("sync/pull")
    found = [each for each in page.json()["changes"] if each["type"] == topic]
    return [each["data"] for each in found if each["data"] is not None]


async def listed(post: Post, path: str, incident: str) -> list[dict[str, Any]]:
    duty = await post.sign_in("duty")
    return (await duty.get(path, params={"incident_id": incident})).json()


async def acts(post: Post, incident: str) -> list[dict[str, Any]]:
    duty = await post.sign_in("duty")
    lines = (await duty.get(f"incidents/{incident}/timeline")).json()
    return [line for line in lines if line["action"].startswith(("check_in.", "roll."))]


async def test_who_is_not_heard_raises_an_alarm_that_says_when_they_last_were(post: Post) -> None:
    incident = await team(post, "HT-05")
    timer = await timed(post, incident, "HT-05", interval_min=10)
    assert timer["due_ms"] == timer["started_ms"] + 10 * MINUTE_MS
    (own,) = await kept(post, "ht-05", "check_in")
    assert own["due_ms"] == timer["due_ms"]
    assert await kept(post, "ht-11", "check_in") == []
    assert raise_overdue(post.services) == 0
    post.clock.advance_s(300)
    await post.place_terminal("HT-05", *SMOKE)
    position_ms = post.clock()
    post.clock.advance_s(301)
    assert (raise_overdue(post.services), raise_overdue(post.services)) == (1, 0)
    (shown,) = await listed(post, "check-ins", incident)
    assert (shown["overdue_ms"], shown["heard_ms"]) == (post.clock(), position_ms)
    line = (await acts(post, incident))[-1]
    assert local_clock(position_ms) in line["text_zh"]
    # The word was said in time and lay in the outbox: the alarm ends, its own time counts.
    said_ms = position_ms + 4 * MINUTE_MS
    word = {"id": new_id(), "t_ms": said_ms}
    assert (await push(post, "ht-05", "check_in.say", word, timer["id"]))["status"] == "applied"
    again = await push(post, "ht-05", "check_in.say", word, timer["id"])
    assert again["status"] == "repeated"
    (shown,) = await listed(post, "check-ins", incident)
    assert (shown["overdue_ms"], shown["last_ms"]) == (None, said_ms)
    assert shown["due_ms"] == said_ms + 10 * MINUTE_MS
    assert local_clock(said_ms) in (await acts(post, incident))[-1]["text_en"]


async def test_a_word_that_is_late_itself_leaves_the_alarm(post: Post) -> None:
    incident = await team(post, "HT-05")
    timer = await timed(post, incident, "HT-05", interval_min=10)
    early = {"id": new_id(), "t_ms": post.clock() + 1}
    post.clock.advance_s(1200)
    assert raise_overdue(post.services) == 1
    await push(post, "ht-05", "check_in.say", early, timer["id"])
    (shown,) = await listed(post, "check-ins", incident)
    assert shown["overdue_ms"] is not None


async def test_a_new_timer_ends_the_one_before_and_a_stopped_one_is_silent(post: Post) -> None:
    incident = await team(post, "HT-05")
    first = await timed(post, incident, "HT-05")
    second = await timed(post, incident, "HT-05", interval_min=5)
    (own,) = await kept(post, "ht-05", "check_in")
    assert (own["id"], first["interval_s"]) == (second["id"], 1800)
    duty = await post.sign_in("duty")
    url = f"check-ins/{second['id']}/stop"
    stopped = (await duty.post(url, json={"id": new_id()})).json()
    again = (await duty.post(url, json={"id": new_id()})).json()
    assert stopped["version"] == again["version"]
    post.clock.advance_s(3600)
    assert raise_overdue(post.services) == 0
    assert await kept(post, "ht-05", "check_in") == []
    # That somebody was well is kept even now.
    word = {"id": new_id(), "t_ms": post.clock()}
    assert (await push(post, "ht-05", "check_in.say", word, second["id"]))["status"] == "applied"


async def test_nobody_speaks_for_another_handheld(post: Post) -> None:
    incident = await team(post, "HT-05")
    timer = await timed(post, incident, "HT-05")
    word = {"id": new_id(), "t_ms": post.clock()}
    answer = await push(post, "ht-11", "check_in.say", word, timer["id"])
    assert answer["status"] == "refused"
    duty = await post.sign_in("duty")
    assert (await duty.post(f"check-ins/{timer['id']}/words", json=word)).status_code == 403


async def test_a_roll_call_asks_everybody_and_ends_when_all_have_answered(post: Post) -> None:
    incident = await team(post, "HT-05", "HT-11")
    duty = await post.sign_in("duty")
    body = {"id": new_id(), "incident_id": incident}
    called = (await duty.post("roll-calls", json=body)).json()
    assert [entry["terminal_id"] for entry in called["entries"]] == ["HT-05", "HT-11"]
    assert (await duty.post("roll-calls", json=body)).status_code == 200
    second = {"id": new_id(), "incident_id": incident}
    await refused(duty, "roll-calls", second, "roll_is_called")
    (ask,) = await kept(post, "ht-05", "roll_ask")
    said_ms = post.clock() + 5000
    post.clock.advance_s(600)
    answer = {"id": new_id(), "t_ms": said_ms}
    assert (await push(post, "ht-05", "roll.answer", answer, ask["id"]))["status"] == "applied"
    assert await kept(post, "ht-05", "roll_ask") == []
    (going,) = await listed(post, "roll-calls", incident)
    assert [entry["answered_ms"] for entry in going["entries"]] == [said_ms, None]
    assert going["entries"][0]["received_ms"] == post.clock()
    assert going["ended_ms"] is None
    (other,) = await kept(post, "ht-11", "roll_ask")
    mine = {"id": new_id(), "t_ms": post.clock()}
    assert (await push(post, "ht-05", "roll.answer", mine, other["id"]))["status"] == "refused"
    await push(post, "ht-11", "roll.answer", mine, other["id"])
    (done,) = await listed(post, "roll-calls", incident)
    assert (done["ended_ms"], done["ended_by"]) == (post.clock(), None)


async def test_the_desk_ends_a_roll_call_and_a_late_answer_is_kept(post: Post) -> None:
    incident = await team(post, "HT-05")
    duty = await post.sign_in("duty")
    called = await duty.post("roll-calls", json={"id": new_id(), "incident_id": incident})
    (ask,) = await kept(post, "ht-05", "roll_ask")
    url = f"roll-calls/{called.json()['id']}/end"
    ended = (await duty.post(url, json={"id": new_id()})).json()
    assert ended["ended_by"]
    assert "HT-05" in (await acts(post, incident))[-1]["text_zh"]
    assert await kept(post, "ht-05", "roll_ask") == []
    late = {"id": new_id(), "t_ms": post.clock()}
    await push(post, "ht-05", "roll.answer", late, ask["id"])
    (shown,) = await listed(post, "roll-calls", incident)
    assert shown["entries"][0]["answered_ms"] == late["t_ms"]


async def test_nobody_out_means_no_roll_call(post: Post) -> None:
    incident = await post.open_incident()
    duty = await post.sign_in("duty")
    await refused(duty, "roll-calls", {"id": new_id(), "incident_id": incident}, "roll_of_nobody")
