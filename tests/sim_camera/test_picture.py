"""Pictures and their truth: repeatable, boxes round the people, the hidden left out."""

import dataclasses

import numpy as np
import pytest

from sim.camera.figures import skeleton
from sim.camera.projection import Lens, Viewpoint
from sim.camera.renderer import Frame, Renderer
from sim.world.world import World
from tests.sim_camera.conftest import build_world

T_S = 300.0


def looking_at(world: World, x: float, y: float, pitch_deg: float, agl_m: float) -> Viewpoint:
    """Return the view from the south at a place on the ground."""
    away = 0.0 if pitch_deg <= -89.9 else agl_m / np.tan(np.radians(-pitch_deg))
    z = world.heights.one(x, y) + agl_m
    return Viewpoint(x=x, y=y - float(away), z=z, yaw_deg=0.0, pitch_deg=pitch_deg)


@pytest.fixture(scope="module")
def renderer(world: World, lens: Lens) -> Renderer:
    return Renderer(world, lens)


def people_in(frame: Frame) -> dict[str, tuple[float, float, float, float]]:
    return {b.id: (b.x0, b.y0, b.x1, b.y1) for b in frame.truth if b.label == "person"}


def test_the_same_seed_draws_the_same_picture(renderer: Renderer, lens: Lens) -> None:
    other = Renderer(build_world(), lens)
    view = looking_at(renderer.world, 0, 0, -40, 45)
    one = renderer.frame(view, renderer.world.at(T_S), 5)
    two = other.frame(view, other.world.at(T_S), 5)
    np.testing.assert_array_equal(one.image, two.image)
    assert one.truth == two.truth


@pytest.mark.parametrize("pitch_deg", [-90.0, -60.0, -40.0, -25.0])
def test_a_box_holds_every_joint_of_its_person(
    renderer: Renderer, lens: Lens, pitch_deg: float
) -> None:
    world = renderer.world
    moment = world.at(T_S)
    view = looking_at(world, 0, 2, pitch_deg, 30)
    boxes = people_in(renderer.frame(view, moment))
    assert set(boxes) == {"P0", "P1", "P2"}
    for person in moment.people:
        joints = skeleton(person, world.heights.one(person.x, person.y))
        pixels, _ = view.project(np.stack(list(joints.values())), lens)
        x0, y0, x1, y1 = boxes[person.id]
        assert (pixels >= (x0 - 0.5, y0 - 0.5)).all()
        assert (pixels <= (x1 + 0.5, y1 + 0.5)).all()


def test_a_person_changes_the_pixels_of_the_box_and_few_others(
    renderer: Renderer, world: World
) -> None:
    view = looking_at(world, 0, 2, -40, 30)
    moment = world.at(T_S)
    empty = dataclasses.replace(moment, people=())
    with_people = renderer.frame(view, moment, 1)
    without = renderer.frame(view, empty, 1)
    changed = np.abs(with_people.image.astype(int) - without.image).max(axis=2) > 25
    near = np.zeros_like(changed)
    for x0, y0, x1, y1 in people_in(with_people).values():
        box = (slice(int(y0), int(y1) + 1), slice(int(x0), int(x1) + 1))
        assert changed[box].mean() > 0.2
        reach = int(1.2 * (y1 - y0)) + 4  # the shadow falls beside the person
        near[
            max(0, int(y0) - reach) : int(y1) + reach, max(0, int(x0) - reach) : int(x1) + reach
        ] = True
    assert not changed[~near].any()


def test_people_out_of_sight_have_no_box(renderer: Renderer, world: World) -> None:
    view = dataclasses.replace(looking_at(world, 0, 0, -40, 45), yaw_deg=180.0)
    assert people_in(renderer.frame(view, world.at(T_S))) == {}


def test_smoke_is_boxed_where_the_picture_changed(renderer: Renderer, world: World) -> None:
    view = looking_at(world, 70, 100, -30, 70)
    burning = renderer.frame(view, world.at(T_S))
    calm = renderer.frame(view, world.at(0.0))
    boxes = [b for b in burning.truth if b.label == "smoke"]
    assert len(boxes) == 1
    assert not [b for b in calm.truth if b.label == "smoke"]
    box = boxes[0]
    part = (slice(int(box.y0), int(box.y1)), slice(int(box.x0), int(box.x1)))
    assert burning.image[part].mean() > calm.image[part].mean() + 15


def test_far_land_fades_into_the_sky(renderer: Renderer, world: World) -> None:
    view = looking_at(world, 0, 0, -6, 120)
    image = renderer.frame(view, world.at(0.0)).image.astype(float)
    top, bottom = image[:20].mean(axis=(0, 1)), image[-20:].mean(axis=(0, 1))
    assert top.mean() > bottom.mean() + 40
    assert top[0] > top[2]  # the sky is bluer than the ground


def test_a_nearer_camera_sees_a_taller_person(renderer: Renderer, world: World) -> None:
    heights = []
    for agl_m in (25, 50):
        boxes = people_in(renderer.frame(looking_at(world, 0, 2, -40, agl_m), world.at(T_S)))
        heights.append(boxes["P1"][3] - boxes["P1"][1])
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.15)
