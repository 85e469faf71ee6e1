"""When is enough seen, is it new, and what pictures go with it."""

import base64
import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest

from field_api.contract.alert_merging import Sighting
from field_api.contract.ids import new_id
from field_api.contract.messages import CameraPose
from mission_plans.ground.terrain_files import demo_terrain
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import RawBox
from vision.evidence import evidence_of
from vision.registry import ModelCard
from vision.smoke import PersonRules, SmokeEvidence, SmokeRules, person_confirmed
from vision.tracker import Tracker

GREY = np.full((360, 640, 3), 128, np.uint8)


def looks_until_smoke(grows: float, noise: float, confidence: float = 0.5) -> int | None:
    """Looks needed to confirm a smoke track; None when 40 are not enough."""
    tracker, evidence = Tracker(), SmokeEvidence(SmokeRules())
    draw = np.random.default_rng(1)
    for n in range(40):
        side = 0.2 * (1 + grows * n)
        box = RawBox("smoke", confidence, 0.4, 0.3, min(0.55, side), min(0.6, side))
        tracks = tracker.update([box], n * 300, n)
        image = np.clip(GREY + draw.normal(0, noise, GREY.shape), 0, 255).astype(np.uint8)
        for track in tracks:
            evidence.look(image, track)
            if evidence.confirmed(track):
                return n + 1
    return None


def test_growing_smoke_is_called_sooner_than_something_that_stays_the_same() -> None:
    growing, still = looks_until_smoke(0.05, 0), looks_until_smoke(0.0, 0)
    assert growing is not None
    assert still is not None
    assert growing < still


def test_faint_smoke_is_never_called() -> None:
    assert looks_until_smoke(0.05, 0, confidence=0.1) is None


def test_smoke_seen_in_every_other_look_is_not_enough() -> None:
    tracker, evidence = Tracker(), SmokeEvidence(SmokeRules())
    for n in range(30):
        box = RawBox("smoke", 0.5, 0.4, 0.3, 0.2 + 0.01 * n, 0.2)
        for track in tracker.update([box] if n % 2 else [], n * 300, n):
            evidence.look(GREY, track)
            assert not evidence.confirmed(track)


def test_a_person_needs_several_clear_looks() -> None:
    tracker = Tracker()
    answers = [
        person_confirmed(
            tracker.update([RawBox("person", 0.8, 0.5, 0.5, 0.02, 0.05)], n * 250, n)[0],
            PersonRules(),
        )
        for n in range(5)
    ]
    assert answers == [False, False, False, True, True]


def smoke_at(t_ms: int, stream_id: str, track_id: int, north_m: float = 0) -> Sighting:
    return Sighting(
        id=new_id(),
        label="smoke",
        stream_id=stream_id,
        track_id=track_id,
        first_seen_ms=t_ms,
        last_seen_ms=t_ms,
        lat_deg=24.94 + north_m / 110_800,
        lon_deg=102.62,
    )


def test_one_fire_is_one_alert_also_from_two_aircraft() -> None:
    ledger = AlertLedger()
    assert ledger.is_new(smoke_at(0, "a", 1))
    assert not ledger.is_new(smoke_at(10_000, "a", 2, north_m=40))
    assert not ledger.is_new(smoke_at(20_000, "b", 1, north_m=40))
    assert ledger.is_new(smoke_at(21_000, "a", 3, north_m=60))


def test_who_is_found_again_by_the_first_aircraft_is_no_new_person() -> None:
    """Between its two sightings another aircraft saw the same one: that is not one picture."""
    ledger = AlertLedger()

    def person(t_ms: int, stream_id: str, track_id: int) -> Sighting:
        return replace(smoke_at(t_ms, stream_id, track_id), label="person")

    assert ledger.is_new(person(0, "a", 1))
    assert not ledger.is_new(person(5_000, "b", 7))
    ledger.seen_again("b", 7, 20_000)
    assert not ledger.is_new(person(15_000, "a", 2))
    # Beside it in the picture of b: somebody else, though near.
    assert ledger.is_new(person(12_000, "b", 8))


