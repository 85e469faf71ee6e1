"""A full-process recording: kept piece by piece, whole or told what is missing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Demo, open_context, sign_in
from tests.browser.officer import BACK_IN_REACH, check_access, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(180)]

SENT_MS = 60_000
PLAYABLE = "(sound) => sound.readyState >= 1"


@pytest.fixture
def post(shared_post: Demo) -> Demo:
    """A command post with the demo's inspections."""
    return shared_post


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """An officer's phone."""
    context = open_context(post, browser, 412, 915)
    context.grant_permissions(["geolocation", "microphone", "camera"])
    yield context
    context.close()


def bar_of(page: Page) -> Locator:
    """What says on every page that it records."""
    return page.get_by_test_id("recording-bar")


def open_inspection(page: Page, post: Demo) -> str:
    """Sign in and open the first inspection; return its id."""
    sign_in(page, f"{post.url}/terminal/", "ht-01")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.get_by_test_id("page-inspections").click()
    page.get_by_test_id("inspection").first.click()
    expect(page.get_by_test_id("inspection-page")).to_be_visible()
    return page.url.rpartition("/")[2]


def test_killed_while_it_records_it_ends_with_what_was_kept(
    post: Demo, pocket: BrowserContext, browser: Browser
) -> None:
    phone = pocket.new_page()
    inspection = open_inspection(phone, post)
    pocket.set_offline(True)
    phone.get_by_test_id("record-audio").click()
    expect(bar_of(phone)).to_contain_text("已存 1 段", timeout=SENT_MS)
    phone.close()
    phone = pocket.new_page()
    phone.goto(f"{post.url}/terminal/inspection/{inspection}")
    expect(phone.get_by_test_id("record-video")).to_be_visible()

    # Another one, ended as it should be, goes on over other pages.
    phone.get_by_test_id("record-video").click()
    phone.get_by_test_id("page-queue").click()
    expect(phone.get_by_test_id("sign-out")).to_be_disabled()
    expect(bar_of(phone)).to_contain_text("已存 1 段", timeout=SENT_MS)
    phone.get_by_test_id("record-stop").click()
    expect(bar_of(phone)).to_have_count(0)
    pocket.set_offline(False)
    phone.evaluate(BACK_IN_REACH)
    phone.goto(f"{post.url}/terminal/inspection/{inspection}")
    whole = phone.locator("[data-testid=recording][data-whole=true]")
    expect(whole).to_have_count(2, timeout=SENT_MS)
    check_access(phone)
    cut, ended = rows(post, "recordings", inspection_id=inspection)
    assert (cut["kind"], cut["cut"], cut["pieces"]) == ("audio", True, 1)
    # Whether anything was said after the first piece is a matter of milliseconds.
    assert (ended["kind"], ended["cut"]) == ("video", False)
    assert ended["pieces"] in (1, 2)

    context = open_context(post, browser, 1366, 768)
    desk = context.new_page()
    sign_in(desk, f"{post.url}/inspection/{inspection}", "duty")
    expect(desk.get_by_test_id("recording")).to_have_count(2)
    desk.get_by_test_id("recording").first.get_by_role("button").click()
    sound = desk.get_by_test_id("recording-player").locator("audio")
    expect(sound).to_be_visible()
    desk.wait_for_function(PLAYABLE, arg=sound.element_handle())
    context.close()
