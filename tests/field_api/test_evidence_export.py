"""An alert's pictures leave the command post covered, hashed and on record; old ones go."""

import asyncio
import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from field_api.contract.messages import Box, EvidenceImage, PictureRegion
from field_api.core.audit.trail import list_entries
from field_api.features.detections.mosaic import PictureError, covered, within
from field_api.features.detections.retention import remove_old_evidence
from tests.field_api.field import detection, picture
from tests.field_api.post import T0_MS, Post
from tests.field_api.test_detections import store

DAY_S = 24 * 3600.0
WIDTH_PX, HEIGHT_PX = 640, 360
OWN = PictureRegion(x=0.4, y=0.4, w=0.1, h=0.2)
OTHER = PictureRegion(x=0.7, y=0.5, w=0.05, h=0.2)
CROP = PictureRegion(x=0.3, y=0.3, w=0.3, h=0.4)


def noise(width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> NDArray[np.uint8]:
    """Fine texture everywhere: where it is gone, something was covered."""
    draw = np.random.default_rng(1)
    return draw.integers(0, 2, (height_px, width_px, 3), np.uint8) * 255


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


def evidence() -> list[EvidenceImage]:
    whole = noise()
    x, y = round(CROP.x * WIDTH_PX), round(CROP.y * HEIGHT_PX)
    cut = whole[y : y + round(CROP.h * HEIGHT_PX), x : x + round(CROP.w * WIDTH_PX)]
    full = PictureRegion(x=0, y=0, w=1, h=1)
    return [
        picture(jpeg(cut), role="crop", part=CROP),
        picture(jpeg(whole), role="frame", part=full),
    ]


def pixels_of(data: bytes) -> NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float64)


def roughness(data: bytes, region: PictureRegion) -> float:
    """How much neighbouring pixels differ inside a region."""
    pixels = pixels_of(data)
    height, width = pixels.shape
    part = pixels[
        round(region.y * height) : round((region.y + region.h) * height),
        round(region.x * width) : round((region.x + region.w) * width),
    ]
    return float(np.abs(np.diff(part, axis=1)).mean())


async def exported(
    client: httpx.AsyncClient, detection_id: str, **body: Any
) -> tuple[dict[str, Any], dict[str, bytes]]:
    answer = await client.post(f"detections/{detection_id}/evidence", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files["manifest.json"]), files


async def test_everybody_in_the_pictures_is_covered_unless_asked_otherwise(post: Post) -> None:
    message = detection(evidence=evidence(), people=[OWN, OTHER])
    store(post, message)
    duty = await post.sign_in("duty")
    manifest, files = await exported(duty, message.id)
    assert manifest["exported"]["people"] == "mosaic"
    frame, ground = files["frame.jpg"], PictureRegion(x=0, y=0, w=0.3, h=0.3)
    untouched = roughness(frame, ground)
    for person in (OWN, OTHER):
        assert roughness(frame, person) < untouched / 5
    # The crop shows the same person: where the crop lies in the frame is known.
    inside = within(OWN, CROP)
    assert inside is not None
    assert roughness(files["crop.jpg"], inside) < untouched / 5
    counts = {item["name"]: item["people_covered"] for item in manifest["files"]}
    assert counts == {"crop.jpg": 2, "frame.jpg": 3}


async def test_the_manifest_names_every_file_s_hash_and_the_facts(
    post: Post, tmp_path: Path
) -> None:
    message = detection(evidence=evidence())
    store(post, message)
    duty = await post.sign_in("duty")
    manifest, files = await exported(duty, message.id, reason="移交森林公安")
    taken = {item.role: item.sha256 for item in message.evidence}
    assert set(files) == {"crop.jpg", "frame.jpg", "manifest.json", "SHA256SUMS"}
    for item in manifest["files"]:
        assert item["sha256"] == hashlib.sha256(files[item["name"]]).hexdigest()
        assert item["sha256_as_taken"] == taken[item["role"]] != item["sha256"]
    assert manifest["alert"]["model"] == {"name": "test", "sha256": "0" * 64}
    assert manifest["alert"]["pose"]["pitch_deg"] == -40
    assert manifest["exported"] == {
        "t_ms": T0_MS, "by": "值班员", "reason": "移交森林公安", "people": "mosaic"
    }  # fmt: skip
    program = shutil.which("sha256sum")
    if program:
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        command = [program, "--check", "--strict", "SHA256SUMS"]
        process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path)
        assert await process.wait() == 0


async def test_pictures_as_taken_need_a_reason_and_are_the_very_bytes(post: Post) -> None:
    message = detection(evidence=evidence())
    store(post, message)
    duty = await post.sign_in("duty")
    url = f"detections/{message.id}/evidence"
    refused = await duty.post(url, json={"people": "as_taken"})
    assert refused.json()["detail"]["code"] == "export_needs_reason"
    _, files = await exported(duty, message.id, people="as_taken", reason="家属辨认")
    for item in message.evidence:
        assert hashlib.sha256(files[f"{item.role}.jpg"]).hexdigest() == item.sha256


