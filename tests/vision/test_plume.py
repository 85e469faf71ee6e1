"""The foot of a plume: at its flames, else at its lowest smoke."""

import numpy as np
import pytest

from vision.detector import RawBox
from vision.plume import plume_foot

BOX = RawBox("smoke", 0.8, 0.3, 0.1, 0.5, 0.5)


def forest() -> np.ndarray:
    image = np.zeros((360, 640, 3), np.uint8)
    image[:] = (50, 80, 40)
    return image


def leaning_plume(image: np.ndarray) -> None:
    """Smoke that begins at the lower left of the box and drifts to the upper right."""
    for step in range(40):
        x, y = 210 + step * 7, 200 - step * 4
        image[max(0, y - 6 - step) : y + 6, x - 8 : x + 8 + step] = (170, 172, 175)


def test_flames_mark_the_source() -> None:
    image = forest()
    leaning_plume(image)
    image[205:213, 200:212] = (255, 215, 110)
    foot = plume_foot(image, BOX)
    assert foot.x * 640 == pytest.approx(206, abs=3)
    assert foot.y * 360 == pytest.approx(209, abs=3)
    assert foot.error_px < 20


def test_without_flames_the_lowest_smoke_does_with_a_larger_error() -> None:
    image = forest()
    leaning_plume(image)
    foot = plume_foot(image, BOX)
    assert foot.x * 640 == pytest.approx(225, abs=40)
    assert foot.y * 360 == pytest.approx(195, abs=20)
    assert foot.error_px >= 30


def test_red_soil_is_no_flame_and_an_empty_box_gives_its_lower_middle() -> None:
    image = forest()
    image[:] = (190, 120, 70)
    foot = plume_foot(image, BOX)
    assert (foot.x, foot.y) == pytest.approx((0.55, 0.6))
    assert foot.error_px > 80
