"""Faults that were found in use, each with the test that would have found it."""

import asyncio
import os
import re
import signal
import threading
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event as sa_event
from sqlmodel import select

import field_api
from field_api.contract.ids import new_id
from field_api.contract.messages import StreamState, TerminalPosition
from field_api.core.events import TailEvent, events_after
from field_api.core.feature import Timer
from field_api.core.timers import run_timer
from field_api.features.flights.watching import Watching
from field_api.features.incidents.tables import Incident
from field_api.features.plans.improvement import PlanImprover
from field_api.features.positions.positions import Positions
from field_api.features.positions.tables import LastPosition
from field_api.features.tasks.tables import Task, TaskState
from field_api.settings import Settings
from tests.field_api.post import OPERATOR, T0_MS, Post, asgi_post, plan_body

# --- one change, one tail --------------------------------------------------------------------


async def test_events_come_in_the_order_of_their_commits_from_any_thread(post: Post) -> None:
    """Two threads used to tell A, B as B, A: `store.change` told after its lock was released."""
    incident = await post.open_incident()
    heard: list[TailEvent] = []
    post.services.tail.follow(heard.extend)
    start = threading.Barrier(4)

    def rename(name: str) -> None:
        start.wait(10)
        for number in range(10):
            with post.services.store.change(OPERATOR) as change:
                row = change.put(change.session.get_one(Incident, incident))
                row.title = f"{name}{number}"
                change.record("incident.closed", row.id, why="test")

    threads = [threading.Thread(target=rename, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join, 30)
    await post.services.tail.catch_up()
    versions = [e.version for e in heard if e.topic == "incident"]
    assert versions[-40:] == list(range(2, 42))
    assert [e.seq for e in heard] == sorted(e.seq for e in heard)
    with post.services.store.read() as session:
        stored = events_after(session, 0, limit=1000)
        title = session.get_one(Incident, incident).title
    last = [e for e in stored if e.topic == "incident"][-1]
    assert last.body is not None
    assert f'"title":"{title}"' in last.body


async def test_a_call_after_the_commit_that_raises_stops_nobody(post: Post) -> None:
    called: list[str] = []

    def broken() -> None:
        called.append("broken")
        raise RuntimeError("after the commit")

    with post.services.store.change(OPERATOR) as change:
        change.record("node.connected", "1", node="1")
        change.after_commit(broken)
        change.after_commit(lambda: called.append("next"))
    assert called == ["broken", "next"]


async def test_a_timer_that_raises_stops_no_other(post: Post) -> None:
    ran: list[str] = []

    def broken(_ctx: object) -> None:
        raise RuntimeError("this timer is broken")

    assert not run_timer(post.services, Timer("broken", 1, broken))
    assert run_timer(post.services, Timer("good", 1, lambda _ctx: ran.append("good")))
    assert ran == ["good"]


# --- no cost grows with history --------------------------------------------------------------


async def test_one_change_reads_no_trail(post: Post) -> None:
    """`.first()` without a limit read every audit entry for each change."""
    for number in range(60):
        with post.services.store.change(OPERATOR) as change:
            change.record("node.connected", str(number), node="x")
    statements: list[str] = []
    engine = post.services.store.writer

    def seen(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    sa_event.listen(engine, "before_cursor_execute", seen)
    with post.services.store.change(OPERATOR) as change:
        change.record("node.connected", "last", node="x")
    sa_event.remove(engine, "before_cursor_execute", seen)
    reads = [s for s in statements if s.startswith("SELECT") and "auditentry" in s]
    assert reads
    assert all("LIMIT" in s for s in reads)


def test_no_query_fetches_everything_for_one_row() -> None:
    """`select(Model)` with `.first()` fetches and builds every row: a limit stands before it."""
    root = Path(field_api.__file__).parent
    found: list[str] = []
    for file in root.rglob("*.py"):
        text = file.read_text("utf-8")
        for match in re.finditer(r"\.first\(\)", text):
            if "limit(" not in text[max(0, match.start() - 700) : match.start()]:
                found.append(
                    f"{file.relative_to(root)}:{text.count(chr(10), 0, match.start()) + 1}"
                )
    assert not found


async def test_the_live_picture_holds_what_is_open(post: Post) -> None:
    from field_api.core.access import Viewer
    from field_api.core.roles import Role
    from field_api.links.browsers.picture import snapshot

    incident = await post.open_incident()
    with post.services.store.change(OPERATOR) as change:
        closed = change.session.get_one(Incident, incident)
        for number in range(30):
            task = change.create(
                Task(
                    id=new_id(),
                    incident_id=incident,
                    terminal_id="HT-05",
                    title=f"旧任务 {number}",
                    text="",
                    lat_deg=25,
                    lon_deg=102,
                    state=TaskState.DONE,
                    created_ms=T0_MS,
                    created_by="x",
                )
            )
            change.record("node.connected", task.id, node="x")
        change.put(closed)
        closed.state = "closed"  # pyright: ignore[reportAttributeAccessIssue]
        change.record("incident.closed", incident, why="")
    _, text = snapshot(post.services, Viewer(Role.COMMANDER))
    assert "旧任务" not in text


# --- positions and sessions ------------------------------------------------------------------


async def test_a_clock_in_the_future_does_not_freeze_a_handheld(post: Post) -> None:
    handheld = await post.sign_in("ht-05")
    far = {"t_ms": 4_070_908_800_000, "lat_deg": 24.9, "lon_deg": 102.6}
    assert (await handheld.post("terminals/HT-05/position", json=far)).status_code == 204
    post.clock.advance_s(5)
    near = {"t_ms": post.clock(), "lat_deg": 24.95, "lon_deg": 102.6}
    assert (await handheld.post("terminals/HT-05/position", json=near)).status_code == 204
    known = post.services.part(Positions).of("HT-05")
    assert known is not None
    assert (known.lat_deg, known.t_ms) == (24.95, post.clock())


async def test_a_position_costs_no_transaction_and_is_written_in_batches(post: Post) -> None:
    handheld = await post.sign_in("ht-05")
    await handheld.get("session")
    writes: list[str] = []

    def seen(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        writes.append(statement)

    sa_event.listen(post.services.store.writer, "before_cursor_execute", seen)
    positions = post.services.part(Positions)
    for number in range(20):
        positions.take(
            TerminalPosition(terminal_id="HT-05", t_ms=T0_MS + number, lat_deg=24.9, lon_deg=102.6)
        )
    assert not [s for s in writes if "lastposition" in s]
    positions.write()
    assert len([s for s in writes if s.startswith(("INSERT", "UPDATE"))]) == 1
    with post.services.store.read() as session:
        assert session.get_one(LastPosition, "HT-05").t_ms == T0_MS + 19


async def test_positions_survive_a_restart(settings: Settings) -> None:
    async with asgi_post(settings) as first:
        await first.place_terminal("HT-05", 24.9, 102.6)
    async with asgi_post(settings) as second:
        known = second.services.part(Positions).of("HT-05")
        assert known is not None
        assert known.lat_deg == 24.9


async def test_watched_video_survives_a_restart(settings: Settings) -> None:
    def live(t_ms: int) -> StreamState:
        return StreamState(
            stream_id="XS-U1-cam",
            vehicle_id="XS-U1",
            t_ms=t_ms,
            state="live",
            detector_frames_per_s=5,
        )

    async with asgi_post(settings) as first:
        for second_ms in range(0, 30_000, 1000):
            first.services.part(Watching).note(live(T0_MS + second_ms))
    async with asgi_post(settings) as post, post_session(post) as session:
        watching = post.services.part(Watching)
        moments = [T0_MS - 10_000, T0_MS + 12_345, T0_MS + 29_000, T0_MS + 60_000]
        assert watching.watched(session, "XS-U1", moments) == [False, True, True, False]
        assert watching.watched(session, "XS-U2", [T0_MS]) == [False]


def post_session(post: Post) -> Any:
    """Return a read session as an async context."""
    import contextlib

    @contextlib.asynccontextmanager
    async def opened() -> Any:
        with post.services.store.read() as session:
            yield session

    return opened()


# --- the planner's worker --------------------------------------------------------------------


async def test_a_killed_improver_stops_no_later_plan(settings: Settings) -> None:
    busy = settings.model_copy(update={"improve_s": 20})
    async with asgi_post(busy) as post:
        incident = await post.open_incident()
        pilot = await post.sign_in("pilot")
        url = f"incidents/{incident}/plans"
        assert (await pilot.post(url, json=plan_body())).status_code == 201
        improver = post.services.part(PlanImprover)
        pids = improver.pids()
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for _ in range(3):
            answer = await pilot.post(url, json=plan_body())
            assert answer.status_code == 201, answer.text


async def test_authorising_needs_the_revision_that_was_looked_at(post: Post) -> None:
    incident = await post.open_incident()
    pilot = await post.sign_in("pilot")
    plan = (await pilot.post(f"incidents/{incident}/plans", json=plan_body())).json()
    from tests.field_api.post import CHECKLIST

    answer = await pilot.post(f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST})
    assert answer.status_code == 422
    assert answer.json()["detail"]["field"] == "revision"
    stale = await pilot.post(
        f"plans/{plan['id']}/authorise", json={"checklist": CHECKLIST, "revision": 7}
    )
    assert stale.json()["detail"]["code"] == "plan_improved"


# --- whatever the interleaving, nobody goes back ----------------------------------------------


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["put", "move", "remove", "create"]), min_size=1, max_size=12))
def test_versions_only_grow_and_the_tail_ends_at_the_rows(
    seeded: Path, tmp_path: Path, steps: list[str]
) -> None:
    import shutil

    from field_api.app import make_services
    from field_api.features.roster.tables import Team

    data_dir = tmp_path / new_id()
    shutil.copytree(seeded, data_dir)
    services = make_services(Settings(data_dir=data_dir), lambda: T0_MS)
    try:
        for number, step in enumerate(steps):
            with services.store.change(OPERATOR) as change:
                row = change.session.get(Team, "T9")
                if row is None:
                    row = change.create(
                        Team(id="T9", name="九", name_en="Nine", people=1, station="x")
                    )
                elif step == "remove":
                    change.remove(row)
                elif step == "move":
                    change.move(row, "530112001" if number % 2 else "530112004")
                else:
                    change.put(row)
                    row.people = number
                change.record("node.connected", "T9", node="x")
        with services.store.read() as session:
            told = [e for e in events_after(session, 0, limit=1000) if e.record_id == "T9"]
            stored = session.exec(select(Team).where(Team.id == "T9").limit(1)).first()
        # Also where the id was used again after a removal: clients keep the tombstone's version.
        assert [e.version for e in told] == list(range(1, len(told) + 1))
        if stored is None:
            assert told[-1].op == "remove"
        else:
            assert (told[-1].op, told[-1].version) == ("put", stored.version)
    finally:
        services.close()