async def test_every_export_is_in_the_trail_and_a_refused_one_is_not(post: Post) -> None:
    incident = await post.open_incident()
    message = detection(evidence=evidence())
    store(post, message)
    duty, pilot = await post.sign_in("duty"), await post.sign_in("pilot")
    url = f"detections/{message.id}/evidence"
    assert (await pilot.post(url, json={})).status_code == 403
    first = await duty.post(url, json={})
    await duty.post(url, json={"people": "as_taken", "reason": "家属辨认"})
    await duty.post(url, json={"people": "as_taken"})
    with post.services.store.read() as session:
        refs = [
            entry.refs
            for entry in list_entries(session, after_seq=0, limit=1000)
            if entry.action == "detection.evidence_exported"
        ]
    assert [ref["people"] for ref in refs] == ["mosaic", "as_taken"]
    assert refs[0]["sha256"] == hashlib.sha256(first.content).hexdigest()
    timeline = (await duty.get(f"incidents/{incident}/timeline")).json()
    assert "家属辨认" in timeline[-1]["text_zh"]


async def test_what_can_t_be_covered_is_left_out_and_said(post: Post) -> None:
    unknown_part = picture(jpeg(noise()), role="crop")
    broken = picture(b"\xff\xd8\xff\xe0 no picture", role="frame")
    message = detection(evidence=[unknown_part, broken])
    store(post, message)
    duty = await post.sign_in("duty")
    manifest, files = await exported(duty, message.id)
    assert set(files) == {"manifest.json", "SHA256SUMS"}
    assert {(item["role"], item["why"]) for item in manifest["left_out"]} == {
        ("crop", "part_unknown"),
        ("frame", "unreadable"),
    }


def test_a_picture_that_would_fill_the_memory_is_not_opened() -> None:
    # 60 megapixels of nothing are a few kilobytes.
    with pytest.raises(PictureError):
        covered(jpeg(np.zeros((6000, 10_000, 3), np.uint8)), [])


fractions = st.floats(0, 1)
regions = st.builds(
    lambda x, y, w, h: PictureRegion(x=x, y=y, w=w * (1 - x), h=h * (1 - y)),
    fractions, fractions, fractions, fractions,
)  # fmt: skip


@given(st.lists(regions, max_size=4), st.integers(1, 40), st.integers(1, 40))
def test_any_box_in_any_picture_can_be_covered(
    boxes: list[PictureRegion], width_px: int, height_px: int
) -> None:
    made = covered(jpeg(noise(width_px, height_px)), boxes)
    assert Image.open(io.BytesIO(made)).size == (width_px, height_px)


@given(regions, regions)
def test_a_person_in_a_part_is_covered_there(person: PictureRegion, part: PictureRegion) -> None:
    found = within(person, part)
    middle = (person.x + person.w / 2, person.y + person.h / 2)
    inside = (
        part.x < middle[0] < part.x + part.w and part.y < middle[1] < part.y + part.h
    ) and min(person.w, person.h, part.w, part.h) > 1e-3
    if inside:
        assert found is not None
        x, y = (middle[0] - part.x) / part.w, (middle[1] - part.y) / part.h
        assert found.x <= x <= found.x + found.w
        assert found.y <= y <= found.y + found.h


async def _judged(post: Post, verdict: str, **changes: Any) -> str:
    message = detection(**changes)
    store(post, message)
    duty = await post.sign_in("duty")
    body = {"verdict": verdict, "reason": "树影" if verdict == "reject" else None}
    assert (await duty.post(f"detections/{message.id}/review", json=body)).status_code == 200
    return message.id


async def test_pictures_of_rejected_alerts_are_deleted_when_their_time_is_over(post: Post) -> None:
    far = {"at": (24.80, 102.50), "track_id": 5}
    rejected = await _judged(post, "reject", evidence=[picture(jpeg(noise(40, 40)))])
    confirmed = await _judged(
        post,
        "confirm",
        evidence=[picture(jpeg(noise(41, 40))), picture(jpeg(noise(42, 40)))],
        **far,
    )
    shared = await _judged(
        post, "reject", evidence=[picture(jpeg(noise(42, 40)))], at=(24.70, 102.40), track_id=6
    )
    assert remove_old_evidence(post.services) == 0
    post.clock.advance_s(366 * DAY_S)
    post.forget_sessions()
    assert remove_old_evidence(post.services) == 2
    assert remove_old_evidence(post.services) == 0
    duty = await post.sign_in("duty")
    shown = {alert["id"]: alert for alert in (await duty.get("detections")).json()}
    assert shown[rejected]["evidence"] == shown[shared]["evidence"] == []
    assert shown[rejected]["evidence_removed_ms"] == post.clock()
    for item in shown[confirmed]["evidence"]:
        kept = await duty.get(item["url"].removeprefix("/api/v1/"))
        assert kept.status_code == 200
    gone = hashlib.sha256(jpeg(noise(40, 40))).hexdigest()
    assert (await duty.get(f"media/{gone}")).status_code == 404
    assert not post.services.blobs.exists(gone)
    answer = await duty.post(f"detections/{rejected}/evidence", json={})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (410, "evidence_removed")


async def test_what_a_smoke_alert_shows_beside_the_smoke_is_covered_too(post: Post) -> None:
    message = detection(
        label="smoke",
        box=Box(track_id=1, label="smoke", confidence=0.8, x=0.0, y=0.0, w=0.3, h=0.3),
        evidence=evidence(),
        people=[OTHER],
    )
    store(post, message)
    manifest, files = await exported(await post.sign_in("duty"), message.id)
    untouched = roughness(files["frame.jpg"], OWN)
    assert roughness(files["frame.jpg"], OTHER) < untouched / 5
    assert [item["people_covered"] for item in manifest["files"]] == [0, 1]
