"""What is said between desk and handheld, also without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, duty_desk, open_context, sign_in
from tests.browser.officer import BACK_IN_REACH, FULL_STORAGE, check_access, picture, rows
from tests.browser.test_pages import open_incident, send_task

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

SENT_MS = 60_000


@pytest.fixture
def post(shared_post: Demo) -> Demo:
    """A command post with the demo's people."""
    return shared_post


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The phone of an inspector."""
    context = open_context(post, browser, 412, 915)
    yield context
    context.close()


@pytest.fixture
def desk(post: Demo, browser: Browser) -> Iterator[Page]:
    """The duty officer's console."""
    with duty_desk(post, browser) as page:
        yield page


def open_channel(pocket: BrowserContext, post: Demo, username: str, channel: str) -> Page:
    """Sign in on a handheld and open a channel."""
    page = pocket.new_page()
    sign_in(page, f"{post.url}/terminal/", username)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.get_by_test_id("page-messages").click()
    page.locator(f'[data-testid=channel][data-id="{channel}"]').click()
    expect(page.get_by_test_id("channel-page")).to_be_visible()
    return page


def test_said_without_a_network_it_comes_in_and_is_read(
    post: Demo, pocket: BrowserContext, desk: Page, tmp_path: Path
) -> None:
    incident = open_incident(post, "消息甲")
    phone = open_channel(pocket, post, "ht-05", incident)
    pocket.set_offline(True)
    phone.get_by_test_id("message-text").fill("东坡有三人,")
    phone.get_by_role("button", name="人员安全").click()
    phone.get_by_test_id("message-more").click()
    phone.get_by_test_id("photo-input").set_input_files(picture(tmp_path / "people.jpg"))
    expect(phone.get_by_test_id("photo")).to_be_visible()
    phone.get_by_test_id("message-here").check()
    # Killed before it was sent, what was written is there again.
    phone.close()
    pocket.add_init_script(FULL_STORAGE)
    phone = pocket.new_page()
    phone.goto(f"{post.url}/terminal/messages/{incident}")
    expect(phone.get_by_test_id("message-text")).to_have_value("东坡有三人, 人员安全")
    check_access(phone)
    # Without room it is not sent, not lost, and sent once there is.
    phone.evaluate("full = true")
    phone.get_by_test_id("message-send").click()
    phone.get_by_test_id("storage-full").click()
    phone.evaluate("full = false")
    phone.get_by_test_id("message-send").click()
    expect(phone.get_by_test_id("pending-message")).to_have_attribute("data-state", "waiting")
    assert rows(post, "messages", incident_id=incident) == []

    desk.goto(f"{post.url}/incident/{incident}?tab=flight")
    pocket.set_offline(False)
    phone.evaluate(BACK_IN_REACH)
    expect(desk.get_by_test_id("waiting-messages")).to_have_text("1", timeout=SENT_MS)
    desk.get_by_test_id("tab-messages").click()
    said = desk.get_by_test_id("message")
    expect(said).to_contain_text("东坡有三人, 人员安全")
    expect(said.get_by_test_id("message-place")).to_contain_text("24.94")
    expect(said.locator("img")).to_have_js_property("naturalWidth", 400, timeout=SENT_MS)
    expect(desk.get_by_test_id("waiting-messages")).to_have_count(0)
    expect(phone.get_by_test_id("pending-message")).to_have_count(0)
    expect(phone.get_by_test_id("readers")).to_contain_text("值班", timeout=SENT_MS)
    check_access(desk)

    desk.get_by_test_id("message-text").fill("收到,原地等候")
    desk.get_by_test_id("message-text").press("Enter")
    expect(phone.get_by_test_id("message")).to_have_count(2, timeout=SENT_MS)
    expect(desk.get_by_test_id("readers").last).to_contain_text("队长", timeout=SENT_MS)


def test_a_task_has_a_channel_and_its_holder_sees_what_is_unread(
    post: Demo, pocket: BrowserContext, desk: Page
) -> None:
    incident = open_incident(post, "消息乙")
    task = send_task(post, incident, "HT-11", "看看桥头")
    phone = open_channel(pocket, post, "ht-11", task)
    # A reporter takes part in own tasks only.
    phone.get_by_test_id("back").click()
    expect(phone.get_by_test_id("channel")).to_have_count(1)
    desk.goto(f"{post.url}/incident/{incident}?tab=messages")
    desk.get_by_test_id("message-channel").select_option(task)
    desk.get_by_test_id("message-text").fill("从北侧过去")
    desk.get_by_test_id("message-send").click()
    phone.evaluate(BACK_IN_REACH)
    expect(phone.get_by_test_id("messages-count")).to_have_text("1", timeout=SENT_MS)
    phone.get_by_test_id("channel").click()
    expect(phone.get_by_test_id("message")).to_contain_text("从北侧过去")
    expect(phone.get_by_test_id("messages-count")).to_have_count(0)
    expect(desk.get_by_test_id("readers")).not_to_contain_text("尚无人读", timeout=SENT_MS)
