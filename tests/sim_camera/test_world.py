"""The truth of the world: the same seed and time give the same people, fire and smoke."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from mission_plans.ground.terrain_files import demo_terrain
from sim.world.world import World
from tests.sim_camera.conftest import ORIGIN, build_world


def test_the_same_seed_and_time_give_the_same_truth(world: World) -> None:
    again = build_world()
    for t_s in (0.0, 12.3, 400.0, 3600.0):
        one, other = world.at(t_s), again.at(t_s)
        assert one.people == other.people
        assert one.fire_outline == other.fire_outline
        for field in dataclasses.fields(one.puffs):
            np.testing.assert_array_equal(
                getattr(one.puffs, field.name), getattr(other.puffs, field.name)
            )


def test_another_seed_moves_the_smoke() -> None:
    one, other = build_world(3).at(60.0).puffs, build_world(4).at(60.0).puffs
    assert not np.allclose(one.x, other.x)


def test_nothing_burns_before_the_fire_starts(world: World) -> None:
    moment = world.at(9.0)
    assert moment.fire_area_m2 == 0.0
    assert moment.fire_outline == ()
    assert len(moment.puffs.x) == 0


@given(st.floats(0, 7200), st.floats(0, 600))
def test_the_fire_never_shrinks(t_s: float, later_s: float) -> None:
    fire = build_world_once().fire
    assert fire is not None
    assert fire.size_m(t_s + later_s) >= fire.size_m(t_s)


def test_the_outline_encloses_the_stated_area(world: World) -> None:
    moment = world.at(900.0)
    area = Polygon(moment.fire_outline).area
    assert abs(area - moment.fire_area_m2) < 0.05 * moment.fire_area_m2


def test_smoke_drifts_with_the_wind_and_rises(world: World) -> None:
    puffs = world.at(120.0).puffs
    old, young = slice(0, 40), slice(-10, None)
    # Wind from the south-west carries it to the north-east.
    assert puffs.x[old].mean() > puffs.x[young].mean() + 20
    assert puffs.y[old].mean() > puffs.y[young].mean() + 20
    assert puffs.z[old].mean() > puffs.z[young].mean() + 5


@given(st.floats(0, 3600), st.floats(0.01, 2.0))
def test_people_walk_no_faster_than_they_can(t_s: float, dt_s: float) -> None:
    world = build_world_once()
    for before, after in zip(world.at(t_s).people, world.at(t_s + dt_s).people, strict=True):
        walked_m = np.hypot(after.x - before.x, after.y - before.y)
        assert walked_m <= 0.9 * dt_s + 1e-6


@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_the_height_field_follows_the_terrain(x: float, y: float) -> None:
    world = build_world_once()
    lat, lon = world.frame.to_degrees(np.array([x]), np.array([y]))
    truth = float(np.asarray(demo_terrain().elevation_m(lat, lon))[0])
    assert abs(world.heights.one(x, y) - truth) < 4.0


def test_the_origin_is_where_it_was_put(world: World) -> None:
    x, y = world.place(ORIGIN)
    assert abs(x) < 1e-3
    assert abs(y) < 1e-3


_WORLD: list[World] = []


def build_world_once() -> World:
    """Return one world for all examples of a property; fixtures of a session do as well."""
    if not _WORLD:
        _WORLD.append(build_world())
    return _WORLD[0]
