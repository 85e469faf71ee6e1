"""A drone's view asked without a network comes back as pictures; a danger warns on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Demo, api, duty_desk, open_context, sign_in
from tests.browser.officer import check_access, picture

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

SENT_MS = 60_000
HERE = {"lat_deg": 24.9415, "lon_deg": 102.6185}


def test_pictures_come_back_to_who_asked_and_a_danger_warns(
    shared_post: Demo, browser: Browser, tmp_path: Path
) -> None:
    zone = {
        "name": "西坡火线",
        "kind": "F10300",
        "danger": "向东撤离",
        "outline": {"centre": HERE, "radius_m": 300},
    }
    with api(shared_post, "commander") as commander:
        made = commander.post("/api/v1/registers/danger_zones", json=zone).raise_for_status().json()
    pocket = open_context(shared_post, browser, 412, 915)
    page = pocket.new_page()
    sign_in(page, f"{shared_post.url}/terminal/", "ht-11")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    expect(page.get_by_test_id("danger-warning")).to_contain_text("向东撤离")

    pocket.set_offline(True)
    page.get_by_test_id("ask-for-view").click()
    page.get_by_test_id("view-purpose").locator("[data-value=fire]").click()
    page.get_by_test_id("view-text").fill("山背后看不见")
    check_access(page)
    page.get_by_test_id("view-send").click()
    mine = page.get_by_test_id("my-view")
    expect(mine).to_have_attribute("data-state", "unsent")
    pocket.set_offline(False)
    expect(mine).to_have_attribute("data-state", "waiting", timeout=SENT_MS)

    with duty_desk(shared_post, browser) as desk:
        desk.get_by_test_id("view-count").click()
        card = desk.get_by_test_id("view-request")
        card.get_by_test_id("view-take").click()
        expect(mine).to_have_attribute("data-state", "taken")
        card.get_by_test_id("view-file").set_input_files(picture(tmp_path / "slope.jpg"))
        expect(card.get_by_test_id("view-chosen")).to_be_visible()
        card.get_by_test_id("view-answer-text").fill("西坡两处火点")
        check_access(desk)
        card.get_by_test_id("view-answer-send").click()
        expect(card).to_have_attribute("data-state", "answered")
    expect(mine).to_have_attribute("data-state", "answered")
    expect(mine).to_contain_text("西坡两处火点")
    still = mine.get_by_test_id("view-still")
    page.wait_for_function("(image) => image.naturalWidth > 0", arg=still.element_handle())

    with api(shared_post, "commander") as commander:
        at = f"/api/v1/registers/danger_zones/{made['id']}"
        commander.delete(at, params={"version": made["version"]}).raise_for_status()
    expect(page.get_by_test_id("danger-warning")).to_have_count(0)
    pocket.close()
