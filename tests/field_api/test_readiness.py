"""Alive is not ready: a held lock, a full disk, damaged pages and a stopped tail are told."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncGenerator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from field_api.contract.ids import new_id
from field_api.core.busy import DatabaseBusyError, WriterTurn
from field_api.features.accounts.devices import enrol_with_code, give_code
from field_api.features.accounts.sessions import Sessions
from field_api.features.accounts.tables import Device, DeviceKind, DeviceState
from field_api.features.positions.positions import Positions
from field_api.features.positions.tables import LastPosition
from field_api.settings import Settings
from tests.field_api.post import OPERATOR, Post, asgi_post, incident_body
from tests.field_api.test_http import JPEG

RIGHT = {"username": "duty", "password": "xunshan-demo"}


@pytest.fixture
async def post(settings: Settings) -> AsyncGenerator[Post]:
    """A command post that soon says that it is busy."""
    hasty = settings.model_copy(update={"busy_wait_s": 0.2, "low_disk_bytes": 0})
    async with asgi_post(hasty) as running:
        yield running


def root(post: Post) -> httpx.AsyncClient:
    """A client of the root, without the API's prefix."""
    return httpx.AsyncClient(base_url="http://post.test", transport=httpx.ASGITransport(post.app))


async def failing(post: Post) -> set[str]:
    """Return what `/ready` says is wrong, the same at both addresses; alive it is all the time."""
    async with root(post) as client:
        assert (await client.get("/health")).json()["status"] == "ok"
        here = await client.get("/ready")
        there = await client.get("/api/v1/ready")
    assert here.json() == there.json()
    assert here.status_code == (200 if here.json()["ready"] else 503)
    parts: list[dict[str, Any]] = here.json()["parts"]
    assert {part["name"] for part in parts} == {"read", "write", "disk", "tail"}
    assert all(part["text_zh"] and part["text_en"] for part in parts)
    return {part["name"] for part in parts if not part["ok"]}


async def test_a_healthy_post_is_ready(post: Post) -> None:
    before = (await (await post.sign_in("auditor")).get("audit")).json()
    assert await failing(post) == set()
    after = (await (await post.sign_in("auditor")).get("audit")).json()
    assert before == after
    assert not list(post.services.settings.data_dir.glob(".ready*"))


async def test_with_the_write_lock_held_elsewhere_reading_goes_on(post: Post) -> None:
    duty = await post.sign_in("duty")
    file = post.services.settings.database_file
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = await duty.post("incidents", json=incident_body())
        assert refused.status_code == 503
        assert refused.json()["detail"]["code"] == "database_busy"
        assert int(refused.headers["retry-after"]) >= 1
        assert (await duty.get("incidents")).status_code == 200
        async with post.anonymous() as client:
            assert (await client.post("session", json=RIGHT)).status_code == 503
        assert await failing(post) == {"write"}
        other.execute("ROLLBACK")
    assert (await duty.post("incidents", json=incident_body())).status_code == 201


async def test_a_handheld_with_its_devices_token_reads_on_too(post: Post) -> None:
    with post.services.store.change(OPERATOR) as change:
        device = change.create(
            Device(
                id=new_id(),
                kind=DeviceKind.HANDHELD,
                subject_id="HT-05",
                name="HT-05",
                state=DeviceState.INVITED,
            )
        )
        _, token = enrol_with_code(change, give_code(change, device), "test")
    handheld = await post.sign_in("ht-05")
    sessions = post.services.part(Sessions)
    with post.services.store.housekeep():
        answer = await handheld.get("tasks", headers={"X-Xunshan-Device": token})
        assert answer.status_code == 200, answer.text
        with pytest.raises(DatabaseBusyError):
            sessions.write_touched()
    # What could not be written down then is now.
    sessions.write_touched()
    with post.services.store.read() as session:
        assert session.get_one(Device, device.id).last_seen_ms == post.clock()


