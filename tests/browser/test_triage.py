"""Are our people well, who has which task, who looks at which alert."""

import pytest
from playwright.sync_api import Browser, expect

from field_api.app import make_services
from field_api.settings import Settings
from tests.browser.conftest import Demo, api, duty_desk, open_context, sign_in
from tests.browser.officer import check_access
from tests.browser.test_masks import NOW_MS, frame, put_in
from tests.field_api.field import detection
from tests.field_api.post import incident_body
from tests.field_api.test_tasks import task_body

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

FETCH_MS = 60_000


def test_a_roll_call_a_timer_and_a_task_that_changes_hands(
    shared_post: Demo, browser: Browser
) -> None:
    incident = incident_body(title="点名演练")
    with api(shared_post, "commander") as commander:
        commander.post("/api/v1/incidents", json=incident).raise_for_status()
        task = task_body(incident["id"], terminal_id="HT-11")
        commander.post("/api/v1/tasks", json=task).raise_for_status()
    pocket = open_context(shared_post, browser, 412, 915)
    page = pocket.new_page()
    sign_in(page, f"{shared_post.url}/terminal/", "ht-11")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    with duty_desk(shared_post, browser) as desk:
        desk.goto(f"{shared_post.url}/incident/{incident['id']}?tab=tasks")
        mine = desk.locator(f"[data-testid=task][data-id='{task['id']}']")
        mine.get_by_test_id("check-in-30").click()
        expect(mine.get_by_test_id("check-in")).to_contain_text("尚未报平安")
        expect(page.get_by_test_id("well-due")).to_be_visible(timeout=FETCH_MS)
        # By keyboard: O puts the button under the finger, Enter calls.
        desk.get_by_test_id("roll-start").wait_for()
        desk.locator("body").press("o")
        expect(desk.get_by_test_id("roll-start")).to_be_focused()
        desk.keyboard.press("Enter")
        entry = desk.locator("[data-testid=roll-entry][data-terminal=HT-11]")
        expect(entry).to_have_attribute("data-answered", "false")
        bar = page.get_by_test_id("well-bar")
        expect(bar).to_have_attribute("data-asked", "true", timeout=FETCH_MS)
        check_access(page)
        pocket.set_offline(True)
        page.get_by_test_id("well").click()
        expect(bar).to_have_attribute("data-asked", "false")
        expect(page.get_by_test_id("well-said")).to_contain_text("联网后送出")
        pocket.set_offline(False)
        expect(entry).to_have_attribute("data-answered", "true", timeout=FETCH_MS)
        expect(desk.get_by_test_id("roll-call")).to_have_attribute("data-going", "false")
        expect(mine.get_by_test_id("check-in")).to_contain_text("最后报平安")
        mine.get_by_test_id("remind").click()
        told = page.get_by_test_id("task-changed")
        expect(told).to_have_attribute("data-what", "reminded", timeout=FETCH_MS)
        check_access(desk)

        desk.locator("body").press("b")
        board = desk.get_by_test_id("task-board")
        card = board.get_by_test_id("column-sent").get_by_test_id("board-task")
        expect(card).to_contain_text("已督办 1 次")
        card.get_by_test_id("hand-over").click()
        card.get_by_test_id("hand-over-to").select_option("HT-05")
        card.get_by_test_id("hand-over-reason").fill("车辆故障")
        check_access(desk)
        card.get_by_test_id("hand-over-now").click()
        expect(card).to_contain_text("接自 HT-11")
        expect(board.get_by_test_id("column-over")).to_contain_text("已转交 HT-05")
    expect(told).to_have_attribute("data-what", "cancelled", timeout=FETCH_MS)
    pocket.close()


def test_two_operators_share_out_alerts(shared_post: Demo, browser: Browser) -> None:
    far = [
        detection(
            label="smoke", at=(24.90 - number * 0.02, 102.55), t_ms=NOW_MS + number,
            first_seen_ms=NOW_MS - 1000, track_id=40 + number, evidence=[frame()],
        )
        for number in range(2)
    ]  # fmt: skip
    services = make_services(Settings(data_dir=shared_post.folder))
    for message in far:
        put_in(services, message)
    services.close()
    one, two = (f"[data-testid=alert][data-id='{message.id}']" for message in far)
    with (
        duty_desk(shared_post, browser) as duty,
        duty_desk(shared_post, browser, "commander") as other,
    ):
        duty.locator(one).click()
        expect(other.locator(one).get_by_test_id("alert-taken")).to_be_visible()
        other.locator(one).click()
        expect(other.get_by_test_id("taken-by")).to_be_visible()
        check_access(other)
        other.keyboard.press("Escape")
        # S puts it aside for everybody; it is brought back by hand here.
        duty.get_by_test_id("review-dialog").press("s")
        aside = other.locator(f"[data-testid=snoozed-alert][data-id='{far[0].id}']")
        expect(aside).to_be_visible()
        aside.get_by_test_id("wake").click()
        expect(duty.locator(one)).to_be_visible()
        # The next alert was selected; it is the same fire.
        duty.locator(two).click()
        duty.get_by_test_id("review-dialog").press("j")
        duty.locator(f"[data-testid=merge-into][data-id='{far[0].id}']").click()
        expect(duty.locator(two)).to_have_count(0)
        expect(other.locator(two)).to_have_count(0)
        duty.get_by_test_id("review-dialog").get_by_test_id("reject").click()
        duty.get_by_test_id("reason-known").click()
        duty.get_by_test_id("reject").click()
        expect(duty.get_by_test_id("review-dialog")).to_have_count(0)
        duty.locator("body").press("v")
        log = duty.get_by_test_id("false-alarms")
        expect(log.get_by_test_id("log-lines")).to_contain_text("已知目标")
        check_access(duty)
        with duty.expect_download() as download:
            log.get_by_test_id("log-export").click()
        assert download.value.suggested_filename == "false-alarms.csv"
