"""A world of three walkers and a young fire, and a small lens, shared by these tests."""

import pytest

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from sim.camera.projection import Lens
from sim.world.fire import Fire
from sim.world.people import Walker
from sim.world.world import World

ORIGIN = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)


def build_world(seed: int = 3) -> World:
    world = World(ORIGIN, demo_terrain(), seed=seed)
    world.walkers = tuple(
        Walker(
            id=f"P{n}",
            path=((-6.0 + 6 * n, -4.0), (-6.0 + 6 * n, 8.0)),
            speed_ms=0.9,
            height_m=1.7,
            jacket=jacket,
        )
        for n, jacket in enumerate(("red", "blue", "white"))
    )
    world.fire = Fire(
        x=60.0,
        y=90.0,
        ground_amsl_m=world.heights.one(60.0, 90.0),
        start_s=10.0,
        radius_m=4.0,
        growth_m_per_s=0.02,
        max_radius_m=60.0,
        wind_from_deg=225.0,
        wind_ms=7.0,
        seed=seed,
    )
    return world


@pytest.fixture(scope="session")
def world() -> World:
    return build_world()


@pytest.fixture(scope="session")
def lens() -> Lens:
    return Lens(640, 368)
