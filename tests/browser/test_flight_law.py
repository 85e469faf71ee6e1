"""What the law says of a flight, on the desk: refusals and cautions, facts, the application."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from field_api.contract.ids import new_id
from tests.browser.conftest import Demo, api, open_context, sign_in

pytestmark = pytest.mark.browser

AREA = [(24.9393, 102.6159), (24.9393, 102.6211), (24.9437, 102.6211), (24.9437, 102.6159)]


def planned(post: Demo, **changes: Any) -> dict[str, Any]:
    """Make an incident and a plan of two aircraft for it."""
    incident = {
        "id": new_id(),
        "kind": "fire",
        "title": "法规检查",
        "lat_deg": 24.9415,
        "lon_deg": 102.6185,
        "drill": True,
    }
    body = {
        "id": new_id(),
        "area": [{"lat_deg": lat, "lon_deg": lon} for lat, lon in AREA],
        "vehicle_ids": ["XS-U1", "XS-U2"],
    } | changes
    with api(post, "duty") as client:
        client.post("/api/v1/incidents", json=incident).raise_for_status()
    with api(post, "pilot") as client:
        answer = client.post(f"/api/v1/incidents/{incident['id']}/plans", json=body)
        return answer.raise_for_status().json()


def test_a_flight_is_stated_applied_for_and_the_application_follows_the_plan(
    shared_post: Demo, browser: Browser
) -> None:
    plan = planned(shared_post, agl_m=130.0, seek="smoke")
    context = open_context(shared_post, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, shared_post.url, "pilot")
    page.get_by_test_id("tab-search").click()
    expect(page.get_by_test_id("plan")).to_have_attribute("data-flyable", "false")
    # Above 120 m is refused; that it must be applied for is open, and neither is called the other.
    expect(page.get_by_test_id("check-law_19_height")).to_have_attribute("data-kind", "refused")
    expect(page.get_by_test_id("check-law_26_application")).to_have_attribute(
        "data-kind", "caution"
    )
    expect(page.get_by_test_id("refused-count")).to_contain_text("1 项不可放飞")
    expect(page.get_by_test_id("refused-airspace")).to_contain_text("120 米")
    expect(page.get_by_test_id("checklist-airspace")).to_have_count(0)

    # Nobody stated anything: the lights are asked for, until the visibility is known by day.
    expect(page.get_by_test_id("facts-open")).to_contain_text("11")
    page.get_by_test_id("facts").locator("summary").click()
    page.get_by_test_id("facts-rest-no").click()
    page.get_by_test_id("facts-save").click()
    expect(page.get_by_test_id("facts-open")).to_have_text("已全部说明")

    page.get_by_test_id("application").click()
    page.get_by_test_id("make-application").click()
    page.get_by_test_id("edit-application").click()
    page.get_by_test_id("edit-item-12").fill("请协调直升机避让")
    page.get_by_test_id("save-application").click()
    dialog = page.get_by_test_id("application-dialog")
    expect(dialog).to_contain_text("请协调直升机避让")
    expect(page.get_by_test_id("application-changed")).to_have_count(0)

    # Somebody states otherwise meanwhile: the application says that it is of another flight.
    with api(shared_post, "commander") as client:
        now = client.get(f"/api/v1/plans/{plan['id']}").json()
        facts = now["plan"]["facts"] | {"drops": True}
        client.put(
            f"/api/v1/plans/{plan['id']}/facts", json={"revision": now["revision"], "facts": facts}
        ).raise_for_status()
    expect(page.get_by_test_id("application-changed")).to_be_visible()
    expect(page.get_by_test_id("submit-application")).to_be_disabled()
    page.get_by_test_id("application-again").click()
    expect(page.get_by_test_id("application-changed")).to_have_count(0)
    expect(dialog).to_contain_text("投放物品")
    context.close()
