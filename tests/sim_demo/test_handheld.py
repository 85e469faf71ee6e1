from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from field_api.contract.ids import new_id
from mission_plans.values.plan import GeoPoint
from sim.handheld import Handheld, Report, TaskReportSeen, TaskSeen, Transition
from sim.photo import take_photo

START = GeoPoint(lat_deg=24.9443, lon_deg=102.6152)
NOW_MS = 1_742_016_600_000


def no_photo(terminal_id: str, at: GeoPoint, t_ms: int) -> bytes:
    return f"{terminal_id} {at.lat_deg} {t_ms}".encode()


def handheld() -> Handheld:
    return Handheld("HT-11", START, "on scene", no_photo)


def task(state: str = "sent", created_ms: int = NOW_MS, **more: object) -> TaskSeen:
    values: dict[str, object] = {
        "id": new_id(),
        "terminal_id": "HT-11",
        "lat_deg": 24.9400,
        "lon_deg": 102.6200,
        "state": state,
        "created_ms": created_ms,
    }
    return TaskSeen.model_validate(values | more)


def moved(seen: TaskSeen, state: str) -> TaskSeen:
    return seen.model_copy(update={"state": state})


def test_a_task_is_acknowledged_walked_to_reported_and_finished() -> None:
    holder = handheld()
    seen = task()
    told: list[str] = []
    for _ in range(100):
        holder.see([seen])
        holder.walk(60)
        step = holder.due(NOW_MS)
        if isinstance(step, Report):
            assert step.body["media"] == [step.photo_sha256]
            told.append("report")
            seen = seen.model_copy(update={"reports": [TaskReportSeen(id=step.body["id"])]})
            holder.told()
        elif isinstance(step, Transition):
            told.append(step.body["to"])
            seen = moved(seen, step.body["to"])
            holder.told()
    assert told == ["acknowledged", "en_route", "on_scene", "report", "done"]
    assert holder.position == GeoPoint(lat_deg=seen.lat_deg, lon_deg=seen.lon_deg)


def test_an_answer_lost_on_the_way_repeats_the_same_step() -> None:
    holder = handheld()
    seen = task()
    holder.see([seen])
    first = holder.due(NOW_MS)
    holder.see([seen])
    assert holder.due(NOW_MS + 60_000) == first
    holder.see([moved(seen, "acknowledged")])
    second = holder.due(NOW_MS + 60_000)
    assert isinstance(second, Transition)
    assert isinstance(first, Transition)
    assert second.body["to"] == "en_route"
    assert second.body["id"] != first.body["id"]


def test_a_report_is_not_made_twice_after_a_restart() -> None:
    holder = handheld()
    holder.see([task("on_scene", reports=[TaskReportSeen(id=new_id())])])
    step = holder.due(NOW_MS)
    assert isinstance(step, Transition)
    assert step.body["to"] == "done"


def test_the_oldest_open_task_of_this_terminal_comes_first() -> None:
    holder = handheld()
    older, newer = task(created_ms=NOW_MS - 1), task()
    holder.see([newer, task("done", NOW_MS - 9), task(terminal_id="HT-05"), older])
    assert holder.task == older


def test_a_step_refused_twice_leaves_the_task_alone() -> None:
    holder = handheld()
    seen, other = task(), task(created_ms=NOW_MS + 1)
    for _ in range(2):
        holder.see([seen, other])
        assert holder.task == seen
        holder.due(NOW_MS)
        holder.refused()
    holder.see([seen, other])
    assert holder.task == other


@given(
    steps=st.lists(st.floats(0, 120), min_size=1, max_size=40),
    lat=st.floats(24.93, 24.96),
    lon=st.floats(102.60, 102.63),
)
def test_nobody_walks_faster_than_1_4_m_per_second(
    steps: Sequence[float], lat: float, lon: float
) -> None:
    geod = Geod(ellps="WGS84")
    holder = handheld()
    seen = task("en_route", lat_deg=lat, lon_deg=lon)
    for duration_s in steps:
        holder.see([seen])
        before = holder.position
        to_go = geod.inv(before.lon_deg, before.lat_deg, lon, lat)[2]
        holder.walk(duration_s)
        after = holder.position
        walked = geod.inv(before.lon_deg, before.lat_deg, after.lon_deg, after.lat_deg)[2]
        assert walked <= 1.4 * duration_s + 1e-3
        assert walked == pytest.approx(min(to_go, 1.4 * duration_s), abs=1e-3)


def test_the_photo_is_a_jpeg_of_the_place_and_time() -> None:
    jpeg = take_photo("HT-11", START, NOW_MS)
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (720, 960, 3)
    assert jpeg == take_photo("HT-11", START, NOW_MS)
    assert jpeg != take_photo("HT-11", START, NOW_MS + 1_000)
