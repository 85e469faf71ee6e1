"""The main job, clicked through: smoke reported, area searched, alert judged, handheld sent.

Every process of `make demo` runs: MAVLink and video on real sockets, the real model, a real
browser. Pictures of the way are left in the folder XUNSHAN_PICTURES names, if it names one.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mission_plans.values.plan import GeoPoint
from sim.photo import take_photo
from tests.browser.conftest import Demo, api, open_context, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.serial]

SMOKE = (24.9415, 102.6185)
FLIGHT_MS = 600_000

COUNT_BOXES = """() => {
  window.mostBoxes = 0;
  setInterval(() => {
    for (const video of document.querySelectorAll('[data-testid=video]'))
      window.mostBoxes = Math.max(window.mostBoxes, Number(video.dataset.boxes) || 0);
  }, 50);
}"""


def picture(page: Page, name: str) -> None:
    """Leave a picture of the page."""
    if folder := os.environ.get("XUNSHAN_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.fixture(scope="module")
def desk(demo: Demo, browser: Browser) -> Iterator[Page]:
    """The command console at the wall."""
    context = open_context(demo, browser, 1920, 1080)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def pocket(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The handheld in somebody's pocket."""
    context = open_context(demo, browser, 412, 915)
    yield context
    context.close()


def as_user(desk: Page, demo: Demo, username: str) -> None:
    """Hand the console over to somebody."""
    if desk.url.startswith(demo.url) and desk.get_by_test_id("sign-out").is_visible():
        desk.get_by_test_id("sign-out").click()
        # Going away at once would cut the request off.
        expect(desk.get_by_test_id("username")).to_be_visible()
    sign_in(desk, demo.url, username)
    expect(desk.locator('[data-testid=desk][data-ready="true"]')).to_be_visible()


def draw(desk: Page, corners: list[tuple[float, float]]) -> None:
    """Draw a polygon on the map, corner by corner, closed on the first."""
    desk.get_by_test_id("draw-area").click()
    box = desk.get_by_test_id("map").bounding_box()
    assert box is not None
    for lat, lon in [*corners, corners[0]]:
        x, y = desk.evaluate(
            "([lon, lat]) => document.querySelector('[data-testid=map]').pixelAt(lon, lat)",
            [lon, lat],
        )
        desk.mouse.click(box["x"] + x, box["y"] + y)
        # OpenLayers takes two clicks within 250 ms for a double click.
        desk.wait_for_timeout(350)


def hold(desk: Page, testid: str) -> None:
    """Hold a button that acts only after a second."""
    button = desk.get_by_test_id(testid)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.mouse.down()
    desk.wait_for_timeout(1_300)
    desk.mouse.up()


def photo(folder: Path) -> Path:
    """A picture as a phone's camera would give it."""
    path = folder / "photo.jpg"
    path.write_bytes(take_photo("camera", GeoPoint(lat_deg=SMOKE[0], lon_deg=SMOKE[1]), 7))
    return path


