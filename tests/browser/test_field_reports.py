"""What somebody in the field reports reaches the desk, and the answer reaches the field."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, duty_desk, open_context, sign_in
from tests.browser.officer import check_access, picture, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

SENT_MS = 60_000
PLAYABLE = "(sound) => sound.readyState >= 1"


@pytest.fixture
def post(shared_post: Demo) -> Demo:
    """A command post with the demo's people."""
    return shared_post


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The phone of a reporter."""
    context = open_context(post, browser, 412, 915)
    context.grant_permissions(["geolocation", "microphone"])
    yield context
    context.close()


@pytest.fixture
def handheld(post: Demo, pocket: BrowserContext) -> Page:
    """The first screen of ht-11."""
    page = pocket.new_page()
    sign_in(page, f"{post.url}/terminal/", "ht-11")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-online", "true")
    return page


@pytest.fixture
def desk(post: Demo, browser: Browser) -> Iterator[Page]:
    """The duty officer's console."""
    with duty_desk(post, browser) as page:
        yield page


def take(handheld: Page, kind: str, photo: Path) -> None:
    """Two taps: the first screen's button, the kind that opens the camera."""
    handheld.get_by_test_id("quick").click()
    with handheld.expect_file_chooser() as chooser:
        handheld.get_by_test_id(f"quick-kind-{kind}").click()
    chooser.value.set_files(photo)
    expect(handheld.get_by_test_id("photo")).to_be_visible()


def test_three_taps_reach_the_desk_with_picture_and_sound(
    post: Demo, pocket: BrowserContext, handheld: Page, desk: Page, tmp_path: Path
) -> None:
    take(handheld, "fire", picture(tmp_path / "smoke.jpg"))
    handheld.get_by_test_id("voice-start").click()
    expect(handheld.get_by_role("timer")).to_contain_text("1 /")
    handheld.get_by_test_id("voice-stop").click()
    expect(handheld.get_by_test_id("voice-player")).to_be_visible()
    check_access(handheld)

    pocket.set_offline(True)
    handheld.get_by_test_id("quick-send").click()
    mine = handheld.get_by_test_id("my-report")
    expect(mine).to_have_attribute("data-state", "waiting")
    check_access(handheld)
    assert rows(post, "field-reports") == []

    pocket.set_offline(False)
    expect(mine).to_have_attribute("data-state", "received", timeout=SENT_MS)
    expect(desk.get_by_test_id("report-count")).to_have_text("1")
    desk.get_by_test_id("report-count").click()
    card = desk.get_by_test_id("field-report")
    expect(card).to_have_attribute("data-state", "new")
    sound = card.get_by_test_id("field-report-voice")
    expect(sound).to_be_visible()
    desk.wait_for_function(PLAYABLE, arg=sound.element_handle())
    shown = card.get_by_test_id("field-report-photo")
    desk.wait_for_function("(image) => image.naturalWidth > 0", arg=shown.element_handle())
    check_access(desk)
    (report,) = rows(post, "field-reports")
    assert (len(report["media"]), len(report["originals"])) == (1, 1)
    assert report["accuracy_m"] == 8

    card.get_by_test_id("report-opens").click()
    desk.get_by_test_id("report-title").fill("西坡冒烟")
    desk.get_by_test_id("report-answer").click()
    expect(card).to_have_attribute("data-state", "accepted")
    expect(desk.get_by_test_id("report-count")).to_have_text("0")
    expect(mine).to_have_attribute("data-state", "accepted")
    assert "西坡冒烟" in [each["title"] for each in rows(post, "incidents")]


def test_a_camera_that_costs_the_page_its_life_costs_no_report(
    post: Demo, pocket: BrowserContext, handheld: Page, desk: Page, tmp_path: Path
) -> None:
    take(handheld, "flood", picture(tmp_path / "water.jpg", 90))
    handheld.get_by_test_id("quick-text").fill("河水上路")
    expect(handheld.locator("figcaption")).to_be_visible()
    handheld.get_by_test_id("quick-kind-flood").click()  # only corrects the kind: kept at once
    handheld.close()
    again = pocket.new_page()
    again.goto(f"{post.url}/terminal/quick")
    expect(again.get_by_test_id("photo")).to_be_visible()
    expect(again.get_by_test_id("quick-text")).to_have_value("河水上路")
    again.get_by_test_id("quick-send").click()
    flood = again.get_by_test_id("my-report").first
    expect(flood).to_have_attribute("data-state", "received", timeout=SENT_MS)

    desk.get_by_test_id("report-count").click()
    card = desk.locator("[data-testid=field-report][data-state=new]")
    card.get_by_test_id("report-files").click()
    expect(desk.get_by_test_id("report-answer")).to_be_disabled()
    desk.get_by_test_id("report-reason").fill("已核实,水务已处置")
    desk.get_by_test_id("report-answer").click()
    expect(flood).to_have_attribute("data-state", "filed")
    expect(flood).to_contain_text("已核实,水务已处置")


def test_who_forbids_microphone_and_position_is_told_what_to_do(
    post: Demo, pocket: BrowserContext, handheld: Page, tmp_path: Path
) -> None:
    pocket.clear_permissions()
    handheld.reload()
    take(handheld, "other", picture(tmp_path / "a.jpg", 60))
    expect(handheld.get_by_test_id("quick-place")).to_contain_text("定位")
    expect(handheld.get_by_test_id("quick-send")).to_be_disabled()
    handheld.get_by_test_id("voice-start").click()
    expect(handheld.get_by_role("alert")).to_contain_text("麦克风")

    # Without a position one points at the place; the picture said so already.
    handheld.get_by_test_id("quick-point").click()
    expect(handheld.get_by_test_id("field-map").locator("canvas").first).to_be_visible()
    pointed = handheld.get_by_test_id("quick-own-place")
    for _ in range(10):  # a busy map may lose a tap, as a person would see and tap again
        handheld.get_by_test_id("field-map").click()
        with contextlib.suppress(AssertionError):
            expect(pointed).to_be_visible(timeout=3000)
            break
    expect(handheld.get_by_test_id("quick-place")).to_contain_text("指出")
    handheld.get_by_test_id("quick-send").click()
    sent = handheld.get_by_test_id("my-report").first
    expect(sent).to_have_attribute("data-state", "received", timeout=SENT_MS)
    (report,) = [each for each in rows(post, "field-reports") if each["kind"] == "other"]
    assert report["accuracy_m"] is None
    assert abs(report["lat_deg"] - 24.95) < 0.05
