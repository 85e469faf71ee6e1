"""Search theory: mass is kept, searching only ever helps, tours keep their length."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mission_plans.ground.footprint import Views
from mission_plans.probability.best_tours import best_tours, prizes_of, straightened
from mission_plans.probability.lost_person import profiles
from mission_plans.probability.probability_map import (
    Attraction,
    Clue,
    LastKnown,
    ProbabilityMap,
    probability_map,
)
from mission_plans.probability.search_record import SearchRecord, passes_over
from mission_plans.probability.sweep_width import (
    detection,
    pod_perfect,
    pod_random,
    sweep_width_m,
)
from mission_plans.values.plan import CameraSpec
from tests.mission_plans.areas import FRAME, SMOKE, ring

quick = settings(max_examples=30, derandomize=True)
HIKER = profiles()["hiker_mountain_temperate"]


def drawn(seed: int, rows: int = 40, columns: int = 50, cell_m: float = 60.0) -> ProbabilityMap:
    """Return a bumpy map with a quarter of the probability outside."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    poa = np.zeros((rows, columns))
    for _ in range(6):
        cx, cy, s = rng.uniform(0, columns), rng.uniform(0, rows), rng.uniform(3, 10)
        poa += rng.uniform(0.2, 1) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))
    return ProbabilityMap(FRAME, 0.0, 0.0, cell_m, 0.75 * poa / poa.sum())


@pytest.mark.parametrize("name", profiles())
def test_rings_hold_the_published_shares(name: str) -> None:
    profile = profiles()[name]
    radius_m = profile.distance_km[2] * 1100
    made = probability_map([LastKnown(at=SMOKE)], profile, radius_m)
    x, y = made.middles()
    away = np.hypot(x, y)
    for share, km in zip(profile.shares[:3], profile.distance_km, strict=False):
        assert made.poa[away <= km * 1000].sum() == pytest.approx(share, abs=0.02)
    assert made.outside == pytest.approx(1 - made.poa.sum())


@quick
@given(st.floats(0.05, 20), st.floats(100, 900), st.floats(0.2, 10))
def test_weights_move_probability_about_but_keep_it(
    factor: float, sigma_m: float, path_factor: float
) -> None:
    plain = probability_map([LastKnown(at=SMOKE)], HIKER, 2000)
    there = FRAME.point(-300, 600)
    weighted = probability_map(
        [LastKnown(at=SMOKE)],
        HIKER,
        2000,
        clues=[Clue(at=there, sigma_m=sigma_m, factor=factor)],
        attractions=[Attraction(line=ring((0, 0), (500, 900)), factor=path_factor)],
        barred=[ring((-2500, -500), (-1500, -500), (-1500, 500), (-2500, 500))],
    )
    assert weighted.poa.sum() == pytest.approx(plain.poa.sum())
    assert (weighted.poa >= 0).all()
    x, y = weighted.middles()
    lake = shapely.Polygon(
        [
            tuple(float(v) for v in weighted.frame.to_metres(p.lat_deg, p.lon_deg))
            for p in ring((-2500, -500), (-1500, -500), (-1500, 500), (-2500, 500))
        ]
    )
    assert weighted.poa[shapely.contains_xy(lake, x, y)].sum() == 0


