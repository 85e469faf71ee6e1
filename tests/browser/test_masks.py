"""A false alarm is rejected and its spot masked by one press; pictures are taken out covered."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from field_api.app import make_services
from field_api.contract.link import Durable
from field_api.contract.messages import Detection, EvidenceImage, PictureRegion
from field_api.core.services import Services
from field_api.features.detections.tables import DetectionRecord
from field_api.links.nodes.inbox import store_batch
from field_api.settings import Settings
from tests.browser.conftest import Demo, api, duty_desk
from tests.browser.officer import check_access
from tests.field_api.field import detection
from tests.field_api.field import picture as evidence

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.timeout(150)]

CHIMNEY = (24.9205, 102.6385)
NOW_MS = 1_790_000_000_000


@pytest.fixture
def beside(shared_post: Demo) -> Iterator[Services]:
    """The running post's data, to put in what a vision node would send."""
    services = make_services(Settings(data_dir=shared_post.folder))
    yield services
    services.close()


def frame() -> EvidenceImage:
    draw = np.random.default_rng(3)
    done, data = cv2.imencode(".jpg", draw.integers(0, 255, (360, 640, 3), np.uint8))
    assert done
    whole = PictureRegion(x=0, y=0, w=1, h=1)
    return evidence(data.tobytes(), role="frame", part=whole)


def seen(number: int) -> Detection:
    at_ms = NOW_MS + number * 120_000
    return detection(
        label="smoke", at=CHIMNEY, t_ms=at_ms, first_seen_ms=at_ms - 1000, track_id=number,
        evidence=[frame()], people=[PictureRegion(x=0.1, y=0.5, w=0.1, h=0.3)],
    )  # fmt: skip


def put_in(services: Services, message: Detection) -> None:
    stored, rejected = store_batch(services, "vision-1", "test", [Durable(1, message)])
    assert (stored, rejected) == ([1], [])


def test_a_chimney_is_rejected_masked_and_heard_again(
    shared_post: Demo, browser: Browser, beside: Services, tmp_path: Path
) -> None:
    first = seen(1)
    put_in(beside, first)
    with duty_desk(shared_post, browser) as desk:
        desk.locator(f"[data-testid=alert][data-id='{first.id}']").click()
        review = desk.get_by_test_id("review-dialog")
        with desk.expect_download() as download:
            review.get_by_test_id("export-evidence").click()
        download.value.save_as(tmp_path / "evidence.zip")
        with zipfile.ZipFile(io.BytesIO((tmp_path / "evidence.zip").read_bytes())) as archive:
            manifest = json.loads(archive.read("manifest.json"))
        assert manifest["exported"]["people"] == "mosaic"
        assert [item["people_covered"] for item in manifest["files"]] == [1]
        check_access(desk)

        review.get_by_test_id("reject").click()
        review.get_by_test_id("reason-known").click()
        review.get_by_test_id("reject-and-mask").click()
        mask = desk.get_by_test_id("mask")
        expect(mask).to_contain_text("烟雾")
        expect(mask).to_contain_text("已知目标")
        put_in(beside, seen(2))
        expect(mask).to_contain_text("已静音 1 次")
        check_access(desk)
        mask.get_by_test_id("lift-mask").click()
        expect(mask).to_have_count(0)
        third = seen(3)
        put_in(beside, third)
        expect(desk.locator(f"[data-testid=alert][data-id='{third.id}']")).to_be_visible()
    with api(shared_post, "duty") as duty:
        alert = duty.get(f"/api/v1/detections/{first.id}").json()
        assert (alert["status"], alert["review_cause"]) == ("rejected", "known")
        # Tests of the same post look at their own alerts only.
        body = {"verdict": "reject", "reason": "x"}
        duty.post(f"/api/v1/detections/{third.id}/review", json=body).raise_for_status()
    with beside.store.read() as session:
        assert session.get_one(DetectionRecord, third.id).status == "rejected"
