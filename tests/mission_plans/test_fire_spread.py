"""How a fire may spread: what must hold whatever the wind, the ground and the fuel are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from mission_plans.fire.arrival import BEARINGS_DEG, SpreadGrid, arrival_minutes
from mission_plans.fire.members import SpreadInputs, draw_members, rates_of
from mission_plans.fire.rate import fuels, level_rate_m_min, slope_factor, wind_factor
from mission_plans.fire.spread import Spread, SpreadError, Start, spread
from mission_plans.ground.terrain import GridTerrain
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.base import GeoPoint

SIZE = 61
MIDDLE = SIZE // 2
CELL_M = 10.0
SMOKE = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)
LEVEL = GridTerrain(np.full((41, 41), 2000.0), 24.74, 102.42, 0.01)
NO_WATER = np.zeros((SIZE, SIZE), dtype=np.bool_)
DAY = {"temperature_c": 24.0, "humidity_pct": 18.0, "fuel": "conifer"}


def spot() -> NDArray[np.bool_]:
    sources = np.zeros((SIZE, SIZE), dtype=np.bool_)
    sources[MIDDLE, MIDDLE] = True
    return sources


def distances() -> NDArray[np.float64]:
    rows, columns = np.indices((SIZE, SIZE)) - MIDDLE
    return np.hypot(rows, columns) * CELL_M


def slope(rise: float, toward_deg: float) -> NDArray[np.float64]:
    rows, columns = (np.indices((SIZE, SIZE)) - MIDDLE) * CELL_M
    angle = np.radians(toward_deg)
    return rise * (columns * np.sin(angle) + rows * np.cos(angle))


def test_without_wind_or_slope_it_is_round_within_3_percent() -> None:
    grid = SpreadGrid.over(slope(0, 0), NO_WATER, CELL_M)
    times = arrival_minutes(grid, spot(), np.full(len(BEARINGS_DEG), 5.0), 500)
    away = distances() > 5 * CELL_M
    ratio = times[away] / (distances()[away] / 5.0)
    assert 0.999 < ratio.min() <= ratio.max() < 1.03


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 360), st.floats(0.5, 12), st.floats(-0.4, 0.4), st.floats(0, 360))
def test_twice_the_rate_halves_the_times(
    toward: float, wind: float, rise: float, uphill: float
) -> None:
    grid = SpreadGrid.over(slope(rise, uphill), NO_WATER, CELL_M)
    rates = 2.0 * wind_factor(wind, toward, BEARINGS_DEG)
    once = arrival_minutes(grid, spot(), rates, 1e9)
    twice = arrival_minutes(grid, spot(), 2 * rates, 1e9)
    np.testing.assert_allclose(twice, once / 2, rtol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(list(BEARINGS_DEG)), st.floats(0, 11), st.floats(0.5, 5))
def test_more_wind_carries_it_farther_downwind(toward: float, wind: float, more: float) -> None:
    grid = SpreadGrid.over(slope(0, 0), NO_WATER, CELL_M)

    def reach(speed: float) -> float:
        rates = wind_factor(speed, toward, BEARINGS_DEG)
        burnt = arrival_minutes(grid, spot(), rates, 60) <= 60
        rows, columns = (np.indices((SIZE, SIZE)) - MIDDLE) * CELL_M
        angle = np.radians(toward)
        return float((rows * np.cos(angle) + columns * np.sin(angle))[burnt].max())

    assert reach(wind + more) >= reach(wind)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.05, 1.0), st.floats(0, 360))
def test_it_runs_uphill(rise: float, toward: float) -> None:
    grid = SpreadGrid.over(slope(rise, toward), NO_WATER, CELL_M)
    times = arrival_minutes(grid, spot(), np.full(len(BEARINGS_DEG), 2.0), 1e9)
    angle = np.radians(toward)
    east, north = round(20 * np.sin(angle)), round(20 * np.cos(angle))
    assert times[MIDDLE + north, MIDDLE + east] < times[MIDDLE - north, MIDDLE - east]


@settings(max_examples=20, deadline=None)
@given(st.integers(2, SIZE - 3), st.booleans(), st.floats(0, 20), st.floats(0, 360))
def test_it_never_crosses_what_does_not_burn(
    at: int, upright: bool, wind: float, toward: float
) -> None:
    water = NO_WATER.copy()
    water[(slice(None), at) if upright else (at, slice(None))] = True
    grid = SpreadGrid.over(slope(0, 0), water, CELL_M)
    sources = np.zeros((SIZE, SIZE), dtype=np.bool_)
    sources[0, 0] = True
    times = arrival_minutes(grid, sources, 50 * wind_factor(wind, toward, BEARINGS_DEG), 1e9)
    beyond = times[:, at:] if upright else times[at:, :]
    assert np.isinf(beyond).all()
    assert np.isfinite(times[:, :at] if upright else times[:at, :]).all()


def test_a_corner_between_two_cells_of_water_is_closed() -> None:
    water = np.eye(SIZE, dtype=np.bool_)
    grid = SpreadGrid.over(slope(0, 0), water, CELL_M)
    sources = np.zeros((SIZE, SIZE), dtype=np.bool_)
    sources[0, SIZE - 1] = True
    times = arrival_minutes(grid, sources, np.full(len(BEARINGS_DEG), 5.0), 1e9)
    assert np.isinf(times[np.tril_indices(SIZE)]).all()


def test_slopes_count_as_in_the_source_and_are_held_where_it_exaggerates() -> None:
    at_25, at_35 = slope_factor(np.tan(np.radians([25.0, 35.0])))
    assert at_35 / at_25 == pytest.approx(1.16, abs=0.01)
    assert slope_factor(0.3) * slope_factor(-0.3) == pytest.approx(1)
    assert level_rate_m_min(24, 18, 0) == pytest.approx(0.03 * 24 + 0.82 - 0.3)
    assert float(wind_factor(7, 45, 45)) == pytest.approx(np.exp(0.1783 * 7))


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        SpreadInputs,
        wind_from_deg=st.floats(0, 359.9),
        wind_ms=st.floats(0, 40),
        temperature_c=st.floats(-20, 45),
        humidity_pct=st.floats(1, 100),
        fuel=st.sampled_from(sorted(fuels())),
    ),
    st.integers(0, 2**32),
)
def test_members_stay_within_what_may_be(inputs: SpreadInputs, seed: int) -> None:
    members = draw_members(inputs, seed)
    assert members == draw_members(inputs, seed)
    assert len(members) == 30
    middle = (inputs.wind_from_deg + 180) % 360
    for member in members:
        turned = abs((member.wind_toward_deg - middle + 180) % 360 - 180)
        assert turned <= 40 + 1e-6
        assert 0 <= member.wind_ms <= inputs.wind_ms + 4.1
        assert np.isfinite(rates_of(member)).all()
        assert (rates_of(member) > 0).all()
    assert abs(np.mean([member.wind_ms for member in members]) - inputs.wind_ms) < 0.3


def estimate(ground: GridTerrain | None = None, **given: object) -> Spread:
    inputs = SpreadInputs.model_validate({"wind_from_deg": 225, "wind_ms": 7, **DAY, **given})
    return spread(Start([SMOKE]), inputs, ground or LEVEL)


def area(made: Spread, minutes: int, percent: int) -> float:
    (band,) = [b for b in made.bands if (b.minutes, b.percent) == (minutes, percent)]
    return band.area_m2


def test_bands_grow_with_time_and_shrink_with_certainty() -> None:
    made = estimate(demo_terrain())
    for percent in (10, 50, 90):
        assert area(made, 15, percent) < area(made, 30, percent) < area(made, 60, percent)
    for minutes in (15, 30, 60):
        assert area(made, minutes, 90) < area(made, minutes, 50) < area(made, minutes, 10)
    assert made == estimate(demo_terrain())
    assert not made.at_edge
    assert not made.unknown_ground


def test_with_the_wind_is_where_it_goes() -> None:
    for band in estimate().bands:
        if band.minutes == 60:
            assert band.toward_deg == pytest.approx(45, abs=30)


def test_a_calm_on_level_ground_is_a_circle() -> None:
    made = estimate(wind_ms=0, line_error_m=0)
    (band,) = [b for b in made.bands if (b.minutes, b.percent) == (60, 50)]
    assert band.area_m2 == pytest.approx(np.pi * band.farthest_m**2, rel=0.1)


def test_an_observed_advance_sets_how_fast_it_is() -> None:
    slow, fast = (estimate(observed_m_min=rate, observed_toward_deg=45) for rate in (2, 8))
    assert fast.scaled_by == pytest.approx(4 * (slow.scaled_by or 0), rel=0.01)
    assert area(fast, 60, 50) > 8 * area(slow, 60, 50)
    (band,) = [b for b in fast.bands if (b.minutes, b.percent) == (60, 50)]
    assert band.farthest_m == pytest.approx(8 * 60, rel=0.25)


def test_ground_that_nobody_knows_is_said() -> None:
    ground = np.full((41, 41), 2000.0)
    ground[:, 20:] = np.nan
    assert estimate(GridTerrain(ground, 24.74, 102.42, 0.01)).unknown_ground


@pytest.mark.parametrize(
    "given",
    [
        {"wind_ms": float("nan")},
        {"wind_from_deg": float("inf")},
        {"wind_ms": -1},
        {"gust_ms": 3},
        {"humidity_pct": 0},
        {"fuel": "petrol"},
        {"observed_m_min": 3},
        {"wind": 3},
    ],
)
def test_inputs_that_mean_nothing_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SpreadInputs.model_validate({"wind_from_deg": 225, "wind_ms": 7, **given})


def test_lines_that_mean_nothing_are_refused_in_words() -> None:
    inputs = SpreadInputs(wind_from_deg=0, wind_ms=3)
    far = GeoPoint(lat_deg=26, lon_deg=102)
    bow = [
        GeoPoint(lat_deg=24.94 + a / 1000, lon_deg=102.61 + o / 1000)
        for a, o in ((0, 0), (1, 1), (1, 0), (0, 1))
    ]
    for start in (Start([]), Start([SMOKE, far]), Start(bow, closed=True)):
        with pytest.raises(SpreadError) as refused:
            spread(start, inputs, LEVEL)
        assert refused.value.zh != refused.value.en