@quick
@given(st.integers(0, 10**6), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_searching_only_ever_raises_the_chance_and_order_does_not_matter(
    seed: int, first: float, second: float
) -> None:
    rng = np.random.default_rng(seed)
    start = SearchRecord.fresh(drawn(seed))
    a = rng.integers(0, 3, start.missed.shape).astype(float)
    b = rng.integers(0, 3, start.missed.shape).astype(float)
    one = start.searched(a, first)
    both = one.searched(b, second)
    assert start.cumulative_pos == 0
    assert one.cumulative_pos <= both.cumulative_pos <= 0.75 + 1e-9
    other = start.searched(b, second).searched(a, first)
    assert other.cumulative_pos == pytest.approx(both.cumulative_pos)
    after = one.posterior
    assert after.poa.sum() + after.outside == pytest.approx(1.0)
    searched, left = a > 0, a == 0
    assert (after.poa[left] >= one.first.poa[left] - 1e-12).all()
    ratio = after.poa[searched] / np.maximum(one.first.poa[searched], 1e-15)
    assert ratio.max() <= after.outside / one.first.outside + 1e-9


def test_a_sector_searched_with_certainty_holds_nothing_more() -> None:
    start = SearchRecord.fresh(drawn(3))
    half = shapely.box(0, 0, 1500, 2400)
    x, _ = start.first.middles()
    done = start.searched((x < 1500).astype(float), 1.0)
    sector = done.sector(half)
    assert sector.poa == pytest.approx(0)
    assert sector.pod == pytest.approx(1)
    assert sector.pos == pytest.approx(start.first.within(half)) == done.cumulative_pos


def test_frames_of_one_pass_count_once_and_a_second_pass_again() -> None:
    raster = drawn(1, 10, 40, 10.0)
    frames = [[(x - 25, 20), (x + 25, 20), (x + 25, 80), (x - 25, 80)] for x in range(30, 380, 10)]
    back = frames[::-1]
    corners = np.array(frames + [[(-900, -900)] * 4] * 3 + back, dtype=float)
    passes = passes_over(raster, Views(corners, *(np.zeros(len(corners)) for _ in range(3))))
    assert passes[5, 20] == 2
    assert passes[0, 20] == 0
    assert passes.max() == 2


def test_sweep_width_falls_with_height_forest_and_dark() -> None:
    camera = CameraSpec(pitch_deg=-45)
    widths = [sweep_width_m(camera, agl) for agl in (30, 60, 120)]
    assert 0.61 < detection(camera, 30, 1e6) < 0.82, "30 px tall: between the measured 29 and 33"
    assert detection(camera, 50, 1e6) < detection(camera, 50, 16) < detection(camera, 50, 4) < 0.82
    assert detection(camera, 30) > detection(camera, 60) > detection(camera, 120)
    assert all(width >= 0 for width in widths)
    assert sweep_width_m(camera, 40, vegetation="forest") == pytest.approx(
        0.25 * sweep_width_m(camera, 40)
    )
    assert sweep_width_m(camera, 40, light="night") == 0
    thermal = CameraSpec(pitch_deg=-45, sensor="thermal")
    assert sweep_width_m(thermal, 40, light="night") > 0
    assert pod_random(1.0) == pytest.approx(1 - math.exp(-1))
    assert pod_perfect(0.4) == 0.4
    assert pod_perfect(3) == 1
    assert all(pod_random(c) <= pod_perfect(c) for c in np.linspace(0, 3, 13))


@settings(max_examples=15, derandomize=True)
@given(st.integers(0, 1000), st.integers(1, 4), st.floats(2000, 6000), st.booleans())
def test_tours_keep_their_length_start_at_the_launch_and_count_no_block_twice(
    seed: int, aircraft: int, budget_m: float, come_home: bool
) -> None:
    raster = drawn(seed)
    prizes = prizes_of(raster.poa, 0, 0, raster.cell_m, 70.0)
    assert prizes.prize.sum() == pytest.approx(raster.poa.sum())
    launch = (1500.0, 300.0)
    found = list(best_tours(prizes, launch, aircraft, budget_m, come_home=come_home))
    assert [t.collected for t in found] == sorted(t.collected for t in found)
    last = found[-1]
    assert len(last.tracks) == aircraft
    visited: set[tuple[int, int]] = set()
    held = 0.0
    for track, length_m in zip(last.tracks, last.lengths_m, strict=True):
        assert tuple(track[0]) == launch
        assert (tuple(track[-1]) == launch) == come_home
        flown = float(np.hypot(*np.diff(track, axis=0).T).sum())
        assert flown <= budget_m + 1e-6
        assert flown == pytest.approx(length_m)
        for x, y in track[1:-1] if come_home else track[1:]:
            block = (int(y // 70.0), int(x // 70.0))
            assert block not in visited
            visited.add(block)
            held += prizes.prize[block]
        assert np.hypot(*np.diff(straightened(track), axis=0).T).sum() == pytest.approx(flown)
    assert held == pytest.approx(last.collected)
    again = list(best_tours(prizes, launch, aircraft, budget_m, come_home=come_home))[-1]
    assert again.collected == last.collected


def test_tours_collect_more_than_lanes_over_the_same_ground() -> None:
    raster = drawn(7)
    prizes = prizes_of(raster.poa, 0, 0, raster.cell_m, 70.0)
    tours = list(best_tours(prizes, (1500.0, 300.0), 3, 8000.0))[-1]
    blocks = int(3 * 8000.0 / 70.0)
    rows, columns = prizes.prize.shape
    from_launch = np.concatenate([prizes.prize[r] for r in range(rows)])[:blocks]
    assert tours.collected > 1.3 * float(from_launch.sum())
    assert tours.collected <= float(np.sort(prizes.prize.ravel())[-blocks:].sum()) + 1e-9
    assert columns > 0
