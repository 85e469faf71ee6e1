"""Finding by typing, the bright theme, the second screen and the tour, as people use them."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, open_context, sign_in
from tests.browser.officer import check_access
from tests.browser.test_pages import open_incident

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(200)]


def find(page: Page, words: str) -> None:
    """Open the palette by its key and type."""
    page.keyboard.press("Control+k")
    page.get_by_test_id("palette-input").fill(words)


def test_the_console_finds_by_typing_and_is_readable_by_day(
    shared_post: Demo, browser: Browser
) -> None:
    context = open_context(shared_post, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, shared_post.url, "commander")
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    # Initials of a place; the arrow keys alone choose it.
    find(page, "bjjd")
    expect(page.get_by_test_id("find-place").first).to_contain_text("碧鸡街道")
    check_access(page)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("palette")).to_have_count(0)
    on_map = page.get_by_test_id("map")
    expect(on_map).to_be_visible()
    # Coordinates: the middle of the map is there.
    find(page, "24°56'31.2\"N 102°37'12\"E")
    expect(page.get_by_test_id("find-coordinate")).to_contain_text("24.94200, 102.62000")
    page.keyboard.press("Enter")
    page.wait_for_function(
        """() => {
          const map = document.querySelector('[data-testid="map"]');
          const at = map.pixelAt(102.62, 24.942);
          return at && Math.hypot(at[0] - map.clientWidth / 2, at[1] - map.clientHeight / 2) < 2;
        }"""
    )
    # A page by its English name, while the console speaks Chinese; a register's entry.
    find(page, "registers")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("registers")).to_be_visible()
    find(page, "示例机械厂")
    expect(page.get_by_test_id("find-record").first).to_contain_text("示例机械厂")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/register/enterprises/.+"))
    # By day: remembered, and readable on desk, wall and register.
    page.get_by_test_id("view-menu").click()
    page.get_by_test_id("theme").click()
    page.keyboard.press("Escape")
    page.goto(f"{shared_post.url}/register/enterprises")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_test_id("row").first).to_be_visible()
    check_access(page)
    page.goto(shared_post.url)
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    check_access(page)
    page.keyboard.press("F2")
    expect(page.get_by_test_id("video-wall")).to_be_visible()
    check_access(page)
    page.keyboard.press("F2")
    find(page, "dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()


def test_the_palette_shows_only_what_one_may(shared_post: Demo, browser: Browser) -> None:
    context = open_context(shared_post, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, shared_post.url, "auditor")
    page.get_by_test_id("nav-self").wait_for()
    find(page, "审计")
    expect(page.get_by_test_id("find-command").first).to_be_visible()
    page.get_by_test_id("palette-input").fill("新事件")
    expect(page.get_by_test_id("find-command")).to_have_count(0)
    context.close()


def test_the_second_screen_goes_along_and_the_tour_comes_once(
    shared_post: Demo, browser: Browser
) -> None:
    context = open_context(shared_post, browser, 1366, 768)
    page = context.new_page()
    sign_in(page, f"{shared_post.url}/?tour=1", "duty")
    first_id = open_incident(shared_post, "第一处冒烟")
    second_id = open_incident(shared_post, "第二处冒烟")
    # The tour points at the desk, and is gone for good when it was skipped.
    expect(page.get_by_test_id("tour")).to_be_visible()
    check_access(page)
    page.get_by_test_id("tour-next").click()
    page.get_by_test_id("tour-skip").click()
    page.goto(f"{shared_post.url}/?tour=1")
    desk = page.get_by_test_id("desk")
    expect(desk).to_have_attribute("data-ready", "true")
    expect(page.get_by_test_id("tour")).to_have_count(0)
    page.goto(f"{shared_post.url}/incident/{first_id}")
    expect(desk).to_have_attribute("data-incident", first_id)
    page.get_by_test_id("view-menu").click()
    with page.expect_popup() as opened:
        page.get_by_test_id("second-map").click()
    second = opened.value.get_by_test_id("desk")
    expect(second).to_have_attribute("data-incident", first_id)
    find(page, "第二处冒烟")
    expect(page.get_by_test_id("find-incident")).to_be_visible()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("data-incident", second_id)
    # Its user may let it stay; closing it harms nothing.
    opened.value.get_by_test_id("view-menu").click()
    opened.value.get_by_test_id("goes-along").click()
    page.goto(f"{shared_post.url}/incident/{first_id}")
    expect(desk).to_have_attribute("data-incident", first_id)
    expect(second).to_have_attribute("data-incident", second_id)
    opened.value.close()
    find(page, "第二处冒烟")
    page.keyboard.press("Enter")
    expect(desk).to_have_attribute("data-incident", second_id)
    context.close()
