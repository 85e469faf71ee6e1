"""The map base."""

import cv2
import numpy as np
import pytest

from field_api.features.maps.relief import contours, extent_mercator, relief_png
from mission_plans.ground.terrain import GridTerrain
from tests.field_api.post import SMOKE, Post


def cone() -> GridTerrain:
    """A round hill of 1,000 m on a plain at 1,900 m."""
    y, x = np.mgrid[-50:51, -50:51]
    z = 1900 + np.clip(1000 - 25 * np.hypot(x, y), 0, None)
    return GridTerrain(z.astype(np.float64), 24.9, 102.5, 0.001)


def test_contours_lie_on_their_height() -> None:
    hill = cone()
    lines = contours(hill)
    heights = [feature.properties["altitude_amsl_m"] for feature in lines.features]
    assert {1950.0, 2000.0, 2500.0} <= set(heights)
    for feature in lines.features:
        level = feature.properties["altitude_amsl_m"]
        assert isinstance(level, float)
        assert feature.properties["index"] == (level % 100 == 0)
        if 2000 <= level <= 2700:
            for line in feature.geometry.coordinates:
                lon, lat = np.array(line).T
                assert hill.elevation_m(lat, lon) == pytest.approx(level, abs=15)


def test_relief_is_lit_from_the_north_west_and_brighter_when_light() -> None:
    pictures = {
        theme: cv2.imdecode(np.frombuffer(relief_png(cone(), theme), np.uint8), cv2.IMREAD_COLOR)
        for theme in ("dark", "light")
    }
    dark, light = pictures["dark"], pictures["light"]
    assert dark is not None
    assert light is not None
    assert dark.shape == light.shape == (303, 303, 3)
    assert light.mean() > dark.mean() + 60
    # The same height on both sides of the hill.
    assert dark[110:130, 110:130].mean() > dark[172:192, 172:192].mean() + 10


def test_extent_is_the_grid_s_in_web_mercator() -> None:
    west, south, east, north = extent_mercator(cone())
    assert (west, east) == pytest.approx((11410247.9, 11421379.8), abs=1)
    assert south < north


async def test_map_base_has_every_layer_and_names_its_sources(post: Post) -> None:
    commander = await post.sign_in("commander")
    base = (await commander.get("map/base")).json()
    assert base["lake"]["features"][0]["properties"]["name"] == "滇池"
    assert "示意" in base["outline"]["features"][0]["properties"]["name"]
    assert len(base["streets"]["features"]) >= 10
    assert all("name_en" in place["properties"] for place in base["places"]["features"])
    assert base["contours"]["features"]
    assert base["synthetic_terrain"] is True
    assert any("GeoNames" in item["text_en"] for item in base["attribution"])


async def test_relief_is_cached_by_its_content(post: Post) -> None:
    commander = await post.sign_in("commander")
    first = await commander.get("map/relief.png")
    assert first.content.startswith(b"\x89PNG")
    again = await commander.get("map/relief.png", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert (await commander.get("map/relief.png?theme=pink")).status_code == 422


async def test_ground_is_known_inside_the_grid_only(post: Post) -> None:
    commander = await post.sign_in("commander")
    here = await commander.get("terrain", params={"lat_deg": SMOKE[0], "lon_deg": SMOKE[1]})
    assert here.json()["ground_amsl_m"] == pytest.approx(2344, abs=30)
    far = await commander.get("terrain", params={"lat_deg": 0, "lon_deg": 0})
    assert far.json()["ground_amsl_m"] is None
