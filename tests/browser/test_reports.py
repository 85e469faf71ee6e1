"""A duty to report at the desk: its clock on every page, a draft, approval, the sent log."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from field_api.contract.ids import new_id
from tests.browser.conftest import Demo, Post, api, duty_desk
from tests.browser.officer import check_access

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A post of its own: its clocks are the only ones."""
    post = Post(tmp_path_factory.mktemp("reports"))
    try:
        yield post.start()
    finally:
        post.stop()


def told(client: httpx.Client, path: str, **body: object) -> dict[str, object]:
    answer = client.post(f"/api/v1/{path}", json={"id": new_id(), **body})
    answer.raise_for_status()
    return answer.json()


def approve(post: Demo, incident: str) -> None:
    with api(post, "commander") as commander:
        state = commander.get(f"/api/v1/incidents/{incident}/reporting").json()
        (waiting,) = [each for each in state["reports"] if each["state"] == "asked"]
        body = {"version": waiting["version"], "approve": True}
        url = f"/api/v1/incident-reports/{waiting['id']}/decide"
        commander.post(url, json=body).raise_for_status()


def sent(page: Page) -> None:
    page.get_by_test_id("report-sent").click()
    expect(page.get_by_test_id("sent-dialog")).to_be_visible()
    check_access(page)
    page.get_by_test_id("sent-save").click()
    expect(page.get_by_test_id("sending")).to_contain_text("西应急演报")


def test_a_report_is_drafted_approved_sent_and_followed_up(post: Demo, browser: Browser) -> None:
    with api(post, "duty") as client, duty_desk(post, browser) as page:
        incident = str(
            told(
                client,
                "incidents",
                kind="accident",
                title="储罐泄漏",
                lat_deg=24.789,
                lon_deg=102.552,
                drill=True,
                people_missing=2,
            )["id"]
        )
        # On a page that is not the desk: the clock leads to the incident.
        page.goto(f"{post.url}/response-plans")
        page.get_by_test_id("report-clocks").click()
        page.get_by_test_id("clock-entry").first.click()
        law = page.locator("[data-testid=clock][data-duty='acc.county_to_city']")
        expect(law).to_contain_text("第十条")
        expect(law).to_contain_text("法定")
        check_access(page)

        page.get_by_test_id("draft-first").click()
        dialog = page.get_by_test_id("report-dialog")
        expect(dialog.get_by_test_id("report-gaps")).to_contain_text("死亡人数不详")
        dialog.get_by_text("失联2人").click()
        record = dialog.get_by_test_id("source-record")
        expect(record).to_have_attribute("data-topic", "incident_figures")
        check_access(page)
        dialog.get_by_test_id("report-edit").click()
        dialog.get_by_test_id("edit-next").fill("继续堵漏,疏散周边500米")
        dialog.get_by_test_id("report-save").click()
        expect(dialog.get_by_test_id("unsourced")).to_contain_text("500")
        dialog.get_by_test_id("report-ask").click()
        expect(dialog.get_by_test_id("report-state")).to_have_attribute("data-state", "asked")
        approve(post, incident)
        expect(dialog.get_by_test_id("report-issued")).to_contain_text("SHA-256")
        expect(law).to_have_count(1)
        sent(page)
        expect(law).to_have_count(0)

        told(client, f"incidents/{incident}/figures", people_missing=1, people_found=1)
        proposal = page.get_by_test_id("proposal")
        expect(proposal).to_contain_text("失联人数:2 → 1")
        page.get_by_test_id("draft-follow_up").click()
        expect(dialog.get_by_test_id("section-changes")).to_contain_text("失联人数由2变为1")


def test_a_plan_is_approved_and_its_actions_become_tasks(post: Demo, browser: Browser) -> None:
    place = {"lat_deg": 24.9415, "lon_deg": 102.6185}
    team = {"kind": "team", "id": "T3", "name": "碧鸡应急队"}
    actions = [
        {"key": "a1", "title": "通知成员单位", "within_min": 10},
        {"key": "a2", "title": "赶赴现场", "who": team},
    ]
    levels = [{"level": "4", "title": "四级响应", "actions": actions}]
    with api(post, "duty") as client, duty_desk(post, browser) as page:
        incident = told(client, "incidents", kind="fire", title="西坡", drill=True, **place)
        plan = told(client, "response-plans", name="森林火灾预案", kinds=["fire"], levels=levels)
        page.goto(f"{post.url}/response-plans?plan={plan['id']}")
        expect(page.get_by_test_id("plan-detail")).to_have_attribute("data-state", "draft")
        page.get_by_test_id("plan-ask").click()
        expect(page.get_by_test_id("plan-detail")).to_have_attribute("data-state", "asked")
        check_access(page)
        with api(post, "commander") as commander:
            body = {"version": 2, "approve": True}
            url = f"/api/v1/response-plans/{plan['id']}/decide"
            commander.post(url, json=body).raise_for_status()
        page.goto(f"{post.url}/incident/{incident['id']}?tab=duties")
        page.get_by_test_id("plan-start").click()
        expect(page.get_by_test_id("start-action")).to_have_count(2)
        check_access(page)
        page.get_by_test_id("start-save").click()
        started = page.get_by_test_id("started-action")
        expect(started).to_have_count(2)
        expect(started.last).to_contain_text("HT-05")
        page.get_by_test_id("action-done").click()
        expect(page.locator("[data-testid=started-action][data-key=a1]")).to_have_attribute(
            "data-done", "true"
        )
        page.get_by_test_id("tab-tasks").click()
        expect(page.get_by_test_id("task")).to_contain_text("赶赴现场")
