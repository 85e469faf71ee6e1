"""The duty officer's incident: found among many, read, counted, corrected, closed, reopened."""

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from field_api.contract.ids import new_id
from field_api.features.after_action.package import VERIFIER
from tests.browser.conftest import Demo, Post, api, duty_desk
from tests.browser.officer import check_access

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(240)]

KNOWN = "护林员报告:西坡沟底冒烟,三名徒步者没有回电话"


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A post of its own: the list is long here."""
    post = Post(tmp_path_factory.mktemp("room"))
    try:
        yield post.start()
    finally:
        post.stop()


def open_one(client: httpx.Client, title: str, **more: object) -> str:
    body = {
        "id": new_id(), "kind": "fire", "title": title, "text": KNOWN, "lat_deg": 24.9415,
        "lon_deg": 102.6185, "drill": True, "people_missing": 3, **more,
    }  # fmt: skip
    client.post("/api/v1/incidents", json=body).raise_for_status()
    return str(body["id"])


def spoken(page: Page, english: bool) -> None:
    if english:
        page.get_by_test_id("language").click()


def whole(page: Page) -> None:
    """Nothing of the card is cut off at the side, and the aircraft's orders stay in sight."""
    card = page.get_by_test_id("incident-card").bounding_box()
    assert card
    assert card["x"] + card["width"] <= 1366.5
    assert card["y"] + card["height"] < 768 - 108


@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_an_incident_is_read_counted_corrected_closed_and_reopened(
    post: Demo, browser: Browser, english: bool
) -> None:
    with api(post, "duty") as client:
        incident = open_one(client, "West slope" if english else "西坡冒烟")
        url = f"/api/v1/incidents/{incident}"
        with duty_desk(post, browser) as page:
            spoken(page, english)
            page.goto(f"{post.url}/incident/{incident}")
            line = page.get_by_test_id("incident-line")
            expect(line).to_contain_text("Missing 3" if english else "失联 3")
            expect(line).to_contain_text(KNOWN)
            expect(line).to_contain_text("DRILL" if english else "演练")
            line.click()
            expect(page.get_by_test_id("incident-known")).to_have_text(KNOWN)
            expect(page.get_by_test_id("people-history")).to_contain_text("3")

            page.get_by_test_id("incident-count").click()
            page.get_by_test_id("count-found").fill("2")
            page.get_by_test_id("count-missing").fill("1")
            page.get_by_test_id("count-note").fill("搜救二组")
            whole(page)
            page.get_by_test_id("count-save").click()
            expect(page.get_by_test_id("people-found")).to_have_text("2")
            expect(page.get_by_test_id("people-missing")).to_have_text("1")
            history = page.get_by_test_id("people-history").locator("li")
            expect(history).to_have_count(2)
            expect(history.first).to_contain_text("搜救二组")

            page.get_by_test_id("incident-correct").click()
            page.get_by_test_id("correct-title").fill("东坡冒烟")
            # Somebody counts meanwhile: that is in nobody's way.
            client.post(f"{url}/figures", json={"id": new_id(), "people_injured": 1})
            expect(line).to_contain_text("Injured 1" if english else "受伤 1")
            page.get_by_test_id("correct-pick").click()
            box = page.get_by_test_id("map").bounding_box()
            assert box
            page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.7)
            expect(page.get_by_test_id("correct-place")).not_to_have_text("24.94150, 102.61850")
            page.get_by_test_id("correct-save").click()
            expect(page.get_by_test_id("incident-chooser")).to_contain_text("东坡冒烟")
            edited = page.get_by_test_id("timeline-entry").and_(
                page.locator("[data-action='incident.edited']")
            )
            expect(edited).to_contain_text("东坡冒烟")
            assert client.get(url).json()["lat_deg"] != 24.9415

            # Another officer rewrites the text while one is at it: said, and not lost.
            page.get_by_test_id("incident-correct").click()
            page.get_by_test_id("correct-title").fill("东坡火情")
            version = client.get(url).json()["version"]
            client.post(f"{url}/edit", json={"version": version, "text": "明火两处"})
            expect(page.get_by_test_id("correct-overtaken")).to_contain_text("明火两处")
            expect(page.get_by_test_id("correct-save")).to_be_disabled()
            page.get_by_test_id("correct-go-on").click()
            page.get_by_test_id("correct-save").click()
            expect(page.get_by_test_id("incident-known")).to_have_text("明火两处")
            expect(page.get_by_test_id("incident-chooser")).to_contain_text("东坡火情")
            check_access(page)

            page.get_by_test_id("incident-end").click()
            expect(page.get_by_test_id("end-confirm")).to_be_disabled()
            page.get_by_test_id("end-reason").fill("明火扑灭,人员全部找到")
            page.get_by_test_id("end-confirm").click()
            expect(page.get_by_test_id("incident-closed")).to_contain_text("明火扑灭")
            expect(page.get_by_test_id("incident-count")).to_have_count(0)
            expect(page.get_by_test_id("incident-correct")).to_have_count(0)
            whole(page)
            page.get_by_test_id("incident-end").click()
            page.get_by_test_id("end-reason").fill("西侧复燃")
            page.get_by_test_id("end-confirm").click()
            expect(page.get_by_test_id("incident-count")).to_be_visible()
            assert client.get(url).json()["state"] == "open"
            client.post(f"{url}/close", json={"text": "结束"}).raise_for_status()


