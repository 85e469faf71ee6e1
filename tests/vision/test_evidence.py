"""When is enough seen, is it new, and what pictures go with it."""

import base64
import hashlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.plan import GeoPoint
from vision.alerts import AlertLedger, AlertRule, Place
from vision.detector import RawBox
from vision.evidence import evidence_of
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


def place(north_m: float, stream: str = "a") -> Place:
    return Place(
        stream_id=stream, point=GeoPoint(lat_deg=24.94 + north_m / 110_800, lon_deg=102.62)
    )


RULES = {"person": AlertRule(50, 30_000), "smoke": AlertRule(50, 30_000)}


def test_one_fire_is_one_alert_also_from_two_aircraft() -> None:
    ledger = AlertLedger(RULES)
    assert ledger.is_new("smoke", place(0), 0)
    ledger.report("smoke", place(0), 0)
    assert not ledger.is_new("smoke", place(40), 10_000)
    assert not ledger.is_new("smoke", place(40, "b"), 20_000)
    assert ledger.is_new("smoke", place(60), 21_000)
    assert ledger.is_new("person", place(0), 22_000)


def test_an_alert_lives_as_long_as_it_is_seen() -> None:
    ledger = AlertLedger(RULES)
    ledger.report("smoke", place(0), 0)
    assert not ledger.is_new("smoke", place(0), 29_000)
    assert not ledger.is_new("smoke", place(0), 58_000)
    assert ledger.is_new("smoke", place(0), 89_000)


def test_a_bearing_towards_a_reported_place_is_nothing_new_but_a_first_place_is() -> None:
    ledger = AlertLedger(RULES)
    camera = GeoPoint(lat_deg=24.93, lon_deg=102.62)
    north = Place(stream_id="a", camera=camera, bearing_deg=1.0)
    assert ledger.is_new("smoke", north, 0)
    ledger.report("smoke", north, 0)
    assert not ledger.is_new("smoke", Place("a", camera=camera, bearing_deg=8.0), 1000)
    assert ledger.is_new("smoke", Place("a", camera=camera, bearing_deg=90.0), 2000)
    assert ledger.is_new("smoke", place(0), 3000)
    ledger.report("smoke", place(0), 3000)
    assert not ledger.is_new("smoke", Place("b", camera=camera, bearing_deg=5.0), 4000)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=30))
def test_sightings_of_one_place_never_make_two_alerts(offsets: list[float]) -> None:
    ledger, alerts = AlertLedger(RULES), 0
    for n, offset in enumerate(offsets):
        if ledger.is_new("smoke", place(offset), n * 1000):
            ledger.report("smoke", place(offset), n * 1000)
            alerts += 1
    assert alerts == 1


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
