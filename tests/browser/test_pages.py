"""What must hold on every page, against a command post of its own without a simulated world.

Addresses, sessions, live updates and the handheld's outbox; minutes less than the story.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect

from field_api.contract.ids import new_id
from mission_plans.values.plan import GeoPoint
from sim.photo import take_photo
from tests.browser.conftest import PASSWORD, Demo, Post, api, open_context, sign_in
from tests.browser.officer import BACK_IN_REACH

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(60)]

PLACE = {"lat_deg": 24.9415, "lon_deg": 102.6185}
STEP_MS = 15_000


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """One command post for the file."""
    made = Post(tmp_path_factory.mktemp("post"))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def demo(post: Post) -> Demo:  # pyright: ignore[reportIncompatibleMethodOverride]
    """Serve the command post."""
    return post.start()


@pytest.fixture
def desk(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A console's browser."""
    context = open_context(demo, browser, 1366, 768)
    context.set_default_timeout(STEP_MS)
    yield context
    context.close()
    assert demo.outside == []


@pytest.fixture
def pocket(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A handheld."""
    context = open_context(demo, browser, 412, 915)
    context.set_default_timeout(STEP_MS)
    yield context
    context.close()
    assert demo.outside == []


def open_incident(demo: Demo, title: str) -> str:
    """Open an incident behind the screen."""
    incident = new_id()
    body = {"id": incident, "kind": "fire", "title": title, "drill": True, **PLACE}
    with api(demo, "commander") as client:
        client.post("/api/v1/incidents", json=body).raise_for_status()
    return incident


def send_task(demo: Demo, incident: str, terminal: str, title: str) -> str:
    """Send somebody there."""
    task = new_id()
    body = {"id": task, "incident_id": incident, "terminal_id": terminal, "title": title, **PLACE}
    with api(demo, "commander") as client:
        client.post("/api/v1/tasks", json=body).raise_for_status()
    return task


def ready(page: Page, demo: Demo, username: str, path: str = "/") -> None:
    """Sign in on the console and wait for the live channel."""
    sign_in(page, f"{demo.url}{path}", username)
    expect(page.locator('[data-testid=desk][data-ready="true"]')).to_be_visible(timeout=STEP_MS)


def test_an_address_survives_reload_and_back(demo: Demo, desk: BrowserContext) -> None:
    first, second = open_incident(demo, "甲"), open_incident(demo, "乙")
    page = desk.new_page()
    ready(page, demo, "duty", f"/incident/{first}?tab=tasks")
    shown = page.get_by_test_id("desk")
    expect(shown).to_have_attribute("data-incident", first)
    expect(page.get_by_test_id("tab-tasks")).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(shown).to_have_attribute("data-incident", first)
    expect(page.get_by_test_id("tab-tasks")).to_have_attribute("aria-selected", "true")
    page.get_by_test_id("incident-chooser").click()
    page.locator(f"[data-testid=incident-choice][data-id='{second}']").click()
    expect(shown).to_have_attribute("data-incident", second)
    page.get_by_test_id("nav-registers").click()
    expect(page.get_by_test_id("registers")).to_be_visible()
    page.go_back()
    expect(shown).to_have_attribute("data-incident", second)
    page.go_back()
    expect(shown).to_have_attribute("data-incident", first)
    page.go_forward()
    expect(shown).to_have_attribute("data-incident", second)


def end_sessions(demo: Demo, username: str) -> None:
    """End somebody's sessions, as an administrator does."""
    with api(demo, "admin") as client:
        accounts = client.get("/api/v1/accounts").json()
        account = next(each["id"] for each in accounts if each["username"] == username)
        client.post(f"/api/v1/accounts/{account}/end-sessions").raise_for_status()


def test_signing_in_again_keeps_what_was_typed(demo: Demo, desk: BrowserContext) -> None:
    page = desk.new_page()
    ready(page, demo, "duty")
    page.get_by_test_id("new-incident").click()
    page.get_by_test_id("incident-title").fill("写到一半的接报")
    page.get_by_test_id("place-SMOKE").click()
    end_sessions(demo, "duty")
    again = page.get_by_test_id("sign-in-again")
    expect(again).to_be_visible()
    again.get_by_test_id("password").fill(PASSWORD)
    again.get_by_test_id("sign-in").click()
    expect(again).to_be_hidden()
    expect(page.get_by_test_id("incident-title")).to_have_value("写到一半的接报")
    page.get_by_test_id("incident-drill").check()
    page.get_by_test_id("open-incident").click()
    expect(page.get_by_test_id("incident-title")).to_be_hidden()
    with api(demo, "duty") as client:
        titles = [each["title"] for each in client.get("/api/v1/incidents").json()]
    assert "写到一半的接报" in titles


def test_signing_out_is_for_all_tabs(demo: Demo, desk: BrowserContext) -> None:
    one, two = desk.new_page(), desk.new_page()
    ready(one, demo, "pilot")
    two.goto(demo.url)
    expect(two.locator('[data-testid=desk][data-ready="true"]')).to_be_visible()
    one.get_by_test_id("sign-out").click()
    expect(two.get_by_test_id("left")).to_be_visible()
    expect(two.get_by_test_id("password")).to_be_visible()
    # Somebody else signs in there: the first tab must not go on in their name.
    sign_in(two, demo.url, "commander")
    expect(two.locator('[data-testid=desk][data-ready="true"]')).to_be_visible()
    expect(one.get_by_test_id("password")).to_be_visible()


def test_a_slow_answer_does_not_overwrite_what_came_live(demo: Demo, desk: BrowserContext) -> None:
    incident = open_incident(demo, "丙")
    task = send_task(demo, incident, "HT-05", "先到的为准")
    held: list[Route] = []
    page = desk.new_page()
    page.route("**/api/v1/tasks?**", lambda route: held.append(route))
    with page.expect_request("**/api/v1/tasks?**"):
        ready(page, demo, "commander", f"/incident/{incident}?tab=tasks")
    shown = page.locator(f'[data-testid=task][data-id="{task}"]')
    expect(shown).to_have_attribute("data-state", "sent")
    with api(demo, "commander") as client:
        old = client.get("/api/v1/tasks", params={"incident_id": incident}).json()
    with api(demo, "ht-05") as client:
        body = {"id": new_id(), "to": "acknowledged", "t_ms": int(time.time() * 1000)}
        client.post(f"/api/v1/tasks/{task}/transitions", json=body).raise_for_status()
    expect(shown).to_have_attribute("data-state", "acknowledged")
    # A second record says when the old answer has been taken.
    marker = old[0] | {"id": new_id(), "title": "旧答复里的另一条"}
    for route in held:
        route.fulfill(json=[*old, marker])
    expect(page.locator(f'[data-testid=task][data-id="{marker["id"]}"]')).to_be_visible()
    expect(shown).to_have_attribute("data-state", "acknowledged")


def open_handheld(page: Page, demo: Demo, username: str) -> None:
    """Sign in on the handheld."""
    sign_in(page, f"{demo.url}/terminal/", username)
    expect(page.get_by_test_id("task-list")).to_be_visible()


def test_records_wait_for_who_made_them(demo: Demo, pocket: BrowserContext) -> None:
    task = send_task(demo, open_incident(demo, "丁"), "HT-05", "谁记的谁发")
    phone = pocket.new_page()
    open_handheld(phone, demo, "ht-05")
    phone.locator(f'[data-testid=task][data-id="{task}"]').click()
    pocket.set_offline(True)
    phone.get_by_test_id("step-acknowledged").click()
    expect(phone.get_by_test_id("task-detail")).to_have_attribute("data-state", "acknowledged")
    phone.get_by_test_id("page-queue").click()
    phone.get_by_test_id("sign-out").click()
    expect(phone.get_by_test_id("password")).to_be_visible()
    pocket.set_offline(False)
    with phone.expect_response("**/api/v1/sync/pull**"):
        open_handheld(phone, demo, "ht-06")
    phone.get_by_test_id("page-queue").click()
    expect(phone.get_by_test_id("queue-other")).to_have_count(1)
    with api(demo, "commander") as client:
        assert client.get(f"/api/v1/tasks/{task}").json()["state"] == "sent"
    phone.get_by_test_id("sign-out").click()
    expect(phone.get_by_test_id("password")).to_be_visible()
    open_handheld(phone, demo, "ht-05")
    phone.get_by_test_id("page-queue").click()
    expect(phone.locator("[data-testid=queue-item][data-state=sent]")).to_have_count(1)
    with api(demo, "commander") as client:
        moved = client.get(f"/api/v1/tasks/{task}").json()
    assert moved["state"] == "acknowledged"


def _noise(path: Path) -> Path:
    """A picture that stays large: several pieces of an upload."""
    values = np.random.default_rng(7).integers(0, 255, (1200, 1600, 3), dtype=np.uint8)
    Image.fromarray(values).save(path, quality=90)
    return path


def test_a_broken_upload_goes_on_where_it_stopped(
    demo: Demo, pocket: BrowserContext, tmp_path: Path
) -> None:
    task = send_task(demo, open_incident(demo, "己"), "HT-05", "大照片")
    offsets: list[str] = []
    created: list[str] = []
    broken = True

    def pieces(route: Route) -> None:
        request = route.request
        if request.method == "POST":
            created.append(request.url)
        if request.method == "PATCH":
            offset = request.headers["upload-offset"]
            if broken and offset != "0":
                route.abort("connectionreset")
                return
            offsets.append(offset)
        route.continue_()

    pocket.route("**/api/v1/uploads**", pieces)
    phone = pocket.new_page()
    open_handheld(phone, demo, "ht-05")
    phone.locator(f'[data-testid=task][data-id="{task}"]').click()
    phone.get_by_test_id("report").click()
    phone.get_by_test_id("photo-input").set_input_files(str(_noise(tmp_path / "noise.jpg")))
    expect(phone.get_by_test_id("photo")).to_be_visible()
    with phone.expect_event(
        "requestfailed", lambda request: "/api/v1/uploads/" in request.url, timeout=STEP_MS
    ):
        phone.get_by_test_id("send-report").click()
    # The page is killed with the upload half-way; what is there already is not sent again.
    phone.close()
    broken = False
    phone = pocket.new_page()
    phone.goto(f"{demo.url}/terminal/queue")
    sent = phone.locator("[data-testid=queue-item][data-kind=report][data-state=sent]")
    expect(sent.first).to_be_visible(timeout=30_000)
    assert len(created) == 1
    assert offsets[0] == "0"
    assert [int(offset) for offset in offsets] == sorted({int(offset) for offset in offsets})
    with api(demo, "commander") as client:
        (report,) = client.get(f"/api/v1/tasks/{task}").json()["reports"]
        assert report["media_missing"] == []


def _uploaded(response: Response) -> bool:
    return "/api/v1/uploads" in response.url and response.request.method in ("POST", "PATCH")


@pytest.mark.timeout(90)
def test_a_restored_server_gets_the_picture_again(
    post: Post, demo: Demo, pocket: BrowserContext, tmp_path: Path
) -> None:
    task = send_task(demo, open_incident(demo, "戊"), "HT-05", "备份之后的照片")
    phone = pocket.new_page()
    open_handheld(phone, demo, "ht-05")
    phone.locator(f'[data-testid=task][data-id="{task}"]').click()
    post.stop()
    backup = tmp_path / "backup"
    shutil.copytree(post.data, backup)
    expect(phone.get_by_test_id("connection")).to_have_attribute("data-online", "false")
    phone.get_by_test_id("report").click()
    picture = tmp_path / "photo.jpg"
    at = GeoPoint(**PLACE)
    picture.write_bytes(take_photo("camera", at, 7))
    phone.get_by_test_id("photo-input").set_input_files(str(picture))
    expect(phone.get_by_test_id("photo")).to_be_visible()
    phone.get_by_test_id("report-text").fill("没有网络时写的")
    phone.get_by_test_id("send-report").click()
    expect(phone.get_by_test_id("queued-report")).to_be_visible()
    post.start()
    phone.evaluate(BACK_IN_REACH)
    expect(phone.get_by_test_id("sent-report")).to_be_visible(timeout=30_000)
    phone.get_by_test_id("page-queue").click()
    sent = phone.locator("[data-testid=queue-item][data-kind=report][data-state=sent]")
    expect(sent).to_be_visible(timeout=30_000)
    with api(demo, "commander") as client:
        report = client.get(f"/api/v1/tasks/{task}").json()["reports"][0]
        assert report["media_missing"] == []
        (sha256,) = report["media"]
        assert client.get(f"/api/v1/media/{sha256}").is_success

    # The machine broke; what comes back is older than the report.
    post.stop()
    shutil.rmtree(post.data)
    shutil.copytree(backup, post.data)
    with phone.expect_response(_uploaded, timeout=40_000):
        post.start()
        phone.evaluate(BACK_IN_REACH)
    expect(sent).to_be_visible(timeout=30_000)
    with api(demo, "commander") as client:
        reports = client.get(f"/api/v1/tasks/{task}").json()["reports"]
        assert [each["media"] for each in reports] == [[sha256]]
        assert client.get(f"/api/v1/media/{sha256}").is_success
