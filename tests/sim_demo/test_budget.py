"""What the demo's cameras and detector may take of a machine."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.scenario import load_scenario
from sim.camera_processes import camera_configs
from sim.demo.budget import CHOICES, Costs, choose, cores_for, share_of_cores
from sim.demo.measuring import measure
from sim.scenario import DEFAULT_SCENARIO

SLOW = Costs(picture_s=0.01, megapixel_s=0.05, look_s=0.055)
"""Two cores of a rented server, 2026-11."""
costs = st.builds(Costs, st.floats(0, 0.1), st.floats(0, 0.5), st.floats(0.001, 1))


def test_two_slow_cores_film_smaller_and_still_in_motion() -> None:
    budget = choose(2, SLOW, 2)
    assert budget.width_px < 1280
    assert budget.frames_per_s >= 12
    assert cores_for(budget, SLOW, 2) <= share_of_cores(2) <= 1


def test_a_machine_with_room_films_as_the_scenario_says() -> None:
    settings = load_scenario(DEFAULT_SCENARIO).sim.cameras
    budget = choose(8, SLOW, 2)
    assert (budget.width_px, budget.height_px) == (settings.width_px, settings.height_px)
    assert budget.frames_per_s == settings.frames_per_s
    assert budget.look_width_px is None


@given(costs, st.integers(1, 8), st.integers(1, 64), st.integers(1, 64))
def test_more_cores_never_give_less(costs: Costs, cameras: int, fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    chosen = CHOICES.index(choose(fewer, costs, cameras))
    assert CHOICES.index(choose(more, costs, cameras)) <= chosen


@given(costs, st.integers(1, 8))
def test_every_choice_takes_less_than_the_one_before(costs: Costs, cameras: int) -> None:
    taken = [cores_for(budget, costs, cameras) for budget in CHOICES]
    assert taken == sorted(taken, reverse=True)


async def test_what_things_cost_is_measured_here() -> None:
    found = await measure(load_scenario(DEFAULT_SCENARIO), 1)
    assert found.look_s > 0
    assert all(0 <= part < 5 for part in astuple(found))
    assert found.picture_s + found.megapixel_s > 0


@pytest.mark.parametrize(
    ("width", "size"), [(None, (1280, 720)), (800, (800, 450)), (641, (640, 360))]
)
def test_cameras_keep_their_shape_at_any_width(width: int | None, size: tuple[int, int]) -> None:
    scenario = load_scenario(DEFAULT_SCENARIO)
    (config,) = camera_configs(
        scenario, 1, 1, tcp_ports=[5760], camera_port=5600, epoch_s=0, speedup=1, seed=1,
        width_px=width,
    )  # fmt: skip
    assert config.size_px == size
