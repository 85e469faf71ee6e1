"""GCJ-02 and BD-09: there and back within a centimetre, and what was never converted is seen."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mission_plans.ground import datum
from mission_plans.ground.datum import Datum, LatLon

XISHAN: list[LatLon] = [
    (25.044, 102.669),
    (25.0319, 102.638),
    (24.98583, 102.6225),
    (24.77985, 102.57548),
    (25.064, 102.524),
]

inside_china = st.tuples(st.floats(1.5, 55), st.floats(73, 137))


@given(inside_china)
def test_round_trip_is_within_a_centimetre(point: LatLon) -> None:
    assert datum.distance_m(datum.gcj02_to_wgs84(*datum.wgs84_to_gcj02(*point)), point) < 0.01
    assert datum.distance_m(datum.bd09_to_gcj02(*datum.gcj02_to_bd09(*point)), point) < 0.01
    assert datum.distance_m(datum.bd09_to_wgs84(*datum.wgs84_to_bd09(*point)), point) < 0.01


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_anywhere_on_earth_gives_finite_numbers(lat_deg: float, lon_deg: float) -> None:
    for which in Datum:
        assert all(math.isfinite(value) for value in datum.to_wgs84(which, lat_deg, lon_deg))


def test_no_offset_outside_china() -> None:
    assert datum.wgs84_to_gcj02(48.85, 2.35) == (48.85, 2.35)


@pytest.mark.parametrize(
    ("point", "gcj02", "bd09"),
    [
        (XISHAN[0], (25.040953326941377, 102.67034154670064), (25.04668516094582, 102.67688863153)),
        (XISHAN[1], (25.02879780325287, 102.63927009587051), (25.03465203930136, 102.64579648944)),
        (XISHAN[2], (24.982702960780443, 102.62374238367961), (24.98880642853172, 102.63023629532)),
        (XISHAN[3], (24.77669787370115, 102.5767009201844), (24.782804449911215, 102.58317871710)),
        (XISHAN[4], (25.06098340125513, 102.52532995623416), (25.06675820233444, 102.53186772595)),
    ],
)
def test_agrees_with_an_independent_program(point: LatLon, gcj02: LatLon, bd09: LatLon) -> None:
    """Figures by coord-convert 0.2.1 (PyPI)."""
    assert datum.wgs84_to_gcj02(*point) == pytest.approx(gcj02, abs=1e-10)
    assert datum.wgs84_to_bd09(*point) == pytest.approx(bd09, abs=1e-10)


@pytest.mark.parametrize("point", XISHAN)
def test_the_offset_in_xishan_is_about_369_m(point: LatLon) -> None:
    assert datum.distance_m(point, datum.wgs84_to_gcj02(*point)) == pytest.approx(369, abs=9)


@pytest.mark.parametrize(
    ("forward", "expected"),
    [(datum.wgs84_to_gcj02, Datum.GCJ02), (datum.wgs84_to_bd09, Datum.BD09)],
)
def test_unconverted_points_are_suspected(forward: object, expected: Datum) -> None:
    assert callable(forward)
    suspicion = datum.suspect_datum([(forward(*point), point) for point in XISHAN])
    assert suspicion is not None
    assert suspicion.datum is expected
    assert suspicion.residual_m < 0.01
    if expected is Datum.GCJ02:
        assert suspicion.shift_m == pytest.approx(369, abs=5)


def test_right_points_are_not_suspected() -> None:
    assert datum.suspect_datum([(point, point) for point in XISHAN]) is None


def test_two_points_are_not_enough() -> None:
    assert datum.suspect_datum([(datum.wgs84_to_gcj02(*p), p) for p in XISHAN[:2]]) is None


@given(st.integers(0, 10_000))
def test_rough_references_do_not_accuse_right_points(seed: int) -> None:
    """Right points against references that are wrong by up to 200 m in any direction."""
    rng = random.Random(seed)
    pairs = [
        (p, (p[0] + rng.uniform(-2e-3, 2e-3), p[1] + rng.uniform(-2e-3, 2e-3))) for p in XISHAN * 6
    ]
    assert datum.suspect_datum(pairs) is None


def test_rough_references_still_convict_unconverted_points() -> None:
    rng = random.Random(7)
    pairs = [
        (
            datum.wgs84_to_gcj02(*p),
            (p[0] + rng.uniform(-2e-3, 2e-3), p[1] + rng.uniform(-2e-3, 2e-3)),
        )
        for p in XISHAN * 6
    ]
    suspicion = datum.suspect_datum(pairs)
    assert suspicion is not None
    assert suspicion.datum is Datum.GCJ02


def test_points_without_names_pair_with_the_nearest_reference() -> None:
    shifted = [datum.wgs84_to_gcj02(*point) for point in XISHAN]
    pairs = datum.nearest_pairs([*shifted, (26.0, 103.5)], XISHAN)
    assert [reference for _, reference in pairs] == XISHAN
    assert datum.suspect_datum(pairs) is not None
    assert datum.nearest_pairs(shifted, []) == []
