"""The handheld's map: what is near, without a network; and zones that one enters."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Geolocation, expect

from tests.browser.conftest import Demo, api, open_context, sign_in
from tests.browser.officer import check_access

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

CORRIDOR: Geolocation = {"latitude": 24.954, "longitude": 102.639, "accuracy": 6}
"""In the demo's no-fly corridor."""


@pytest.fixture
def post(shared_post: Demo) -> Demo:
    """A command post with the demo's registers."""
    return shared_post


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """An inspector's phone."""
    context = open_context(post, browser, 412, 915)
    yield context
    context.close()


def test_zones_are_told_and_what_is_near_opens_without_a_network(
    post: Demo, pocket: BrowserContext
) -> None:
    with api(post, "commander") as client:
        enterprises = client.get("/api/v1/registers/enterprises").raise_for_status().json()["rows"]
    near = next(each for each in enterprises if each["place"])
    page = pocket.new_page()
    sign_in(page, f"{post.url}/terminal/", "ht-01")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.get_by_test_id("page-map").click()
    expect(page.get_by_test_id("field-map").locator("canvas").first).to_be_visible()
    expect(page.get_by_test_id("zone-warning")).to_have_count(0)
    check_access(page)

    pocket.set_offline(True)
    pocket.set_geolocation(CORRIDOR)
    expect(page.get_by_test_id("zone-warning")).to_contain_text("索道走廊")
    page.get_by_test_id("page-queue").click()
    expect(page.get_by_test_id("zone-warning")).to_be_visible()

    place = near["place"]
    pocket.set_geolocation(
        {"latitude": place["lat_deg"], "longitude": place["lon_deg"], "accuracy": 6}
    )
    expect(page.get_by_test_id("zone-warning").filter(has_text="索道走廊")).to_have_count(0)
    page.get_by_test_id("page-map").click()
    shown = page.get_by_test_id("field-map")
    expect(shown.locator("canvas").first).to_be_visible()
    shown.click()
    expect(page.get_by_test_id("enterprise-card")).to_contain_text(near["name"])