def test_an_alert_lives_as_long_as_one_of_its_tracks_is_seen() -> None:
    ledger = AlertLedger()
    assert ledger.is_new(smoke_at(0, "a", 1))
    assert not ledger.is_new(smoke_at(1_000, "b", 7))
    for t_ms in range(2_000, 90_000, 1_000):
        ledger.seen_again("b", 7, t_ms)
    assert not ledger.is_new(smoke_at(119_000, "a", 2))
    assert ledger.is_new(smoke_at(149_001, "a", 3))


@pytest.mark.parametrize(
    "box",
    [
        RawBox("person", 0.9, 0.5, 0.5, 0.01, 0.03),
        RawBox("person", 0.9, 0.0, 0.0, 0.01, 0.03),
        RawBox("smoke", 0.9, 0.6, 0.6, 0.4, 0.4),
        RawBox("smoke", 0.9, 0.0, 0.0, 1.0, 1.0),
    ],
)
def test_pictures_are_jpeg_with_their_own_hash_and_the_crop_shows_the_object(box: RawBox) -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    x0, y0 = int(box.x * 1280), int(box.y * 720)
    x1, y1 = int((box.x + box.w) * 1280), int((box.y + box.h) * 720)
    image[y0 : y1 + 1, x0 : x1 + 1] = (255, 0, 0)
    pictures = {e.role: e for e in evidence_of(image, box)}
    assert set(pictures) == {"crop", "frame"}
    for picture in pictures.values():
        data = base64.b64decode(picture.data_base64)
        assert hashlib.sha256(data).hexdigest() == picture.sha256
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        # Red in RGB is red in the file: the third channel of OpenCV's order.
        assert decoded[..., 2].max() > 200
        assert decoded[..., 0].max() < 60


@pytest.mark.parametrize(
    ("agl_m", "vehicle_id", "alerts"), [(60, "U1", 1), (1, "U1", 0), (1, None, 1)]
)
def test_what_an_aircraft_sees_from_its_pad_is_nobody_s_alert(
    agl_m: float, vehicle_id: str | None, alerts: int
) -> None:
    """A mast's camera stands as low and is believed."""
    lat_deg, lon_deg = 24.9478, 102.6108
    ground_m = float(demo_terrain().elevation_m(lat_deg, lon_deg))
    pose = CameraPose(
        lat_deg=lat_deg, lon_deg=lon_deg, altitude_amsl_m=ground_m + agl_m,
        yaw_deg=0, pitch_deg=-40, hfov_deg=62,
    )  # fmt: skip
    card = ModelCard(
        name="test", file="test.onnx", sha256="0" * 64, classes=["person", "smoke"],
        input_width_px=640, input_height_px=640, thresholds={},
    )  # fmt: skip
    analysis = StreamAnalysis("cam", vehicle_id, card, AlertLedger(), demo_terrain())
    found = [
        detection
        for n in range(6)
        for detection in analysis.look(
            Look(GREY, n * 250, n, [RawBox("person", 0.8, 0.5, 0.5, 0.02, 0.05)], pose)
        )[1]
    ]
    assert len(found) == alerts


def test_without_a_pose_one_false_smoke_leaves_the_rest_of_the_picture_heard() -> None:
    card = ModelCard(
        name="test", file="test.onnx", sha256="0" * 64, classes=["person", "smoke"],
        input_width_px=640, input_height_px=640, thresholds={},
    )  # fmt: skip
    analysis = StreamAnalysis("cam", "U1", card, AlertLedger(), demo_terrain())
    lamp, fire = RawBox("smoke", 0.8, 0.1, 0.2, 0.2, 0.2), RawBox("smoke", 0.8, 0.6, 0.5, 0.2, 0.3)
    found: list[tuple[int, float]] = []
    for n in range(200):
        # The lamp goes out now and then for longer than a track lives.
        boxes = [lamp] if n % 40 < 20 else []
        boxes += [fire] if n >= 60 else []
        look = Look(GREY, n * 250, n, boxes, None)
        found += [(n, d.box.x) for d in analysis.look(look)[1]]
    assert [x for _, x in found] == [0.1, 0.6]
    assert found[1][0] < 60 + 14
