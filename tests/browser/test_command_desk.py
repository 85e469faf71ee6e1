"""The duty officer's desk: heard, seen over the wall; people sent where no camera gave a place."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from field_api.app import make_services
from field_api.contract.link import Durable
from field_api.contract.messages import CameraPose, Detection
from field_api.core.services import Services
from field_api.links.nodes.inbox import store_batch
from field_api.settings import Settings
from tests.browser.conftest import Demo, api, duty_desk, open_context, sign_in
from tests.browser.officer import BACK_IN_REACH, check_access
from tests.browser.test_pages import open_incident
from tests.field_api.field import detection
from tests.field_api.field import picture as evidence

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(200)]

CAMERA = (24.9300, 102.6300)
NOW_MS = 1_791_000_000_000
SHOTS = os.environ.get("XUNSHAN_SHOTS")
LISTEN = """
  const tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    tones.push(this.frequency.value);
    document.documentElement.dataset.tones = tones.join(' ');
    return start.call(this, at);
  };
"""
"""Writes down each tone that is made."""


@pytest.fixture
def beside(shared_post: Demo) -> Iterator[Services]:
    """The running post's data, to put in what a vision node would send."""
    services = make_services(Settings(data_dir=shared_post.folder))
    yield services
    services.close()


def shot(page: Page, name: str) -> None:
    """Keep the screen where somebody wants to look at it."""
    if SHOTS:
        page.wait_for_timeout(900)  # the map has come to rest
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def afar(number: int, label: str = "smoke") -> Detection:
    """Something on the horizon: a direction, no place."""
    at_ms = NOW_MS + number * 120_000
    draw = np.random.default_rng(number)
    soft = cv2.resize(draw.integers(60, 200, (6, 8, 3), np.uint8), (160, 120))
    done, data = cv2.imencode(".jpg", soft)
    assert done
    pose = CameraPose(
        lat_deg=CAMERA[0], lon_deg=CAMERA[1], altitude_amsl_m=2400,
        yaw_deg=60, pitch_deg=-4, hfov_deg=62,
    )  # fmt: skip
    return detection(
        label=label, t_ms=at_ms, first_seen_ms=at_ms - 1000, track_id=900 + number, position=None,
        bearing_deg=60.0, pose=pose, evidence=[evidence(data.tobytes())],
    )  # fmt: skip


def put_in(services: Services, message: Detection) -> None:
    stored, rejected = store_batch(services, "vision-1", "test", [Durable(1, message)])
    assert (stored, rejected) == ([1], [])


def judge_all(post: Demo, *alerts: Detection) -> None:
    """Tests of the same post look at their own alerts only."""
    with api(post, "duty") as duty:
        for alert in alerts:
            body = {"verdict": "reject", "reason": "x"}
            duty.post(f"/api/v1/detections/{alert.id}/review", json=body)