def test_one_of_many_is_found(post: Demo, browser: Browser) -> None:
    with api(post, "duty") as client:
        still = [open_one(client, f"进行中 {n:02d}", kind="flood") for n in range(20)]
        over = [open_one(client, f"旧事 {n:02d}") for n in range(60)]
        for incident in over:
            body = {"text": "结束"}
            client.post(f"/api/v1/incidents/{incident}/close", json=body).raise_for_status()
        with duty_desk(post, browser) as page:
            expect(page.get_by_test_id("incidents-open")).to_have_text("20")
            page.get_by_test_id("incident-chooser").click()
            choices = page.get_by_test_id("incident-choice")
            expect(page.get_by_test_id("incident-search")).to_be_focused()
            expect(choices.first).to_have_attribute("data-id", still[-1])
            # Open ones, then the first page of closed ones.
            expect(choices).to_have_count(20 + 50)
            check_access(page)
            page.get_by_test_id("incidents-more").click()
            for incident in over:
                expect(
                    page.locator(f"[data-testid=incident-choice][data-id='{incident}']")
                ).to_have_count(1)
            page.get_by_test_id("incident-search").fill("旧事 03")
            expect(choices).to_have_count(1)
            page.get_by_test_id("incident-search").fill("")
            page.get_by_test_id("incidents-kind").select_option("flood")
            expect(choices).to_have_count(20)
            page.get_by_test_id("incidents-only-closed").click()
            expect(choices).to_have_count(0)
            page.get_by_test_id("incidents-only-open").click()
            page.get_by_test_id("incident-search").fill("进行中 07")
            expect(choices).to_have_count(1)
            page.keyboard.press("Enter")
            expect(page.get_by_test_id("desk")).to_have_attribute("data-incident", still[7])
            expect(page.get_by_test_id("incident-chooser")).to_contain_text("进行中 07")
            # The others at the same place stand as one mark under it, and lead back to the list.
            page.wait_for_function(
                """() => {
                  const map = document.querySelector('[data-testid=map]');
                  const at = map.pixelAt?.(102.6185, 24.9415);
                  return at && Math.abs(at[0] - map.clientWidth / 2) < 2;
                }"""
            )
            box = page.get_by_test_id("map").bounding_box()
            assert box
            page.mouse.click(box["x"] + box["width"] / 2 - 14, box["y"] + box["height"] / 2 + 1)
            expect(page.get_by_test_id("incident-search")).to_be_focused()
            expect(choices.first).to_be_visible()


def test_the_timeline_is_read_searched_and_taken_out(post: Demo, browser: Browser) -> None:
    with api(post, "duty") as client:
        incident = open_one(client, "南坡冒烟")
        for version, text in ((1, "第一次核实"), (2, "第二次核实")):
            client.post(
                f"/api/v1/incidents/{incident}/edit", json={"version": version, "text": text}
            ).raise_for_status()
    with duty_desk(post, browser, "commander") as page:
        page.goto(f"{post.url}/incident/{incident}")
        expect(page.get_by_test_id("timeline-entry")).to_have_count(3)
        page.get_by_test_id("timeline-open").click()
        lines = page.get_by_test_id("timeline-line")
        expect(lines).to_have_count(3)
        page.get_by_test_id("timeline-search").fill("第一次")
        expect(lines).to_have_count(1)  # an edit names what it wrote over
        page.get_by_test_id("timeline-kind-flights").click()
        expect(lines).to_have_count(0)
        page.get_by_test_id("timeline-kind-all").click()
        with page.expect_download() as table:
            page.get_by_test_id("timeline-table").click()
        assert "第一次核实" in table.value.path().read_text("utf-8-sig")
        page.get_by_test_id("timeline-package").click()
        page.get_by_test_id("package-reason").fill("复盘")
        check_access(page)
        with page.expect_download() as package:
            page.get_by_test_id("package-take").click()
        head = page.get_by_test_id("package-head").locator("code").text_content()
        proof = [sys.executable, VERIFIER, package.value.path(), "--head", head or ""]
        assert subprocess.run(proof, timeout=60).returncode == 0
        page.get_by_test_id("timeline-search").fill("")
        expect(lines.first).to_have_attribute("data-action", "incident.packaged")
    with duty_desk(post, browser, "auditor") as page:
        page.goto(f"{post.url}/audit")
        entries = page.get_by_test_id("audit-entry")
        page.get_by_test_id("audit-search").fill("第一次")
        expect(entries).to_have_count(1)
        with page.expect_download() as table:
            page.get_by_test_id("audit-table").click()
        assert "第一次核实" in table.value.path().read_text("utf-8-sig")
        page.get_by_test_id("audit-search").fill("")
        page.get_by_test_id("audit-about").select_option("access")
        expect(entries.first).to_have_attribute("data-action", "audit.taken_out")
        page.get_by_test_id("audit-verify").click()
        expect(page.get_by_test_id("audit-verdict")).to_have_attribute("data-intact", "true")
        check_access(page)
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/audit.png")
