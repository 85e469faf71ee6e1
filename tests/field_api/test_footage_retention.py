"""How long footage stays: the oldest goes first, what is protected never does, and it is told."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.core.audit.tables import AuditEntry, AuditWords
from field_api.features.footage.folder import beside_of, make_place, place_of
from field_api.features.footage.retention import (
    DAY_MS,
    Candidate,
    Limits,
    Room,
    room_of,
    to_delete,
)
from field_api.features.footage.tables import (
    FootageFile,
    FootageGap,
    FootageIncident,
    GapCause,
)
from field_api.features.footage.tidying import FootageRoom, tidy
from tests.field_api.footage import CAMERA, footage, give_camera
from tests.field_api.post import T0_MS, Post

FILES = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        began_ms=st.integers(0, 100 * DAY_MS),
        size_bytes=st.integers(0, 10_000),
        protected=st.booleans(),
    ),
    max_size=30,
).map(lambda files: sorted(files, key=lambda one: one.began_ms))


@given(
    files=FILES,
    now_ms=st.integers(0, 200 * DAY_MS),
    days=st.floats(0.1, 200),
    limit=st.integers(0, 200_000),
)
def test_rules(files: list[Candidate], now_ms: int, days: float, limit: int) -> None:
    limits = Limits(days, 0.5)
    used = sum(file.size_bytes for file in files)
    gone = to_delete(files, now_ms, Room(used, limit), limits)
    ids = {file.id for file, _ in gone}
    assert not any(file.protected for file, _ in gone)
    stay = [file for file in files if file.id not in ids and not file.protected]
    # Nothing stays that is too old, and nothing older than what went.
    assert not any(now_ms - file.began_ms > days * DAY_MS for file in stay)
    assert all(one.began_ms <= file.began_ms for file in stay for one, _ in gone)
    left = used - sum(file.size_bytes for file, _ in gone)
    assert left <= limit or not stay
    # No more goes than must.
    for_room = [file for file, cause in gone if cause is GapCause.ROOM]
    assert not for_room or left + for_room[-1].size_bytes > limit


@given(
    used=st.integers(0, 2**40),
    free=st.integers(0, 2**40),
    reserve=st.integers(0, 2**33),
    share=st.floats(0.01, 1),
)
def test_footage_never_takes_what_records_need(
    used: int, free: int, reserve: int, share: float
) -> None:
    room = room_of(used, free, reserve, Limits(1, share))
    assert room.limit_bytes <= max(0, used + free - reserve)
    assert room.limit_bytes <= (used + free) * share


@pytest.fixture
async def post(post: Post) -> Post:
    """A command post whose own look at footage is over, and comes again in a minute."""
    async with asyncio.timeout(20):
        while "footage" not in post.services.timer_runs:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    return post


def recorded(post: Post, age_days: float, incident_id: str | None = None) -> FootageFile:
    """Put a file in as if it had been recorded so long ago."""
    began_ms = int(T0_MS - age_days * DAY_MS)
    file_id = new_id()
    row = FootageFile(
        id=file_id,
        version=1,
        stream_id=CAMERA,
        vehicle_id="XS-U1",
        place=place_of(CAMERA, file_id, began_ms),
        began_ms=began_ms,
        ended_ms=began_ms + 60_000,
        first_pts_90k=0,
        codec="avc1.42c00b",
        width=160,
        height=96,
        size_bytes=1000,
        sha256="0" * 64,
    )
    path = make_place(post.services.settings.footage_dir, row.place)
    path.write_bytes(b"x" * 900)
    beside_of(path).write_bytes(b"x" * 100)
    with post.services.store.housekeep() as session:
        session.add(row)
        session.flush()
        if incident_id:
            session.add(
                FootageIncident(file_id=file_id, incident_id=incident_id, began_ms=began_ms)
            )
    return row


def there(post: Post) -> set[str]:
    with post.services.store.read() as session:
        rows = {row.id: row.place for row in session.exec(select(FootageFile))}
    root = post.services.settings.footage_dir
    on_disk = {path.relative_to(root).as_posix() for path in root.glob("*/*/*.mp4")}
    assert on_disk == set(rows.values())
    return set(rows)


def days(root: Path) -> list[Path]:
    return list(root.glob("*/*"))


async def test_old_footage_goes_and_it_is_told(post: Post) -> None:
    old = [recorded(post, 91 + n / 1440) for n in range(3)]
    young = recorded(post, 1)
    tidy(post.services)
    assert there(post) == {young.id}
    client = await post.sign_in("auditor")
    [told] = (await client.get("footage/deleted")).json()
    assert (told["cause"], told["files"], told["size_bytes"]) == ("aged", 3, 3000)
    assert told["began_ms"] == min(row.began_ms for row in old)
    with post.services.store.read() as session:
        query = select(AuditWords.text_en).join(AuditEntry, col(AuditEntry.seq) == AuditWords.seq)
        [text] = session.exec(query.where(AuditEntry.action == "footage.deleted")).all()
    assert text == f"Footage of {CAMERA} deleted: 3 files, 0.0 MB (older than footage is kept)"
    view = await footage(client, from_ms=T0_MS - 95 * DAY_MS)
    [stream] = view["streams"]
    assert stream["gaps"][0]["cause"] == "aged"
    # Empty folders go with their files, the stream's own stays with the young one.
    assert len(days(post.services.settings.footage_dir)) == 1


async def test_footage_of_an_open_incident_stays_until_it_is_closed(post: Post) -> None:
    incident_id = await post.open_incident()
    row = recorded(post, 200, incident_id)
    tidy(post.services)
    assert there(post) == {row.id}
    client = await post.sign_in("commander")
    closed = await client.post(f"incidents/{incident_id}/close", json={"text": "over"})
    assert closed.status_code == 200, closed.text
    tidy(post.services)
    assert there(post) == set()


async def test_what_a_person_had_kept_stays_until_it_is_let_go(post: Post) -> None:
    give_camera(post.services)
    row = recorded(post, 200)
    client = await post.sign_in("commander")
    span = {"stream_id": CAMERA, "from_ms": row.began_ms + 5, "to_ms": row.began_ms + 10}
    assert (await client.post("footage/keep", json=span)).status_code == 422
    kept = await client.post("footage/keep", json={**span, "text": "court case 12"})
    assert kept.status_code == 200, kept.text
    assert kept.json()["files"] == 1
    tidy(post.services)
    assert there(post) == {row.id}
    [stream] = (await footage(client, from_ms=0))["streams"]
    assert stream["files"][0]["kept_why"] == "court case 12"
    freed = {**span, "text": "case closed", "kept": False}
    assert (await client.post("footage/keep", json=freed)).status_code == 200
    tidy(post.services)
    assert there(post) == set()


async def test_beyond_its_share_the_oldest_goes(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [recorded(post, 10 - n) for n in range(6)]
    room = Room(6000, 3500)
    monkeypatch.setattr(FootageRoom, "count", lambda _self: room)
    tidy(post.services)
    assert there(post) == {row.id for row in rows[3:]}
    with post.services.store.read() as session:
        [gap] = session.exec(select(FootageGap)).all()
    assert (gap.cause, gap.files) == (GapCause.ROOM, 3)


async def test_when_all_is_protected_and_too_much_nothing_more_is_recorded(post: Post) -> None:
    incident_id = await post.open_incident()
    row = recorded(post, 1, incident_id)
    with post.services.store.housekeep() as session:
        session.get_one(FootageFile, row.id).size_bytes = 1 << 50
    tidy(post.services)
    assert post.services.part(FootageRoom).problem() is GapCause.FULL
    assert there(post) == {row.id}