def test_smoke_on_the_horizon_is_dispatched_by_bearing_placed_and_called_off(
    shared_post: Demo, browser: Browser, beside: Services
) -> None:
    incident = open_incident(shared_post, "西山烟情")
    message = afar(1)
    put_in(beside, message)
    pocket = open_context(shared_post, browser, 412, 915)
    phone = pocket.new_page()
    sign_in(phone, f"{shared_post.url}/terminal/", "ht-05")
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    with duty_desk(shared_post, browser) as desk:
        desk.goto(f"{shared_post.url}/incident/{incident}")
        card = desk.locator(f"[data-testid=alert][data-id='{message.id}']")
        expect(card).to_contain_text("060°")
        card.click()
        expect(desk.get_by_test_id("place-alert")).to_be_visible()
        check_access(desk)
        shot(desk, "review-without-place")
        # By keyboard alone: to the task, one handheld, off.
        desk.keyboard.press("t")
        dialog = desk.get_by_test_id("task-dialog")
        expect(dialog.get_by_test_id("task-where")).to_contain_text("060°")
        expect(dialog.get_by_test_id("send-task")).to_be_disabled()
        dialog.get_by_test_id("candidate-HT-05").click()
        dialog.get_by_test_id("candidate-HT-06").click()
        expect(dialog.get_by_test_id("send-task")).to_contain_text("HT-05 HT-06")
        check_access(desk)
        shot(desk, "task-by-bearing")
        dialog.get_by_test_id("task-title").press("Enter")
        expect(dialog).to_have_count(0)
        sent = desk.locator("[data-testid=task]", has_text="HT-05")
        expect(desk.get_by_test_id("task")).to_have_count(2)

        phone.get_by_test_id("new-task").click()
        detail = phone.get_by_test_id("task-detail")
        expect(phone.get_by_test_id("no-place")).to_be_visible()
        expect(phone.get_by_test_id("task-picture")).to_have_attribute("data-kept", "true")
        shot(phone, "handheld-bearing")
        pocket.set_offline(True)
        phone.reload()
        expect(phone.get_by_test_id("task-picture").locator("img")).to_be_visible()
        expect(phone.get_by_test_id("task-picture")).to_have_attribute("data-kept", "true")
        # Two taps, one step; and it can be taken back.
        phone.get_by_test_id("step-acknowledged").dblclick()
        expect(detail).to_have_attribute("data-state", "acknowledged")
        shot(phone, "handheld-undo")
        phone.get_by_test_id("undo-step").click()
        expect(detail).to_have_attribute("data-state", "sent")
        phone.get_by_test_id("step-acknowledged").click()
        pocket.set_offline(False)
        phone.evaluate(BACK_IN_REACH)
        expect(sent).to_have_attribute("data-state", "acknowledged")

        desk.locator(f"[data-testid=alert][data-id='{message.id}']").click()
        desk.keyboard.press("p")
        expect(desk.get_by_test_id("review-dialog")).to_have_count(0)
        shot(desk, "placing")
        desk.get_by_test_id("map").press("Enter")
        expect(desk.get_by_test_id("spot")).to_be_visible()
        shot(desk, "placed-spot")
        desk.keyboard.press("3")
        expect(desk.get_by_test_id("placed-by")).to_contain_text("300")
        check_access(desk)
        shot(desk, "placed")
        desk.keyboard.press("Escape")
        shot(desk, "placed-map")
        changed = phone.get_by_test_id("task-changed")
        expect(changed).to_have_attribute("data-what", "placed")
        changed.click()
        expect(phone.get_by_test_id("no-place")).to_have_count(0)
        expect(detail).to_contain_text("300")
        shot(phone, "handheld-placed")

        sent.get_by_test_id("cancel-task").click()
        shot(desk, "cancelling")
        sent.get_by_test_id("cancel-danger").click()
        sent.get_by_test_id("cancel-reason").press("Enter")
        expect(sent).to_have_attribute("data-state", "cancelled")
        expect(changed).to_have_attribute("data-what", "cancelled")
        changed.click()
        expect(phone.get_by_test_id("over")).to_contain_text("有危险,撤回")
        shot(phone, "handheld-cancelled")
        check_access(phone)

        # With nothing to go by: words for somebody who is named.
        desk.keyboard.press("n")
        dialog.get_by_test_id("task-title").fill("守住路口")
        dialog.get_by_test_id("candidate-HT-06").click()
        dialog.get_by_test_id("send-task").click()
        expect(desk.locator("[data-testid=task]", has_text="守住路口")).to_be_visible()
        shot(desk, "tasks")
    pocket.close()
    judge_all(shared_post, message)


def test_alerts_are_heard_over_the_wall_and_can_be_silenced(
    shared_post: Demo, browser: Browser, beside: Services
) -> None:
    open_incident(shared_post, "听")
    context = open_context(shared_post, browser, 1366, 768)
    context.add_init_script(LISTEN)
    desk = context.new_page()
    sign_in(desk, shared_post.url, "duty")
    expect(desk.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    expect(desk.get_by_test_id("bell")).to_have_attribute("data-state-of", "on")
    shot(desk, "desk")
    page = desk.locator("html")
    expect(page).not_to_have_attribute("data-tones", re.compile("."))
    desk.keyboard.press("F2")
    strip = desk.get_by_test_id("wall-strip")
    smoke, person, third = afar(11), afar(12, "person"), afar(13)
    put_in(beside, smoke)
    expect(page).to_have_attribute("data-tones", "784 784")
    # Two more at once make one sound, the graver one's, after the gap.
    put_in(beside, third)
    put_in(beside, person)
    heard = "784 784 660 880 1320"
    expect(page).to_have_attribute("data-tones", heard)
    expect(strip.get_by_test_id("wall-alert")).to_have_count(3)
    check_access(desk)
    shot(desk, "wall")
    strip.locator(f"[data-id='{person.id}']").click()
    expect(desk.get_by_test_id("review-dialog")).to_be_visible()
    shot(desk, "wall-review")
    desk.keyboard.press("Escape")
    expect(desk.get_by_test_id("review-dialog")).to_have_count(0)

    strip.get_by_test_id("bell").click()
    shot(desk, "bell-menu")
    desk.get_by_test_id("quiet-60").click()
    expect(strip.get_by_test_id("bell")).to_have_attribute("data-state-of", "quiet")
    fourth = afar(14)
    put_in(beside, fourth)
    expect(strip.get_by_test_id("wall-count")).to_contain_text("4")
    shot(desk, "wall-quiet")
    desk.get_by_test_id("wall-close").click()
    expect(desk.get_by_test_id("bell")).to_have_attribute("data-state-of", "quiet")
    desk.get_by_test_id("map").press("m")
    expect(desk.get_by_test_id("bell")).to_have_attribute("data-state-of", "on")
    expect(page).to_have_attribute("data-tones", heard)
    context.close()
    judge_all(shared_post, smoke, person, third, fourth)
