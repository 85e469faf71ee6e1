"""The shared map: drawn with few keys, taken back, estimated from; pointed at by desk and field."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, api, duty_desk, open_context, sign_in
from tests.browser.officer import BACK_IN_REACH, check_access
from tests.browser.test_pages import open_incident

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(200)]

FIRE = [(24.9410, 102.6180), (24.9410, 102.6200), (24.9425, 102.6200), (24.9425, 102.6180)]


@pytest.fixture
def desk(shared_post: Demo, browser: Browser) -> Iterator[Page]:
    """The duty officer's console."""
    with duty_desk(shared_post, browser) as page:
        yield page


@pytest.fixture
def pocket(shared_post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The phone of a team's leader, at the fire."""
    context = open_context(shared_post, browser, 412, 915)
    yield context
    context.close()


def click_map(page: Page, lat_deg: float, lon_deg: float) -> None:
    where: list[float] = page.get_by_test_id("map").evaluate(
        "(map, [lon, lat]) => map.pixelAt(lon, lat)", [lon_deg, lat_deg]
    )
    page.get_by_test_id("map").click(position={"x": where[0], "y": where[1]})
    page.wait_for_timeout(300)  # a second click too soon would be a double click


def drawn(post: Demo, incident: str) -> list[dict[str, Any]]:
    with api(post, "duty") as client:
        return client.get("/api/v1/drawings", params={"incident_id": incident}).json()


def test_a_fire_is_drawn_taken_back_drawn_again_and_its_spread_estimated(
    shared_post: Demo, desk: Page
) -> None:
    post = shared_post
    incident = open_incident(post, "标绘甲")
    desk.goto(f"{post.url}/incident/{incident}")
    expect(desk.get_by_test_id("desk")).to_have_attribute("data-incident", incident)
    desk.wait_for_timeout(1500)  # the map shows the incident
    desk.keyboard.press("d")
    expect(desk.get_by_test_id("kind-fire_line")).to_be_focused()
    desk.keyboard.press("Enter")
    for corner in FIRE:
        click_map(desk, *corner)
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("drawing")).to_have_count(1)
    expect(desk.get_by_test_id("fire-figures")).to_contain_text("±")
    (made,) = drawn(post, incident)
    assert len(made["shape"]["points"]) == 4
    desk.get_by_test_id("map").focus()
    desk.keyboard.press("Control+z")
    expect(desk.get_by_test_id("drawing")).to_have_count(0)
    assert drawn(post, incident) == []
    desk.get_by_test_id("kind-fire_line").click()
    for corner in FIRE:
        click_map(desk, *corner)
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("drawing")).to_have_count(0)
    desk.get_by_test_id("kind-fire_line").click()
    for corner in FIRE:
        click_map(desk, *corner)
    desk.keyboard.press("Enter")
    desk.get_by_test_id("drawing-source").select_option("drone")
    desk.get_by_test_id("drawing-label").fill("东坡火线")
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("drawing")).to_contain_text("东坡火线")
    expect(desk.get_by_test_id("fire-figures")).to_contain_text("无人机")
    expect(desk.get_by_test_id("spread-make")).to_be_disabled()
    desk.get_by_test_id("wind-say").click()
    desk.get_by_test_id("wind-from").fill("225")
    desk.get_by_test_id("wind-speed").fill("7")
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("wind-row")).to_contain_text("225°")
    desk.get_by_test_id("spread-make").click()
    expect(desk.get_by_test_id("spread-result")).to_contain_text("模型推演,不是预报")
    expect(desk.get_by_test_id("spread-legend")).to_contain_text("模型推演,不是预报")
    check_access(desk)
    desk.get_by_test_id("spread-hide").click()
    expect(desk.get_by_test_id("spread-legend")).to_be_hidden()


def test_desk_and_field_point_at_places_for_each_other(
    shared_post: Demo, desk: Page, pocket: BrowserContext
) -> None:
    post = shared_post
    incident = open_incident(post, "标绘乙")
    desk.goto(f"{post.url}/incident/{incident}?tab=plot")
    expect(desk.get_by_test_id("plot-panel")).to_be_visible()
    desk.wait_for_timeout(1500)  # the map shows the incident
    desk.keyboard.press("k")
    click_map(desk, *FIRE[0])
    desk.get_by_test_id("pointer-text").fill("看山脊")
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("pointer")).to_contain_text("看山脊")
    phone = pocket.new_page()
    sign_in(phone, f"{post.url}/terminal/", "ht-05")
    expect(phone.get_by_test_id("pointer-news")).to_contain_text("看山脊")
    phone.get_by_test_id("pointer-news").click()
    expect(phone.get_by_test_id("field-map")).to_be_visible()
    pocket.set_offline(True)
    box = phone.get_by_test_id("field-map").bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 200, box["y"] + 250)
    phone.mouse.down()
    expect(phone.get_by_test_id("point-form")).to_be_visible()
    phone.mouse.up()
    phone.get_by_test_id("point-text").fill("这里有人")
    check_access(phone)
    phone.get_by_test_id("point-send").click()
    expect(phone.get_by_test_id("point-form")).to_be_hidden()
    pocket.set_offline(False)
    phone.evaluate(BACK_IN_REACH)
    expect(desk.get_by_test_id("pointers")).to_contain_text("这里有人")
