"""A plume at the horizon is called within minutes; clouds, light and moved cameras are not."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vision.slow_watch import Plume, SlowRules, SlowWatch, skyline

WIDTH, HEIGHT = 1024, 576
RIDGE = 300
STEP_MS = SlowRules().every_ms
BEGINS = 10
Picture = NDArray[np.uint8]
Draw = Callable[[NDArray[np.float32], int], None]


def scene(number: int, *draws: Draw) -> Picture:
    """Sky over a rough slope, with noise of its own in every picture."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None].repeat(WIDTH, 1)
    rough = np.random.default_rng(1).normal(0, 14, (HEIGHT, WIDTH)).astype(np.float32)
    grey = np.where(rows < RIDGE, 190 + rows / 10, 80 + cv2.GaussianBlur(rough, (0, 0), 1.2) * 3)
    grey = np.asarray(grey, np.float32)
    for draw in draws:
        draw(grey, number)
    grey += np.random.default_rng(number + 100).normal(0, 1.2, grey.shape).astype(np.float32)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def blob(grey: NDArray[np.float32], x: float, y: float, w: float, h: float, by: float) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    grey += by * np.exp(-(((columns - x) / w) ** 2 + ((rows - y) / h) ** 2)).astype(np.float32)


def smoke(grey: NDArray[np.float32], number: int) -> None:
    """Stands on the ridge at 400, grows and leans."""
    age = number - BEGINS
    for part in range(0 if age < 0 else 3 + 2 * age):
        blob(grey, 400 + 2.5 * part, RIDGE - 6 - 4 * part, 7 + part, 5 + part / 2, -28)


def cloud(grey: NDArray[np.float32], number: int) -> None:
    """Drifts along the ridge line."""
    blob(grey, 200 + 22 * number, RIDGE - 14, 16, 7, 25)


def cloud_begins(grey: NDArray[np.float32], number: int) -> None:
    """Forms beside others, stays and grows, high in the sky."""
    if number >= BEGINS:
        blob(grey, 700, 60, 8 + 6 * (number - BEGINS), 6 + 3 * (number - BEGINS), 30)


def light(grey: NDArray[np.float32], number: int) -> None:
    """From one picture on the sun falls on part of the slope, and stays."""
    if number >= BEGINS:
        blob(grey, 500, 420, 18, 12, 40)


def watched(
    *draws: Draw, count: int = 20, change: Callable[[Picture, int], Picture] | None = None
) -> Iterator[tuple[int, Plume]]:
    watch = SlowWatch()
    for number in range(count):
        picture = scene(number, *draws)
        if change:
            picture = change(picture, number)
        for plume in watch.look(picture, 1_700_000_000_000 + number * STEP_MS):
            yield number, plume


def test_a_plume_is_called_once_where_it_stands_and_within_a_quarter_of_an_hour() -> None:
    ((number, plume),) = watched(smoke, cloud)
    assert (number - BEGINS) * STEP_MS <= 15 * 60_000
    assert plume.first_seen_ms == 1_700_000_000_000 + BEGINS * STEP_MS
    assert plume.x <= 400 / WIDTH <= plume.x + plume.w
    foot = (plume.y + plume.h) * HEIGHT
    assert abs(foot - RIDGE) < 30


@pytest.mark.parametrize("draws", [(cloud,), (cloud_begins,), (light,), ()])
def test_clouds_light_and_noise_are_not(draws: tuple[Draw, ...]) -> None:
    assert list(watched(*draws)) == []


def test_a_camera_that_moved_begins_anew() -> None:
    def turned(picture: Picture, number: int) -> Picture:
        return np.roll(picture, 40, axis=1) if number >= BEGINS + 1 else picture

    assert list(watched(smoke, change=turned)) == []


def test_darkness_and_long_gaps_begin_anew() -> None:
    def night(picture: Picture, number: int) -> Picture:
        return picture // 10 if number == BEGINS + 1 else picture

    assert [number for number, _ in watched(smoke, change=night)] == []
    watch = SlowWatch()
    for number in range(BEGINS + 2):
        watch.look(scene(number, smoke), number * STEP_MS)
    # The stream was away for an hour; or its clock went back.
    for later in (BEGINS + 22, 3):
        for number in range(4):
            assert watch.look(scene(BEGINS + 2 + number, smoke), (later + number) * STEP_MS) == []


def test_pictures_in_between_cost_nothing() -> None:
    watch = SlowWatch()
    picture = scene(0)
    watch.look(picture, 0)
    assert not watch.due(STEP_MS - 1)
    assert watch.due(STEP_MS)


def test_the_skyline_is_where_bright_ends() -> None:
    assert np.abs(skyline(scene(0)) - RIDGE).max() <= 3
