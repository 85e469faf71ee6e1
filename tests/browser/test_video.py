"""Live pictures in a real browser: three ways, each frame with its own boxes, lost and found."""

import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from field_api.contract.ids import new_id
from field_api.features.accounts.tables import DeviceKind
from tests.browser.conftest import CHROMIUM, FLAGS, Demo, Post, api, open_context, sign_in
from tests.field_api.post import incident_body
from tests.filming import BOX_W, NODE, READ_PICTURES, STREAM, box_x, filming

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

WAYS = ("packets", "whep", "fmp4")
FRAMES = int(os.environ.get("VIDEO_FRAMES", "60"))


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Generator[Post]:
    post = Post(tmp_path_factory.mktemp("video"))
    try:
        post.start()
        yield post
    finally:
        post.stop()


@pytest.fixture(scope="module")
def token(post: Post) -> str:
    return post.enrol(NODE, DeviceKind.VISION)


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium fonts-wqy-zenhei")
    with sync_playwright() as playwright:
        # Without a network beside loopback a browser offers no address of its own.
        flags = [*FLAGS, "--allow-loopback-in-peer-connection"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def context(post: Post, chromium: Browser) -> Generator[BrowserContext]:
    demo = Demo(post.url, Path(), None)  # pyright: ignore[reportArgumentType]
    context = open_context(demo, chromium, 1366, 768)
    yield context
    context.close()


def open_wall(context: BrowserContext, post: Post, query: str = "") -> Page:
    page = context.new_page()
    sign_in(page, post.url, "commander")
    expect(page.get_by_test_id("desk")).to_have_attribute("data-ready", "true")
    page.goto(f"{post.url}/?wall=1{query}")
    return page


def playing(page: Page) -> Any:
    return page.locator("[data-testid=video][data-state=playing]")


@pytest.mark.parametrize("way", WAYS)
def test_every_frame_bears_its_own_box(
    context: BrowserContext, post: Post, token: str, way: str
) -> None:
    with filming(post.url, token) as camera:
        page = open_wall(context, post, f"&video={way}")
        expect(playing(page)).to_have_attribute("data-way", way)
        page.evaluate(READ_PICTURES)
        page.wait_for_timeout(2_000)
        page.evaluate("window.seen.length = 0")
        for _ in range(FRAMES):
            page.wait_for_timeout(500)
            if page.evaluate("window.seen.length") >= FRAMES:
                break
        seen: list[tuple[int, float, float, float]] = page.evaluate("window.seen")
        camera.end()
    own = [one for one in seen if one[2] >= 0 and one[3] > 0.9]
    wrong = [
        (number, edge, box_x(number))
        for number, _t, edge, _whole in own
        if abs(edge - box_x(number)) > BOX_W / 20
    ]
    print(f"{way}: {len(own)} of {len(seen)} frames with their own box, {len(wrong)} wrong")
    assert wrong == []
    # A machine in a hurry draws few pictures, and some before their boxes have come.
    assert len(own) >= 10
    assert all(camera.age_ms(number, t_ms) is not None for number, t_ms, *_ in seen)


def test_without_webrtc_the_next_way_is_taken(
    context: BrowserContext, post: Post, token: str
) -> None:
    """A browser whose UDP goes nowhere, on a page without WebCodecs."""
    context.add_init_script(
        "delete window.VideoDecoder;"
        "RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => undefined);"
    )
    with filming(post.url, token):
        page = open_wall(context, post)
        expect(playing(page)).to_have_attribute("data-way", "fmp4", timeout=30_000)


def test_a_lost_picture_says_since_when_and_comes_back_by_itself(
    context: BrowserContext, post: Post, token: str
) -> None:
    with filming(post.url, token):
        page = open_wall(context, post)
        expect(playing(page)).to_be_visible()
    expect(page.get_by_test_id("video-message")).to_contain_text("起没有画面")
    before = int(page.get_by_test_id("video").get_attribute("data-frames") or 0)
    with filming(post.url, token):
        began = time.monotonic()
        expect(playing(page)).to_be_visible()
        back_s = time.monotonic() - began
        expect(page.get_by_test_id("video-message")).to_be_hidden()
    assert int(page.get_by_test_id("video").get_attribute("data-frames") or 0) > before
    print(f"back after {back_s:.1f} s")


def test_boxes_are_switched_off_and_the_picture_keeps_its_place(
    context: BrowserContext, post: Post, token: str
) -> None:
    with filming(post.url, token):
        page = open_wall(context, post)
        expect(page.locator("[data-testid=video][data-boxes='1']")).to_be_visible()
        page.keyboard.press("b")
        expect(page.locator("[data-testid=video][data-boxes='0']")).to_be_visible()
        expect(page.get_by_test_id("video-boxes")).to_have_attribute("aria-pressed", "false")
        page.reload()
        expect(
            page.locator("[data-testid=video][data-state=playing][data-boxes='0']")
        ).to_be_visible()
        page.get_by_test_id("video-boxes").click()
        expect(page.locator("[data-testid=video][data-boxes='1']")).to_be_visible()
        assert page.locator(f"[data-stream={STREAM}]").count() == 1


def test_a_handhelds_picture_is_on_the_wall(
    context: BrowserContext, post: Post, chromium: Browser
) -> None:
    demo = Demo(post.url, Path(), None)  # pyright: ignore[reportArgumentType]
    with api(demo, "commander") as client:
        incident = client.post("/api/v1/incidents", json=incident_body()).json()
        task = {
            "id": new_id(),
            "incident_id": incident["id"],
            "terminal_id": "HT-05",
            "title": "前往核实",
            "lat_deg": 24.9415,
            "lon_deg": 102.6185,
        }
        client.post("/api/v1/tasks", json=task).raise_for_status()
    pocket = open_context(demo, chromium, 412, 915)
    pocket.grant_permissions(["camera", "geolocation"])
    phone = pocket.new_page()
    sign_in(phone, f"{post.url}/terminal/", "ht-05")
    phone.get_by_test_id("task").first.click()
    phone.get_by_test_id("send-picture").click()
    expect(phone.locator("[data-testid=live-camera][data-state=live]")).to_be_visible()
    wall = open_wall(context, post)
    tile = wall.locator("[data-testid=video][data-stream=HT-05-cam][data-state=playing]")
    expect(tile).to_be_visible()
    expect(tile).to_contain_text("HT-05")
    phone.get_by_test_id("stop-picture").click()
    expect(phone.get_by_test_id("send-picture")).to_be_visible()
    expect(wall.locator("[data-stream=HT-05-cam]")).to_have_count(0)
    pocket.close()
