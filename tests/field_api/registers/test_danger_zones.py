"""Zones that are dangerous to people: drawn at the desk, on every handheld, reporters' too."""

from typing import Any

import pytest

from tests.field_api.post import Post

RING = [[24.94, 102.61], [24.94, 102.62], [24.95, 102.62], [24.95, 102.61]]


def corners(ring: list[list[float]]) -> list[dict[str, float]]:
    return [{"lat_deg": lat, "lon_deg": lon} for lat, lon in ring]


def zone(**changes: Any) -> dict[str, Any]:
    outline = {"polygon": corners(RING)}
    return {"name": "储罐区警戒", "kind": "F10100", "outline": outline, **changes}


async def test_a_zone_reaches_every_handheld_and_leaves_it(post: Post) -> None:
    commander, reporter = await post.sign_in("commander"), await post.sign_in("ht-11")
    made = await commander.post("registers/danger_zones", json=zone(danger="储罐泄漏,禁止烟火"))
    assert made.status_code == 201, made.text
    page = (await reporter.get("sync/pull")).json()
    (told,) = [each for each in page["changes"] if each["type"] == "register.danger_zones"]
    assert told["data"]["outline"]["polygon"] == corners(RING)
    assert told["data"]["danger"] == "储罐泄漏,禁止烟火"
    assert (await reporter.post("registers/danger_zones", json=zone())).status_code == 403
    url = f"registers/danger_zones/{told['id']}"
    await commander.delete(url, params={"version": told["version"]})
    after = (await reporter.get("sync/pull", params={"cursor": page["cursor"]})).json()
    assert [(each["id"], each["op"]) for each in after["changes"]] == [(told["id"], "remove")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outline": {}}, "outline"),
        ({"outline": {"polygon": corners(RING[:2])}}, "outline"),
        ({"outline": {"polygon": corners([RING[0], RING[2], RING[1], RING[3]])}}, "outline"),
        ({"outline": {"centre": corners(RING)[0]}}, "outline"),
        ({"outline": {"centre": corners(RING)[0], "radius_m": 0}}, "outline.radius_m"),
        ({"kind": "F99999"}, "kind"),
        ({"begins_ms": 2000, "ends_ms": 2000}, "ends_ms"),
    ],
)
async def test_what_is_no_zone_is_refused_by_name(
    post: Post, changes: dict[str, Any], field: str
) -> None:
    answer = await (await post.sign_in("duty")).post("registers/danger_zones", json=zone(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]["field"] == field
