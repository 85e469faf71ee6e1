"""What was recorded is seen again in step with the replay, boxes on their pictures, gaps said."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from field_api.contract.ids import new_id
from field_api.contract.messages import Box, FrameBoxes
from field_api.contract.video_packet import VideoPacket, pack_packet
from field_api.features.accounts.tables import DeviceKind
from tests.browser.conftest import Demo, Post, api, open_context, sign_in
from tests.browser.fleet_node import FleetNode, now_ms
from tests.browser.officer import check_access
from tests.field_api.footage import CAMERA, Camera
from tests.field_api.pictures import STEP_90K, encode

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(300)]

WIDTH, HEIGHT = 640, 384
SECONDS = 130
GAP_S = (70, 100)
PTS_FROM = 7_000_000
BOX_EVERY = 5
HERE = {"lat_deg": 24.9440, "lon_deg": 102.6150}

READ = """
  (video) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(video, 0, 0);
    const cell = canvas.width / 16;
    const row = context.getImageData(0, Math.floor(canvas.height / 6), canvas.width, 1).data;
    let number = 0;
    for (let bit = 0; bit < 16; bit += 1) {
      if (row[4 * Math.floor((bit + 0.5) * cell)] > 128) number += 2 ** bit;
    }
    return number;
  }
"""
LEFT = """
  (canvas) => {
    const context = canvas.getContext('2d');
    const line = context.getImageData(0, Math.floor(canvas.height * 0.6), canvas.width, 1).data;
    for (let x = 0; x < canvas.width; x += 1) {
      if (line[4 * x + 3] > 200 && line[4 * x] > 200) return x;
    }
    return null;
  }
"""
WATCH = f"""
  (count) => new Promise((done) => {{
    const read = {READ}; const left = {LEFT};
    const section = document.querySelector('[data-testid=recorded]');
    const video = section.querySelector('video'); const canvas = section.querySelector('canvas');
    const rows = [];
    const look = () => {{
      const number = read(video);
      setTimeout(() => {{
        rows.push([number, Number(section.dataset.pts), left(canvas), video.currentTime]);
        if (rows.length >= count) done(rows); else video.requestVideoFrameCallback(look);
      }}, 0);
    }};
    video.requestVideoFrameCallback(look);
  }})