async def test_positions_taken_while_the_database_was_held_are_written_later(post: Post) -> None:
    positions = post.services.part(Positions)
    await post.sign_in("ht-05")
    with post.services.store.housekeep():
        await post.place_terminal("HT-05", 24.94, 102.61)
        with pytest.raises(DatabaseBusyError):
            positions.write()
    positions.write()
    with post.services.store.read() as session:
        assert session.get_one(LastPosition, "HT-05").lat_deg == 24.94


async def test_with_a_change_that_never_ends_reading_goes_on(post: Post) -> None:
    duty = await post.sign_in("duty")
    with post.services.store.housekeep():
        # More of them than there are threads for requests.
        answers = await asyncio.gather(
            *(duty.post("incidents", json=incident_body()) for _ in range(60))
        )
        assert {answer.status_code for answer in answers} == {503}
        assert (await duty.get("incidents")).status_code == 200
    assert (await duty.post("incidents", json=incident_body())).status_code == 201


def test_few_wait_for_a_change_that_takes_long() -> None:
    turn = WriterTurn(60)
    results: list[bool] = []

    def write() -> None:
        try:
            with turn:
                results.append(True)
        except DatabaseBusyError:
            results.append(False)

    threads = [threading.Thread(target=write) for _ in range(20)]
    with turn:
        for thread in threads:
            thread.start()
        while sum(not thread.is_alive() for thread in threads) < 12:
            threads[0].join(0.05)
        assert not any(results)
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [False] * 12 + [True] * 8


async def test_on_a_full_disk_everybody_is_told_and_reading_goes_on(post: Post) -> None:
    duty = await post.sign_in("duty")
    with post.services.store.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        # What SQLite says then is what it says of a full disk.
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    answers: list[httpx.Response] = []
    for _ in range(200):
        answers.append(await duty.post("incidents", json=incident_body(text="x" * 4000)))
        if answers[-1].status_code not in (201, 503):  # a busy machine says 503
            break
    assert answers[-1].status_code == 507
    assert answers[-1].json()["detail"]["code"] == "disk_full"
    signing_in: httpx.Response | None = None
    async with post.anonymous() as client:
        for _ in range(100):
            signing_in = await client.post("session", json=RIGHT)
            if signing_in.status_code not in (200, 503):
                break
    assert signing_in is not None
    assert (signing_in.status_code, signing_in.json()["detail"]["code"]) == (507, "disk_full")
    assert (await duty.get("incidents")).status_code == 200


async def test_with_little_room_files_wait_and_records_do_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asgi_post(settings) as post:
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _: SimpleNamespace(free=settings.low_disk_bytes - 1)
        )
        handheld, duty = await post.sign_in("ht-05"), await post.sign_in("duty")
        headers = {"content-type": "image/jpeg"}
        picture = await handheld.put(f"media/{'0' * 64}", content=JPEG, headers=headers)
        assert (picture.status_code, picture.json()["detail"]["code"]) == (507, "disk_low")
        assert (await duty.post("incidents", json=incident_body())).status_code == 201
        assert await failing(post) == {"disk"}


async def test_a_disk_that_takes_no_file_is_not_ready(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = post.services.settings.data_dir
    # A folder in the way: nothing can be written there, whoever one is.
    (folder / ".ready-probe").mkdir()
    assert await failing(post) == {"write"}


async def test_damaged_pages_are_found_and_told(post: Post) -> None:
    store, file = post.services.store, post.services.settings.database_file
    with store.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    assert await failing(post) == set()
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(size // 2 // 4096 * 4096)
        raw.write(b"\xa5" * (size // 4))
    post.app.state.readiness.check_pages()
    await asyncio.sleep(1.1)  # an answer is kept for a second
    assert "read" in await failing(post)


async def test_a_tail_that_ended_is_told(post: Post) -> None:
    tail = next(task for task in asyncio.all_tasks() if "EventTail.run" in repr(task.get_coro()))
    tail.cancel()
    await asyncio.gather(tail, return_exceptions=True)
    assert await failing(post) == {"tail"}
