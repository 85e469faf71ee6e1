"""Light of the sun in the lens or on water is no smoke; smoke beside the sun is."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from field_api.contract.messages import CameraPose, Detection
from mission_plans.ground.sun import sun_azimuth_deg, sun_elevation_deg
from mission_plans.ground.terrain_files import demo_terrain
from tests.vision.drawn_glare import with_glare
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import RawBox
from vision.glare import sun_places
from vision.registry import ModelCard

MORNING_MS = 1_742_000_400_000
"""2025-03-15 09:00 in Kunming: the sun stands low in the east."""
LAT_DEG, LON_DEG = 24.9478, 102.6108
PERIOD_MS = 333

Picture = NDArray[np.uint8]
CARD = ModelCard(
    name="test", file="test.onnx", sha256="0" * 64, classes=["person", "smoke"],
    input_width_px=640, input_height_px=640, thresholds={},
)  # fmt: skip


def pose_at(number: int, yaw_deg: float, pitch_deg: float) -> CameraPose:
    """A drone that flies on and sways."""
    ground_m = float(demo_terrain().elevation_m(LAT_DEG, LON_DEG))
    return CameraPose(
        lat_deg=LAT_DEG + number * 2.4e-5, lon_deg=LON_DEG, altitude_amsl_m=ground_m + 80,
        yaw_deg=(yaw_deg + 3 * math.sin(number)) % 360, pitch_deg=pitch_deg, hfov_deg=62,
    )  # fmt: skip


def ground(number: int) -> Picture:
    """Dark texture that moves through the picture as the drone flies."""
    coarse = np.random.default_rng(5).integers(30, 110, (90, 64, 3), np.uint8)
    shown = np.roll(coarse, number, axis=0)[:36]
    return np.kron(shown, np.ones((10, 10, 1), np.uint8)).astype(np.uint8)


def alerts(
    yaw_deg: float,
    pitch_deg: float,
    draw: Callable[[Picture, CameraPose], tuple[Picture, RawBox]],
    looks: int = 20,
    *,
    told: bool = True,
) -> list[Detection]:
    analysis = StreamAnalysis("cam", "U1", CARD, AlertLedger(), demo_terrain())
    found: list[Detection] = []
    for number in range(looks):
        pose = pose_at(number, yaw_deg, pitch_deg)
        image, box = draw(ground(number), pose)
        t_ms = MORNING_MS + number * PERIOD_MS
        said = pose if told else None
        found += analysis.look(Look(image, t_ms, number * 30_000, [box], said))[1]
    return found


SUN_AZIMUTH = sun_azimuth_deg(MORNING_MS, LAT_DEG, LON_DEG)
SUN_ELEVATION = sun_elevation_deg(MORNING_MS, LAT_DEG, LON_DEG)


def box_round(x: float, y: float) -> RawBox:
    """What the network draws round glare: bloom and veil."""
    left, top = max(0.0, x - 0.2), max(0.0, y - 0.25)
    return RawBox("smoke", 0.6, left, top, min(1.0, x + 0.2) - left, min(1.0, y + 0.35) - top)


def in_the_lens(image: Picture, pose: CameraPose) -> tuple[Picture, RawBox]:
    [(x, y), *_] = sun_places(pose, MORNING_MS, 16 / 9)
    return with_glare(image, x, y), box_round(x, y)


def test_where_the_sun_stands_in_the_picture() -> None:
    towards = CameraPose(
        lat_deg=LAT_DEG, lon_deg=LON_DEG, altitude_amsl_m=2000,
        yaw_deg=SUN_AZIMUTH, pitch_deg=SUN_ELEVATION, hfov_deg=62,
    )  # fmt: skip
    [(x, y)] = [p for p in sun_places(towards, MORNING_MS, 16 / 9) if abs(p[1] - 0.5) < 0.2]
    assert (x, y) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))
    mirrored = towards.model_copy(update={"pitch_deg": -SUN_ELEVATION})
    assert any(math.hypot(x - 0.5, y - 0.5) < 0.01 for x, y in sun_places(mirrored, MORNING_MS, 1))
    away = towards.model_copy(update={"yaw_deg": (SUN_AZIMUTH + 180) % 360})
    assert sun_places(away, MORNING_MS, 16 / 9) == []


def test_at_night_there_is_no_sun() -> None:
    pose = pose_at(0, 90, -10)
    assert sun_places(pose, MORNING_MS + 12 * 3_600_000, 16 / 9) == []


@pytest.mark.parametrize("pitch_deg", [SUN_ELEVATION - 8, -SUN_ELEVATION + 5])
def test_the_sun_in_the_lens_or_on_water_is_no_smoke(pitch_deg: float) -> None:
    assert alerts(SUN_AZIMUTH, pitch_deg, in_the_lens) == []


def test_the_same_light_away_from_the_sun_is_believed() -> None:
    """White smoke in full light is blown out too: only where the sun stands is it doubted."""

    def lit(image: Picture, _pose: CameraPose) -> tuple[Picture, RawBox]:
        return with_glare(image, 0.5, 0.4), box_round(0.5, 0.4)

    assert len(alerts((SUN_AZIMUTH + 90) % 360, -30, lit)) == 1


def test_grey_smoke_before_the_sun_is_believed() -> None:
    """Nothing is blown out in its box: the sun is behind it or hidden by it."""

    def smoke(image: Picture, pose: CameraPose) -> tuple[Picture, RawBox]:
        [(x, y), *_] = sun_places(pose, MORNING_MS, 16 / 9)
        box = box_round(x, y)
        height, width = image.shape[:2]
        rows = slice(int(box.y * height), int((box.y + box.h) * height))
        columns = slice(int(box.x * width), int((box.x + box.w) * width))
        image[rows, columns] = image[rows, columns] // 3 + 110
        return image, box

    assert len(alerts(SUN_AZIMUTH, SUN_ELEVATION - 8, smoke)) == 1


@pytest.mark.parametrize("pitch_deg", [SUN_ELEVATION - 8, -SUN_ELEVATION + 5])
def test_without_a_pose_one_round_blown_out_core_is_the_sun(pitch_deg: float) -> None:
    assert alerts(SUN_AZIMUTH, pitch_deg, in_the_lens, told=False) == []


def test_without_a_pose_white_smoke_in_shreds_is_believed() -> None:
    def white(image: Picture, _pose: CameraPose) -> tuple[Picture, RawBox]:
        box = box_round(0.5, 0.5)
        height, width = image.shape[:2]
        rows = slice(int(box.y * height), int((box.y + box.h) * height))
        columns = slice(int(box.x * width), int((box.x + box.w) * width))
        image[rows, columns] = image[rows, columns] // 3 + 150
        # Bands of light through the plume, more of them blown out than of the sun's own box.
        image[rows, columns][::5] = 255
        return image, box

    assert len(alerts(0, -30, white, told=False)) == 1