def test_the_whole_story(demo: Demo, desk: Page, pocket: BrowserContext, tmp_path: Path) -> None:
    # A duty officer opens the incident.
    as_user(desk, demo, "duty")
    desk.get_by_test_id("new-incident").click()
    desk.get_by_test_id("kind-fire").check(force=True)
    desk.get_by_test_id("incident-title").fill("西山西坡冒烟,三名徒步人员失联")
    desk.get_by_test_id("incident-text").fill("护林员报告西坡冒烟;110 转警,2 大 1 小徒步失联。")
    desk.get_by_test_id("place-SMOKE").click()
    desk.get_by_test_id("people-missing").fill("3")
    desk.get_by_test_id("incident-drill").check()
    picture(desk, "incident")
    desk.get_by_test_id("open-incident").click()
    expect(desk.get_by_test_id("drill-badge")).to_be_visible()

    # A pilot draws the area, sees plan and checks, authorises and launches.
    as_user(desk, demo, "pilot")
    desk.get_by_test_id("tab-search").click()
    desk.get_by_test_id("likelihood-place").select_option("LKP")
    desk.get_by_test_id("make-likelihood").click()
    expect(desk.get_by_test_id("likelihood")).to_have_attribute("data-searched", "0")
    desk.wait_for_timeout(1_000)
    picture(desk, "likelihood")
    lat, lon = SMOKE
    draw(
        desk,
        [
            (lat - 0.0012, lon - 0.0016),
            (lat - 0.0012, lon + 0.0016),
            (lat + 0.0012, lon + 0.0016),
            (lat + 0.0012, lon - 0.0016),
        ],
    )
    expect(desk.get_by_test_id("area")).to_contain_text("8.")
    desk.get_by_test_id("pitch-40").click()
    desk.get_by_test_id("compare").click()
    expect(desk.get_by_test_id("choose-option-higher")).to_be_visible(timeout=60_000)
    picture(desk, "options")
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("options")).to_be_hidden()
    desk.get_by_test_id("make-plan").click()
    plan = desk.get_by_test_id("plan")
    expect(plan).to_have_attribute("data-flyable", "true")
    expect(desk.get_by_test_id("check-clearance")).to_have_attribute("data-passed", "true")
    for item in desk.locator("[data-testid^=checklist-]").all():
        item.check()
    _authorise(desk)
    picture(desk, "plan")
    desk.get_by_test_id("application").click()
    desk.get_by_test_id("make-application").click()
    desk.get_by_test_id("submit-application").click()
    state = desk.get_by_test_id("application-state")
    expect(state).to_have_attribute("data-state", "submitted")
    picture(desk, "application")
    address = desk.get_by_test_id("application-pdf").get_attribute("href")
    assert desk.request.get(f"{demo.url}{address}").body().startswith(b"%PDF-")
    desk.get_by_test_id("application-dialog").locator("header button").click()
    expect(desk.get_by_test_id("application-dialog")).to_be_hidden()
    hold(desk, "launch")

    # Drones arm, climb and fly their lanes; their video is live.
    flying = desk.locator('[data-testid=sortie][data-order="0"][data-state=flying]')
    expect(flying.first).to_be_visible(timeout=60_000)
    desk.get_by_test_id("tab-flight").click()
    video = desk.locator("[data-testid=video][data-state=playing]")
    expect(video.first).to_be_visible(timeout=60_000)

    # Vision finds the smoke: boxes on the video, and an alert with picture, confidence, position
    # and error ellipse.
    players: list[str] = []
    desk.on("websocket", lambda ws: players.append(ws.url) if ws.url.endswith("/play") else None)
    desk.get_by_test_id("wall").click()
    opened_s = time.monotonic()
    desk.evaluate(COUNT_BOXES)
    with api(demo, "commander") as client:
        located = _await_located(desk, client)
    _await_boxes(desk)
    # A player lives as long as its tile; at worst a starved picture is asked for again every 3 s.
    tiles = desk.get_by_test_id("wall-cell").count()
    assert len(players) <= tiles * (1 + (time.monotonic() - opened_s) / 2)
    picture(desk, "wall")
    desk.get_by_test_id("wall-close").click()
    picture(desk, "flight")
    _point_the_camera(desk)
    as_user(desk, demo, "commander")
    desk.locator(f'[data-testid=alert][data-id="{located["id"]}"]').click()
    expect(desk.get_by_test_id("review-dialog")).to_be_visible()
    desk.wait_for_timeout(500)
    picture(desk, "review")
    desk.get_by_test_id("confirm").click()
    expect(desk.get_by_test_id("verdict")).to_be_visible()
    desk.get_by_test_id("send-nearest").click()
    desk.get_by_test_id("candidate-HT-05").click()
    picture(desk, "task")
    desk.get_by_test_id("send-task").click()
    expect(desk.get_by_test_id("task-dialog")).to_be_hidden()

    # The handheld takes the task, goes there, and reports with a photo although the net is gone.
    phone = pocket.new_page()
    sign_in(phone, f"{demo.url}/terminal/", "ht-05")
    phone.locator("[data-testid=task]").first.click()
    picture(phone, "handheld-task")
    for step in ("acknowledged", "en_route", "on_scene"):
        phone.get_by_test_id(f"step-{step}").click()
        expect(phone.get_by_test_id("task-detail")).to_have_attribute("data-state", step)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    pocket.set_offline(True)
    phone.get_by_test_id("report").click()
    phone.get_by_test_id("photo-input").set_input_files(str(photo(tmp_path)))
    expect(phone.get_by_test_id("photo")).to_be_visible()
    phone.get_by_test_id("report-text").fill("找到三人,均安全,正护送下山")
    picture(phone, "handheld-report")
    phone.get_by_test_id("send-report").click()
    # Shown once it is on the phone's disk; from then on a killed page loses nothing.
    expect(phone.get_by_test_id("queued-report")).to_be_visible()
    phone.reload()
    phone.get_by_test_id("page-queue").click()
    expect(phone.get_by_test_id("queue-item").first).to_be_visible()
    picture(phone, "handheld-offline")
    pocket.set_offline(False)
    # An empty list proves nothing: the report itself must be there, and be sent.
    sent = phone.locator("[data-testid=queue-item][data-kind=report][data-state=sent]")
    expect(sent).to_be_visible(timeout=120_000)

    # The report is on the console, and the timeline says who did what.
    desk.get_by_test_id("tab-tasks").click()
    expect(desk.get_by_test_id("task-report").first).to_contain_text("找到三人", timeout=60_000)
    expect(desk.get_by_test_id("report-photo").first).to_be_visible()
    desk.wait_for_timeout(1_000)
    picture(desk, "console")
    desk.get_by_test_id("language").click()
    desk.wait_for_timeout(500)
    picture(desk, "console-en")
    with api(demo, "auditor") as auditor:
        assert auditor.get("/api/v1/audit/verify").json()["intact"] is True
    with api(demo, "commander") as client:
        incident = client.get("/api/v1/incidents").json()[0]
        entries = client.get(f"/api/v1/incidents/{incident['id']}/timeline").json()
        actions = [entry["action"] for entry in entries]
        for step in (
            "incident.opened",
            "plan.authorised",
            "sortie.launch_ordered",
            "sortie.flying",
            "detection.received",
            "detection.confirmed",
            "task.sent",
            "task.on_scene",
            "task.reported",
        ):
            assert step in actions, actions
        _await_return(desk, client, incident["id"])

    # What was flown stands beside what was planned.
    desk.get_by_test_id("tab-search").click()
    _await_coverage(desk)
    picture(desk, "coverage")
    # And can be looked at again.
    desk.get_by_test_id("tab-flight").click()
    desk.get_by_test_id("replay-begin").click()
    begun = desk.get_by_test_id("replay-time").inner_text()
    expect(desk.get_by_test_id("replay-time")).not_to_have_text(begun, timeout=30_000)
    picture(desk, "replay")
    desk.get_by_test_id("replay-close").click()
    expect(desk.get_by_test_id("replay")).to_be_hidden()
    assert demo.outside == []