"""


def left_of(number: int) -> float:
    """Return where the box of a picture begins, as a share of the width."""
    return 0.05 + 0.8 * (number % 1000) / 1000


@dataclass
class Recorded:
    """A post with a recording of two minutes and a gap, and when it began."""

    demo: Demo
    began_ms: int
    incident_id: str


async def _film(url: str, token: str, node: FleetNode, packets: list[VideoPacket]) -> None:
    async with Camera(url, token, width=WIDTH, height=HEIGHT) as camera:
        for number, packet in enumerate(packets):
            await camera.send([packet])
            index = (packet.pts_90k - PTS_FROM) // STEP_90K
            if index % BOX_EVERY == 0:
                box = Box(
                    track_id=1,
                    label="person",
                    confidence=0.87,
                    x=left_of(index),
                    y=0.5,
                    w=0.08,
                    h=0.25,
                )
                node.tell_latest(
                    FrameBoxes(
                        stream_id=CAMERA, pts_90k=packet.pts_90k, t_ms=packet.t_ms, boxes=[box]
                    )
                )
            if number % 10 == 9:
                await asyncio.sleep(0.03)
        await asyncio.sleep(1.0)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Film faster than life: the times in the packets are those of two minutes ago."""
    folder = tmp_path_factory.mktemp("footage")
    post = Post(folder)
    token = post.enrol("vision-1", DeviceKind.VISION)
    fleet_token = post.enrol("fleet-1", DeviceKind.FLEET)
    demo = post.start()
    began_ms = now_ms() - 1000 * (SECONDS + 10)
    try:
        with api(demo, "duty") as duty:
            incident: dict[str, Any] = {
                "id": new_id(),
                "kind": "fire",
                "title": "西坡冒烟",
                "text": "护林员报告",
                **HERE,
                "drill": True,
                "people_missing": 3,
            }
            duty.post("/api/v1/incidents", json=incident).raise_for_status()
        packets = [
            pack_packet(unit, keyframe=key, pts_90k=PTS_FROM + pts, t_ms=began_ms + pts // 90)
            for unit, pts, _dts, key in encode(25 * SECONDS, width=WIDTH, height=HEIGHT)
            if not GAP_S[0] <= pts / 90_000 < GAP_S[1]
        ]
        with (
            FleetNode(post.port, fleet_token, folder) as fleet,
            FleetNode(post.port, token, folder, "vision-1", "vision") as vision,
        ):
            fleet.fly("XS-U1", **HERE)
            time.sleep(1)
            asyncio.run(_film(demo.url, token, vision, packets))
            with api(demo, "duty") as duty:
                _await_files(duty, incident["id"], began_ms + 1000 * SECONDS)
            yield Recorded(demo, began_ms, incident["id"])
    finally:
        post.stop()


def _await_files(duty: Any, incident_id: str, ended_ms: int) -> None:
    until = time.monotonic() + 30
    query = {"incident_id": incident_id, "from_ms": 0, "to_ms": now_ms()}
    streams: list[Any] = []
    while time.monotonic() < until:
        streams = duty.get("/api/v1/footage", params=query).raise_for_status().json()["streams"]
        files = streams[0]["files"] if streams else []
        if files and files[-1]["ended_ms"] >= ended_ms and all(file["whole"] for file in files):
            return
        time.sleep(0.2)
    pytest.fail(f"not recorded: {streams}")


@pytest.fixture
def desk(recorded: Recorded, browser: Browser) -> Iterator[Page]:
    context = open_context(recorded.demo, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, recorded.demo.url, "commander")
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    page.get_by_test_id("tab-flight").click()
    page.get_by_test_id("replay-begin").click()
    expect(page.get_by_test_id("recorded")).to_have_attribute("data-stream", CAMERA)
    yield page
    context.close()
    assert recorded.demo.outside == []


def go(desk: Page, t_ms: int) -> None:
    """Stop at a moment."""
    play = desk.get_by_test_id("replay-play")
    if play.get_attribute("aria-pressed") == "true":
        play.click()
    moment = desk.get_by_test_id("replay-moment")
    moment.evaluate(
        "(input, t) => { input.step = 1; input.value = t;"
        " input.dispatchEvent(new Event('input', { bubbles: true })); }",
        t_ms,
    )


def seen(desk: Page) -> int:
    """Return the number in the picture on the screen."""
    return desk.get_by_test_id("recorded").locator("video").evaluate(READ)


def await_number(desk: Page, number: int) -> None:
    section = desk.get_by_test_id("recorded")
    expect(section).to_have_attribute("data-pts", str(PTS_FROM + number * STEP_90K))
    assert seen(desk) == number


@pytest.mark.parametrize("second", [0, 1, 33, 59, 60, 69, 101, 129])
def test_any_second_is_reached_exactly(recorded: Recorded, desk: Page, second: int) -> None:
    go(desk, recorded.began_ms + second * 1000 + 500)
    await_number(desk, second * 25 + 12)
    section = desk.get_by_test_id("recorded")
    expect(section).to_have_attribute("data-boxes", "1")
    left = section.locator("canvas").evaluate(LEFT)
    assert left == pytest.approx(left_of(second * 25 + 12) * WIDTH, abs=4)


@pytest.mark.parametrize("rate", [1, 2, 4, 16])
def test_pictures_go_in_step_with_the_replay_and_boxes_with_their_pictures(
    recorded: Recorded, desk: Page, rate: int
) -> None:
    go(desk, recorded.began_ms + 2000)
    await_number(desk, 50)
    desk.get_by_test_id(f"replay-rate-{rate}").click()
    desk.get_by_test_id("replay-play").click()
    rows = desk.evaluate(WATCH, 60 if rate < 4 else 25)
    moment = int(desk.get_by_test_id("replay-moment").input_value())
    numbers = [number for number, *_ in rows]
    assert numbers == sorted(numbers)
    if rate >= 4:
        assert all(number % 25 == 0 for number in numbers[2:])
    shown = [(number, (pts - PTS_FROM) // STEP_90K, left) for number, pts, left, _ in rows]
    # A box that is drawn is that of the picture which was told with it.
    boxed = [(told, left) for _, told, left in shown if left is not None]
    assert all(abs(left - left_of(told) * WIDTH) <= 4 for told, left in boxed), rows
    assert len(boxed) >= 0.6 * len(rows), rows
    # On a busy machine the page may put the next picture up between the telling and this reading.
    assert sum(number == told for number, told, _ in shown) >= 0.6 * len(rows), rows
    apart_s = abs(recorded.began_ms + numbers[-1] * 40 - moment) / 1000
    assert apart_s < 1.5 * rate, f"the picture is {apart_s:.1f} s off at {rate}x"


def test_a_gap_is_said_and_passed(recorded: Recorded, desk: Page) -> None:
    go(desk, recorded.began_ms + 85_000)
    section = desk.get_by_test_id("recorded")
    expect(section).to_have_attribute("data-missing", "gap")
    expect(desk.get_by_test_id("recorded-message")).to_contain_text("无画面")
    go(desk, recorded.began_ms + 99_000)
    desk.get_by_test_id("replay-rate-1").click()
    desk.get_by_test_id("replay-play").click()
    expect(section).to_have_attribute("data-missing", "", timeout=10_000)
    expect(desk.get_by_test_id("recorded-message")).to_have_count(0)


def test_boxes_can_be_switched_off(recorded: Recorded, desk: Page) -> None:
    go(desk, recorded.began_ms + 5_000)
    section = desk.get_by_test_id("recorded")
    expect(section).to_have_attribute("data-boxes", "1")
    desk.get_by_test_id("recorded-boxes").uncheck()
    expect(section).to_have_attribute("data-boxes", "0")
    assert section.locator("canvas").evaluate(LEFT) is None


def test_a_still_and_clips_are_taken_out(recorded: Recorded, desk: Page, tmp_path: Path) -> None:
    go(desk, recorded.began_ms + 10_000)
    await_number(desk, 250)
    check_access(desk)
    made = desk.get_by_test_id("recorded-made")
    desk.get_by_test_id("recorded-still").click()
    expect(made).to_have_attribute("data-kind", "still")
    with desk.expect_download() as download:
        made.get_by_role("link", name="保存").click()
    still = tmp_path / "still.jpg"
    download.value.save_as(still)
    assert still.read_bytes().startswith(b"\xff\xd8")
    desk.get_by_test_id("recorded-clip-from").click()
    expect(desk.get_by_test_id("recorded-clip-mp4")).to_be_disabled()
    go(desk, recorded.began_ms + 20_000)
    desk.get_by_test_id("recorded-clip-klv").click()
    expect(made).to_have_attribute("data-kind", "klv")
    with api(recorded.demo, "auditor") as auditor:
        exports = auditor.get("/api/v1/footage/exports").raise_for_status().json()
    assert [one["kind"] for one in exports] == ["klv", "still"]
    assert exports[0]["incident_id"] == recorded.incident_id
