"""A warning reaches a handheld that was away, is acknowledged and lifted; a zone warns offline."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Demo, api, open_context, sign_in
from tests.browser.officer import check_access

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(200)]

SENT_MS = 60_000
HOLD_MS = 1500
COUNTED = "window.buzzed = 0; navigator.vibrate = () => (window.buzzed += 1, true);"
"""Alarms are felt: a test counts them."""
KEPT_ZONES = """async () => {
  const done = (request) => new Promise((ok) => (request.onsuccess = () => ok(request.result)));
  const kept = await done(indexedDB.open('xunshan-terminal'));
  const count = await done(kept.transaction('dangerZones').objectStore('dangerZones').count());
  kept.close();
  return count > 0;
}"""
"""Whether the handheld has danger zones on its own disk."""


def test_a_warning_reaches_a_handheld_that_was_away(shared_post: Demo, browser: Browser) -> None:
    zone = {
        "name": "储罐区",
        "kind": "F10100",
        "danger": "禁止入内",
        "outline": {"centre": {"lat_deg": 24.9, "lon_deg": 102.7}, "radius_m": 300},
    }
    with api(shared_post, "commander") as client:
        made = client.post("/api/v1/registers/danger_zones", json=zone).raise_for_status().json()
    pocket = open_context(shared_post, browser, 412, 915)
    handheld = pocket.new_page()
    handheld.add_init_script(COUNTED)
    sign_in(handheld, f"{shared_post.url}/terminal/", "ht-11")
    handheld.evaluate("navigator.serviceWorker.ready.then(() => null)")
    expect(handheld.get_by_test_id("connection")).to_have_attribute("data-online", "true")
    handheld.get_by_test_id("pin-decline").click()

    # Without a network, into the zone: the handheld knows by itself.
    handheld.wait_for_function(KEPT_ZONES)
    pocket.set_offline(True)
    expect(handheld.get_by_test_id("danger-warning")).to_have_count(0)
    before = handheld.evaluate("window.buzzed")
    pocket.set_geolocation({"latitude": 24.9, "longitude": 102.7, "accuracy": 8})
    expect(handheld.get_by_test_id("danger-warning")).to_contain_text("禁止入内")
    assert handheld.evaluate("window.buzzed") == before + 1
    pocket.set_geolocation({"latitude": 24.9415, "longitude": 102.6185, "accuracy": 8})
    expect(handheld.get_by_test_id("danger-warning")).to_have_count(0)

    context = open_context(shared_post, browser, 1366, 768)
    desk = context.new_page()
    sign_in(desk, shared_post.url, "commander")
    desk.get_by_test_id("nav-warnings").click()
    desk.get_by_test_id("new-warning").click()
    missing = desk.get_by_test_id("missing-items")
    expect(missing).to_have_attribute("data-missing", "7")
    expect(desk.get_by_test_id("to-publish")).to_be_disabled()
    desk.get_by_test_id("level-red").click()
    desk.get_by_test_id("event-code").select_option("11B25")
    desk.get_by_test_id("onset-now").click()
    desk.get_by_test_id("for-12").click()
    desk.get_by_test_id("description").fill("高火险区已出现林火。")
    desk.get_by_test_id("street-530112008").click()
    expect(desk.get_by_test_id("item-instruction")).to_have_attribute("data-lacks", "true")
    expect(missing).to_have_attribute("data-missing", "1")
    check_access(desk)
    desk.get_by_test_id("instruction").fill("立即撤离警戒区。")
    expect(missing).to_have_attribute("data-missing", "0")
    expect(desk.get_by_test_id("reach")).not_to_have_attribute("data-count", "0")
    desk.get_by_test_id("to-publish").click()
    check_access(desk)
    desk.get_by_test_id("publish").click(delay=HOLD_MS)
    detail = desk.get_by_test_id("warning-detail")
    expect(detail).to_have_attribute("data-state", "in_force")
    expect(desk.get_by_test_id("strip-warning")).to_contain_text("森林(草原)火险")
    check_access(desk)
    with desk.expect_download() as file:
        desk.get_by_test_id("save-cap").click()
    assert "<severity>Extreme</severity>" in file.value.path().read_text("utf-8")

    pocket.set_offline(False)
    here = handheld.get_by_test_id("warning-here")
    expect(here).to_contain_text("立即撤离警戒区。", timeout=SENT_MS)
    assert handheld.evaluate("window.buzzed") == before + 2
    check_access(handheld)
    handheld.get_by_test_id("warning-seen").click()
    expect(here).to_have_attribute("data-seen", "true")
    expect(desk.get_by_test_id("receipts")).to_contain_text("HT-11")

    desk.get_by_test_id("lift").click()
    desk.get_by_test_id("lift-reason").fill("明火扑灭")
    desk.get_by_test_id("lift-confirm").click()
    expect(detail).to_have_attribute("data-state", "cancelled")
    expect(desk.get_by_test_id("warning-strip")).to_have_count(0)
    expect(handheld.get_by_test_id("warning-lifted")).to_contain_text("明火扑灭", timeout=SENT_MS)
    expect(here).to_have_count(0)
    with api(shared_post, "commander") as client:
        at = f"/api/v1/registers/danger_zones/{made['id']}"
        client.delete(at, params={"version": made["version"]}).raise_for_status()
    context.close()
    pocket.close()
