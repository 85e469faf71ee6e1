"""A PIN shuts the handheld: what waits is still sent, help can still be called for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Demo, Post, open_context, sign_in
from tests.browser.officer import check_access, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

SENT_MS = 60_000
PIN = "402719"
UNUSED_MS = 5 * 60_000 + 10_000


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A command post that wants a PIN on every handheld."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XUNSHAN_HANDHELD_PIN", "required")
        post = Post(tmp_path_factory.mktemp("pin"))
        try:
            yield post.start()
        finally:
            post.stop()


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A phone."""
    context = open_context(post, browser, 412, 915)
    yield context
    context.close()


def enter(page: Page, pin: str) -> None:
    """Tap six digits."""
    for digit in pin:
        page.get_by_test_id(f"pin-{digit}").click()


def begin(post: Demo, pocket: BrowserContext) -> Page:
    """Sign in and choose a PIN."""
    page = pocket.new_page()
    page.clock.install()
    sign_in(page, f"{post.url}/terminal/", "ht-11")
    screen = page.get_by_test_id("pin-screen")
    expect(screen).to_have_attribute("data-unlocks", "false")
    expect(page.get_by_test_id("pin-later")).to_have_count(0)
    enter(page, "123456")
    expect(page.get_by_test_id("pin-said")).to_contain_text("太容易猜")
    enter(page, PIN)
    expect(screen).to_contain_text("再输一遍")
    enter(page, "402718")
    expect(page.get_by_test_id("pin-said")).to_contain_text("不一样")
    enter(page, PIN)
    expect(screen).to_contain_text("再输一遍")
    enter(page, PIN)
    expect(screen).to_have_count(0)
    return page


def test_unused_it_shuts_and_loses_nothing(post: Demo, pocket: BrowserContext) -> None:
    page = begin(post, pocket)
    page.get_by_test_id("quick").click()
    with page.expect_file_chooser():
        page.get_by_test_id("quick-kind-flood").click()
    page.get_by_test_id("quick-text").fill("河水上路")
    page.clock.fast_forward(UNUSED_MS)
    screen = page.get_by_test_id("pin-screen")
    expect(screen).to_have_attribute("data-unlocks", "true")
    check_access(page)
    enter(page, PIN)
    expect(screen).to_have_count(0)
    expect(page.get_by_test_id("quick-text")).to_have_value("河水上路")
    # What waits is sent behind the PIN.
    pocket.set_offline(True)
    page.get_by_test_id("quick-send").click()
    expect(page.get_by_test_id("my-report")).to_have_attribute("data-state", "waiting")
    page.get_by_test_id("page-queue").click()
    page.get_by_test_id("pin-lock").click()
    expect(screen).to_contain_text("1 条待发")
    pocket.set_offline(False)
    expect(screen).not_to_contain_text("待发", timeout=SENT_MS)
    assert [each["text"] for each in rows(post, "field-reports")] == ["河水上路"]


def test_wrong_ones_cost_time_and_the_password_always_opens(
    post: Demo, pocket: BrowserContext
) -> None:
    page = begin(post, pocket)
    page.reload()
    said = page.get_by_test_id("pin-said")
    expect(page.get_by_test_id("pin-screen")).to_have_attribute("data-unlocks", "true")
    for _ in range(2):
        enter(page, "111111")
        expect(said).to_contain_text("PIN 不对")
    enter(page, "111111")
    expect(said).to_contain_text("后再试")
    expect(page.get_by_test_id("pin-1")).to_be_disabled()
    page.reload()
    expect(said).to_contain_text("后再试")
    page.get_by_test_id("pin-forgot").click()
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("pin-screen")).to_have_attribute("data-unlocks", "false")
    enter(page, "975310")
    expect(page.get_by_test_id("pin-screen")).to_contain_text("再输一遍")
    enter(page, "975310")
    expect(page.get_by_test_id("pin-screen")).to_have_count(0)
    page.reload()
    enter(page, "975310")
    expect(page.get_by_test_id("pin-screen")).to_have_count(0)


def test_help_is_called_for_without_it_and_not_called_off(
    post: Demo, pocket: BrowserContext
) -> None:
    page = begin(post, pocket)
    page.get_by_test_id("page-queue").click()
    page.get_by_test_id("pin-lock").click()
    screen = page.get_by_test_id("pin-screen")
    box = screen.get_by_test_id("sos").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    bar = screen.get_by_test_id("sos-bar")
    expect(bar).to_have_attribute("data-state", "received", timeout=SENT_MS)
    page.mouse.up()
    expect(bar).to_contain_text("开锁")
    expect(screen.get_by_test_id("sos-end")).to_have_count(0)
    assert rows(post, "sos", state="raised")