def _point_the_camera(desk: Page) -> None:
    """Take control, tilt one step, see the gimbal itself say so, and give it back."""
    looks = desk.get_by_test_id("camera-looks")
    expect(looks).to_contain_text("下俯")
    down = re.search(r"下俯 (\d+)°", looks.inner_text())
    assert down
    before_deg = int(down[1])
    desk.get_by_test_id("camera-take").click()
    desk.get_by_test_id("camera-down").click()
    expect(looks).to_contain_text(f"下俯 {before_deg + 5}°", timeout=30_000)
    picture(desk, "camera")
    desk.get_by_test_id("camera-release").click()
    expect(desk.get_by_test_id("camera-take")).to_be_visible()


def _authorise(desk: Page) -> None:
    """Sign; a plan that was improved meanwhile is looked at and signed again."""
    plan = desk.get_by_test_id("plan")
    for _ in range(4):
        desk.get_by_test_id("authorise").click()
        desk.wait_for_timeout(1_500)
        if plan.get_attribute("data-state") == "authorised":
            return
    expect(plan).to_have_attribute("data-state", "authorised")


def _await_coverage(desk: Page) -> None:
    """Wait until the recorded track has come in whole: 95 % of the area flown."""
    coverage = desk.get_by_test_id("coverage")
    expect(coverage).to_be_visible(timeout=60_000)
    flown = 0.0
    for _ in range(90):
        flown = float(coverage.get_attribute("data-flown") or 0)
        if flown >= 0.95:
            return
        desk.wait_for_timeout(1_000)
    pytest.fail(f"only {flown:.1%} flown")


def _await_boxes(desk: Page) -> None:
    """Wait until a box was drawn on some video."""
    # Playwright's own waiting evaluates text, which the page's content security policy forbids.
    for _ in range(600):
        if desk.evaluate("() => window.mostBoxes") > 0:
            return
        desk.wait_for_timeout(100)
    pytest.fail("no box was drawn on the live video")


def _await_located(desk: Page, client: httpx.Client) -> dict[str, str]:
    """Wait for an alert of smoke that has a place; flat views give a bearing only."""
    for _ in range(FLIGHT_MS // 1000):
        found = client.get("/api/v1/detections?status=open").json()
        located = [d for d in found if d["label"] == "smoke" and d["position"] is not None]
        if located:
            assert all(d["error_ellipse"] is not None for d in located)
            return located[0]
        desk.wait_for_timeout(1_000)
    pytest.fail("no located alert came")


def _await_return(desk: Page, client: httpx.Client, incident_id: str) -> None:
    """Wait until every first flight is home."""
    first: list[str] = []
    for _ in range(FLIGHT_MS // 1000):
        sorties = client.get(f"/api/v1/sorties?incident_id={incident_id}").json()
        first = [s["state"] for s in sorties if s["order"] == 0]
        if first and all(state == "returned" for state in first):
            return
        desk.wait_for_timeout(1_000)
    pytest.fail(f"not all came home: {first}")
