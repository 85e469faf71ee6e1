"""A call for help: held, sent before all else, seen on every page, ended with a reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, api, duty_desk, open_context, sign_in
from tests.browser.officer import check_access, rows

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

SENT_MS = 60_000
RAISED = "[data-testid=sos-bar]:is([data-state=waiting], [data-state=received])"
PHONE = "138-0000-0011"


@pytest.fixture(scope="module")
def post(shared_post: Demo) -> Demo:
    """A command post whose register has a telephone of HT-11."""
    with api(shared_post, "admin") as client:
        entry = client.get("/api/v1/registers/terminals/HT-11").raise_for_status().json()
        body = {key: entry[key] for key in ("holder", "holder_en", "kind", "team_id")}
        body |= {"phone": PHONE, "version": entry["version"]}
        url = "/api/v1/registers/terminals/HT-11"
        answer = client.put(url, json=body)
        assert answer.is_success, answer.text
    return shared_post


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """A phone."""
    context = open_context(post, browser, 412, 915)
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


def hold(page: Page) -> None:
    """Put a finger on the button and leave it there."""
    box = page.get_by_test_id("sos").bounding_box()
    assert box
    assert box["height"] >= 48
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def call_for_help(page: Page) -> None:
    """Hold until it has been raised."""
    hold(page)
    expect(page.locator(RAISED)).to_be_visible()
    page.mouse.up()


def test_a_finger_that_is_lifted_calls_nobody(post: Demo, handheld: Page) -> None:
    hold(handheld)
    expect(handheld.get_by_test_id("sos-ring")).to_be_visible()
    handheld.mouse.up()
    expect(handheld.get_by_role("status").filter(has_text="没有求救")).to_be_visible()
    expect(handheld.get_by_test_id("sos-bar")).to_have_count(0)
    assert rows(post, "sos") == []


def test_it_is_called_received_only_once_command_said_so(
    post: Demo, pocket: BrowserContext, handheld: Page, desk: Page, browser: Browser
) -> None:
    pocket.set_offline(True)
    handheld.get_by_test_id("page-inspections").click()
    call_for_help(handheld)
    bar = handheld.get_by_test_id("sos-bar")
    expect(bar).to_have_attribute("data-state", "waiting")
    expect(bar).to_contain_text("还没有送到指挥部")
    check_access(handheld)

    desk.get_by_test_id("nav-registers").click()
    expect(desk.get_by_test_id("sos-alarm")).to_have_count(0)
    pocket.set_offline(False)
    expect(bar).to_have_attribute("data-state", "received", timeout=SENT_MS)
    alarm = desk.get_by_test_id("sos-alarm")
    expect(alarm).to_be_visible()
    expect(alarm.get_by_test_id("sos-phone")).to_contain_text(PHONE)
    expect(alarm.get_by_test_id("sos-place")).to_contain_text("24.94150")
    check_access(handheld)
    check_access(desk)

    # The position goes on being sent, and the alarm follows it.
    pocket.set_geolocation({"latitude": 24.95, "longitude": 102.62, "accuracy": 5})
    expect(alarm.get_by_test_id("sos-place")).to_contain_text("24.95000", timeout=SENT_MS)

    # Who comes late sees it, also on a dialog and on the wall.
    context = open_context(post, browser, 1366, 768)
    late = context.new_page()
    sign_in(late, post.url, "commander")
    expect(late.get_by_test_id("sos-alarm")).to_be_visible()
    late.get_by_test_id("wall").click()
    late.get_by_test_id("sos-silence").click()
    expect(late.get_by_test_id("sos-silence")).to_have_count(0)
    expect(desk.get_by_test_id("sos-silence")).to_be_visible()
    context.close()

    alarm.get_by_test_id("sos-on-map").click()
    expect(desk.get_by_test_id("desk")).to_be_visible()
    alarm.get_by_test_id("sos-end").click()
    expect(alarm.get_by_test_id("sos-end-now")).to_be_disabled()
    alarm.get_by_test_id("sos-reason").fill("救援队已接到人")
    alarm.get_by_test_id("sos-end-now").click()
    expect(alarm).to_have_count(0)
    expect(bar).to_have_attribute("data-state", "ended", timeout=SENT_MS)
    expect(bar).to_contain_text("救援队已接到人")
    handheld.get_by_test_id("sos-put-away").click()
    expect(bar).to_have_count(0)


def test_the_holder_ends_a_mistake_with_a_reason(post: Demo, handheld: Page, desk: Page) -> None:
    call_for_help(handheld)
    bar = handheld.get_by_test_id("sos-bar")
    expect(bar).to_have_attribute("data-state", "received", timeout=SENT_MS)
    expect(desk.get_by_test_id("sos-alarm")).to_be_visible()
    handheld.reload()
    expect(bar).to_have_attribute("data-state", "received", timeout=SENT_MS)
    handheld.get_by_test_id("sos-end").click()
    expect(handheld.get_by_test_id("sos-end-now")).to_be_disabled()
    handheld.get_by_test_id("sos-why-mistake").click()
    check_access(handheld)
    handheld.get_by_test_id("sos-end-now").click()
    expect(desk.get_by_test_id("sos-alarm")).to_have_count(0)
    expect(bar).to_have_attribute("data-state", "ended", timeout=SENT_MS)
    ended = rows(post, "sos")[0]
    assert (ended["state"], ended["cancelled_reason"]) == ("cancelled", "误触")
