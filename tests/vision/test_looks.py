"""Which looks are wide."""

import pytest

from field_api.contract.messages import CameraPose
from mission_plans.ground.terrain_files import demo_terrain
from vision.looks import LookPlan, WideLookRules, pixels_per_m

LAT, LON = 24.94, 102.62
PERSON_M = WideLookRules().person_m


def plan(period_s: float = 1.0, **changes: int) -> LookPlan:
    made = LookPlan(WideLookRules(**changes), 960, period_s)
    made.took(0.1, None)
    return made


def pose_at(agl_m: float, pitch_deg: float) -> CameraPose:
    ground_m = float(demo_terrain().elevation_m(LAT, LON))
    return CameraPose(
        lat_deg=LAT,
        lon_deg=LON,
        altitude_amsl_m=ground_m + agl_m,
        yaw_deg=0,
        pitch_deg=pitch_deg,
        hfov_deg=60,
    )


def test_every_nth_look_is_as_wide_as_people_need_it() -> None:
    looks = plan(every=3)
    ten_px = 10 / PERSON_M
    wide = [looks.next_px(3840, ten_px, None) for _ in range(6)]
    # 10 px at 960 are 16 at 1536.
    assert wide == [None, None, 1536, None, None, 1536]


@pytest.mark.parametrize(
    ("picture_px", "person_px", "wide_px"),
    [
        (3840, 20.0, None),
        (3840, 4.0, 1920),
        (1280, 4.0, 1280),
        (640, 4.0, None),
        (3840, None, 1920),
    ],
)
def test_no_wider_than_needed_nor_than_the_picture(
    picture_px: int, person_px: float | None, wide_px: int | None
) -> None:
    looks = plan(every=1)
    scale = None if person_px is None else person_px / PERSON_M
    assert looks.next_px(picture_px, scale, None) == wide_px


def test_none_where_they_are_off_or_the_budget_does_not_allow_them() -> None:
    assert plan(every=0).next_px(3840, None, None) is None
    slow = plan(period_s=0.2, every=1)
    assert slow.next_px(3840, None, None) is None
    # A look of 1440 px takes 0.225 s, every fourth of them 0.13 s on the mean.
    assert plan(period_s=0.23, every=4, max_px=1440)._affordable(1440)  # pyright: ignore[reportPrivateUsage]
    unmeasured = LookPlan(WideLookRules(every=1), 960, 1.0)
    assert unmeasured.next_px(3840, None, None) is None


def test_somebody_too_small_for_usual_looks_is_looked_at_again_until_decided() -> None:
    looks = plan(every=6, in_a_row=3)
    small, large = 10 / 960, 30 / 960
    before = [looks.next_px(3840, None, None) for _ in range(5)]
    assert before == [None] * 5
    assert looks.next_px(3840, None, None) == 1920
    assert [looks.next_px(3840, None, small) for _ in range(3)] == [1920, 1920, None]
    for _ in range(4):
        assert looks.next_px(3840, None, None) is None
    assert looks.next_px(3840, None, None) == 1920
    assert looks.next_px(3840, None, large) is None


def test_a_metre_on_the_ground_is_as_many_pixels_as_distance_and_lens_say() -> None:
    down = pixels_per_m(pose_at(80, -90), 16 / 9, demo_terrain(), 960)
    # 80 m away, 60 degrees: 92.4 m across.
    assert down == pytest.approx(960 / 92.4, rel=0.02)
    slanting = pixels_per_m(pose_at(80, -30), 16 / 9, demo_terrain(), 960)
    assert slanting is not None
    assert down is not None
    assert slanting < down
    assert pixels_per_m(pose_at(80, 20), 16 / 9, demo_terrain(), 960) is None
