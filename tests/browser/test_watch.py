"""The watch: a call by coordinate, its command by name, a neighbour told, a merge, a handover."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Demo, Post, api, duty_desk
from tests.browser.officer import check_access
from tests.browser.test_incident_room import open_one, spoken

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A post of its own: a shift change tells everything that is open."""
    post = Post(tmp_path_factory.mktemp("watch"))
    try:
        yield post.start()
    finally:
        post.stop()


def test_an_incident_at_the_boundary_has_its_command_and_is_merged(
    post: Demo, browser: Browser
) -> None:
    with api(post, "duty") as client, duty_desk(post, browser) as page:
        first = open_one(client, "安宁方向冒烟", drill=False, lat_deg=25.01, lon_deg=102.47)
        page.goto(post.url)
        page.get_by_test_id("new-incident").click()
        page.get_by_test_id("incident-title").fill("安宁方向起火")
        # Read off Amap: stored as the place it means.
        page.get_by_test_id("paste-place").fill("102.4720, 25.0080")
        page.get_by_test_id("paste-datum").select_option("gcj02")
        page.get_by_test_id("paste-use").click()
        expect(page.get_by_test_id("incident-place")).not_to_contain_text("尚未")
        expect(page.get_by_test_id("open-incident")).to_be_disabled()
        page.get_by_test_id("incident-real").click()
        check_access(page)
        page.get_by_test_id("open-incident").click()
        expect(page.get_by_test_id("near-mark")).to_contain_text("安宁市")
        opened = client.get("/api/v1/incidents").json()[0]
        assert abs(opened["lat_deg"] - 25.008) > 0.001

        page.get_by_test_id("incident-line").click()
        page.get_by_test_id("tell").click()
        page.get_by_test_id("tell-to").fill("安宁市应急局值班员")
        page.get_by_test_id("tell-save").click()
        expect(page.get_by_test_id("notice")).to_contain_text("安宁市")
        expect(page.get_by_test_id("near-mark")).to_have_count(0)
        page.locator("[data-testid=group-missing][data-key=fire_fighting] button").click()
        page.get_by_test_id("group-leader").fill("李强")
        page.get_by_test_id("member-add").click()
        page.get_by_test_id("member-name").fill("周明")
        page.get_by_test_id("group-save").click()
        group = page.get_by_test_id("command-group")
        expect(group).to_contain_text("李强")
        expect(group).to_contain_text("周明")
        page.get_by_test_id("group-edit").click()
        page.get_by_test_id("group-leader").fill("王芳")
        page.get_by_test_id("group-save").click()
        page.get_by_test_id("group-history").click()
        expect(page.get_by_test_id("group-version").last).to_contain_text("李强")
        check_access(page)

        page.get_by_test_id("incident-merge").click()
        page.get_by_test_id("merge-into").select_option(first)
        page.get_by_test_id("merge-reason").fill("同一起火情")
        page.get_by_test_id("merge-save").click()
        expect(page.get_by_test_id("linked-incident")).to_contain_text("安宁方向冒烟")
        expect(page.get_by_test_id("incident-count")).to_have_count(0)
        page.get_by_test_id("linked-incident").get_by_role("link").click()
        expect(page.get_by_test_id("linked-incident")).to_contain_text("安宁方向起火")


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_a_shift_is_handed_over_and_taken_over_by_name(
    post: Demo, browser: Browser, english: bool
) -> None:
    words = "West slope may flare up again" if english else "西坡可能复燃"
    with duty_desk(post, browser) as duty, duty_desk(post, browser, "commander") as commander:
        for page in (duty, commander):
            spoken(page, english)
        duty.get_by_test_id("nav-handovers").click()
        expect(duty.get_by_test_id("standing")).to_be_visible()
        expect(duty.get_by_test_id("handover-incident")).not_to_have_count(0)
        duty.get_by_test_id("handover-words").fill(words)
        check_access(duty)
        duty.get_by_test_id("handover-sign").click()
        expect(duty.get_by_test_id("handover-head")).to_have_attribute("data-state", "signed")
        expect(duty.get_by_test_id("handover-confirm")).to_have_count(0)
        # Seen from every screen until somebody has taken over.
        waiting = commander.get_by_test_id("nav-handovers")
        expect(waiting).to_contain_text("1")
        waiting.click()
        expect(commander.get_by_test_id("handover-note")).to_have_text(words)
        commander.get_by_test_id("handover-confirm").click()
        head = commander.get_by_test_id("handover-head")
        expect(head).to_have_attribute("data-state", "confirmed")
        check_access(commander)
        expect(duty.get_by_test_id("handover-head")).to_have_attribute("data-state", "confirmed")
        expect(duty.get_by_test_id("handover-edit")).to_have_count(0)
        expect(waiting).not_to_contain_text("1")
