"""An inspector at an enterprise without a network: what is written is never lost."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, Post, api, open_context, sign_in

STEP_MS = 30_000
TEXT = "配电室未设置安全警示标志"


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A command post with the demo's inspections."""
    post = Post(tmp_path_factory.mktemp("inspections"))
    try:
        yield post.start()
    finally:
        post.stop()


@pytest.fixture
def pocket(post: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """An inspector's phone."""
    context = open_context(post, browser, 412, 915)
    yield context
    context.close()


def _picture(path: Path) -> Path:
    Image.fromarray(np.full((300, 400, 3), 128, dtype=np.uint8)).save(path)
    return path


def _ready(context: BrowserContext, post: Demo) -> Page:
    """The first inspection of ht-01, its enterprise entered, then the network cut."""
    phone = context.new_page()
    sign_in(phone, f"{post.url}/terminal/", "ht-01")
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    phone.get_by_test_id("page-inspections").click()
    phone.get_by_test_id("inspection").first.click()
    expect(phone.get_by_test_id("open-checklist")).to_contain_text("0/")
    context.set_offline(True)
    return phone


def _hazards(post: Demo) -> list[dict[str, object]]:
    with api(post, "ht-01") as client:
        answer: httpx.Response = client.get("/api/v1/hazards").raise_for_status()
    return answer.json()


def test_what_is_typed_survives_the_page_being_killed(
    post: Demo, pocket: BrowserContext, tmp_path: Path
) -> None:
    phone = _ready(pocket, post)
    phone.get_by_test_id("no-code").click()
    phone.get_by_test_id("entry-reason").fill("事故处置")
    phone.get_by_test_id("enter-reason").click()
    expect(phone.get_by_test_id("inspection-page")).to_have_attribute("data-state", "on_site")
    phone.get_by_test_id("add-hazard").click()
    phone.get_by_test_id("hazard-text").press_sequentially(TEXT)
    phone.get_by_test_id("photo-input").set_input_files(str(_picture(tmp_path / "hazard.png")))
    expect(phone.get_by_test_id("photo")).to_have_count(1)
    where = phone.url
    phone.close()

    # Opened again from its icon, still without a network: the same page, the same words.
    phone = pocket.new_page()
    phone.goto(f"{post.url}/terminal/")
    expect(phone.get_by_test_id("hazard-text")).to_have_value(TEXT)
    expect(phone.get_by_test_id("photo")).to_have_count(1)
    assert phone.url == where
    assert _hazards(post) == []
    phone.get_by_test_id("hazard-done").click()
    expect(phone.get_by_test_id("hazard")).to_have_count(1)
    expect(phone.get_by_test_id("queue-count")).to_have_text("2")

    pocket.set_offline(False)
    expect(phone.get_by_test_id("queue-count")).to_have_count(0, timeout=STEP_MS)
    (hazard,) = _hazards(post)
    assert hazard["text"] == TEXT
    assert hazard["media_missing"] == []
    media = hazard["media"]
    assert isinstance(media, list)
    assert len(media) == 2  # the original, and the copy that says when and where
