"""Command groups by name, the neighbour near an incident, and one incident out of two."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.ids import new_id
from field_api.features.coordination.neighbours import REACH_M, near_stretches, stretches
from field_api.features.coordination.templates import template_of
from field_api.features.incident_reports.clocks import keep_clocks
from field_api.features.incidents.tables import IncidentKind
from mission_plans.ground import datum
from mission_plans.ground.geodesy import destination, distance_m
from mission_plans.values.plan import GeoPoint
from tests.field_api.post import Post
from tests.field_api.test_incident_reports import refused

BORDERS = stretches()


def between(a: GeoPoint, b: GeoPoint, share: float) -> GeoPoint:
    return GeoPoint(
        lat_deg=a.lat_deg + (b.lat_deg - a.lat_deg) * share,
        lon_deg=a.lon_deg + (b.lon_deg - a.lon_deg) * share,
    )


@st.composite
def on_border(draw: st.DrawFn) -> tuple[str, GeoPoint]:
    stretch = draw(st.sampled_from(BORDERS))
    a, b = draw(st.sampled_from(list(pairwise(stretch.points))))
    return stretch.code, between(a, b, draw(st.floats(0, 1)))


@given(on_border(), st.floats(0, 360), st.floats(0, 1900))
def test_whoever_shares_the_boundary_within_two_kilometres_is_proposed(
    at: tuple[str, GeoPoint], bearing: float, away_m: float
) -> None:
    code, point = at
    place = destination(point, bearing, away_m)
    near = near_stretches(place.lat_deg, place.lon_deg, BORDERS)
    found = {each.stretch.code: each for each in near}
    assert code in found
    # At most as far as the point we came from, but for the straight lines of two map planes.
    assert found[code].distance_m <= away_m + 20
    assert [each.distance_m for each in near] == sorted(each.distance_m for each in near)


@given(st.floats(24.6, 25.3), st.floats(102.2, 102.9), st.sampled_from([500.0, REACH_M, 20_000.0]))
def test_no_point_of_the_boundary_is_nearer_than_said(
    lat_deg: float, lon_deg: float, reach_m: float
) -> None:
    here = GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)
    near = {n.stretch.code: n for n in near_stretches(lat_deg, lon_deg, BORDERS, reach_m)}
    for stretch in BORDERS:
        tried = [
            between(a, b, step / 10) for a, b in pairwise(stretch.points) for step in range(11)
        ]
        closest = min(distance_m(here, point) for point in tried)
        said = near[stretch.code].distance_m if stretch.code in near else reach_m
        assert said <= closest + 20
    for each in near.values():
        assert each.distance_m < reach_m
        foot = destination(here, each.bearing_deg, each.distance_m)
        assert distance_m(here, foot) == pytest.approx(each.distance_m, abs=1)


def test_the_stretches_are_those_of_the_joint_plan_and_overlap_nowhere() -> None:
    assert {each.name for each in BORDERS} == {"五华区", "富民县", "安宁市", "晋宁区", "禄丰市"}
    edges = [edge for each in BORDERS for edge in pairwise(each.points)]
    assert len(edges) == len({(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg) for a, b in edges})


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "name"),
    [
        (25.10, 102.60, "五华区"),
        (24.765, 102.62, "晋宁区"),
        (25.01, 102.47, "安宁市"),
        (25.11, 102.365, "禄丰市"),
        (25.19, 102.42, "富民县"),
    ],
)
def test_each_side_has_its_neighbour(lat_deg: float, lon_deg: float, name: str) -> None:
    assert near_stretches(lat_deg, lon_deg, BORDERS)[0].stretch.name == name


def test_the_middle_of_the_district_concerns_nobody_else() -> None:
    assert near_stretches(25.06, 102.55, BORDERS) == []


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_every_kind_has_its_groups(kind: IncidentKind) -> None:
    template = template_of(kind)
    keys = [each.key for each in template.groups]
    assert len(keys) == len(set(keys)) >= 5
    assert template.standing == "default"


async def coordination(post: Post, incident: str) -> dict[str, Any]:
    duty = await post.sign_in("duty")
    return (await duty.get(f"incidents/{incident}/coordination")).json()


async def test_a_group_is_filled_by_name_and_who_was_before_is_kept(post: Post) -> None:
    incident = await post.open_incident(kind="fire")
    duty = await post.sign_in("duty")
    url = f"incidents/{incident}/command-groups"
    body = {"id": new_id(), "key": "fire_fighting", "leader": "李强", "contact": "13800000000"}
    made = await duty.post(url, json=body)
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "扑火抢险组"
    await refused(duty, url, {**body, "id": new_id()}, "group_is_set_up")
    await refused(duty, url, {"id": new_id(), "key": "investigation"}, "no_such_group")
    await refused(duty, url, {"id": new_id()}, "group_needs_name")
    own = await duty.post(url, json={"id": new_id(), "name": "无人机组", "leader": "赵飞"})
    assert own.status_code == 201, own.text
    edited = await duty.post(
        f"command-groups/{body['id']}/edit",
        json={"version": 1, "leader": "王芳", "members": [{"name": "周明", "unit": "消防"}]},
    )
    assert edited.json()["leader"] == "王芳"
    state = await coordination(post, incident)
    assert [each["name"] for each in state["groups"]] == ["扑火抢险组", "无人机组"]
    assert state["template"]["type"] == "森林防火"
    versions = (await duty.get(f"command-groups/{body['id']}/history")).json()
    assert [each["leader"] for each in versions] == ["王芳", "李强"]
    lines = (await duty.get(f"incidents/{incident}/timeline")).json()
    assert "王芳" in lines[-1]["text_zh"]


async def test_the_neighbour_near_an_incident_is_told_on_record(post: Post) -> None:
    incident = await post.open_incident(lat_deg=25.01, lon_deg=102.47)
    near, *others = (await coordination(post, incident))["neighbours"]
    assert (near["name"], near["distance_m"] < 2000) == ("安宁市", True)
    assert all(each["distance_m"] is None for each in others)
    duty = await post.sign_in("duty")
    url = f"incidents/{incident}/neighbour-notices"
    body = {
        "id": new_id(),
        "neighbour": near["code"],
        "told_ms": post.clock(),
        "told_to": "安宁市应急局值班员",
        "way": "phone",
    }
    assert (await duty.post(url, json=body)).status_code == 201
    assert (await duty.post(url, json=body)).status_code == 200
    (told,) = (await coordination(post, incident))["notices"]
    assert (told["name"], told["way"]) == ("安宁市", "phone")
    line = (await duty.get(f"incidents/{incident}/timeline")).json()[-1]
    assert "安宁市" in line["text_zh"]
    assert "安宁市应急局值班员" in line["text_zh"]
    await refused(duty, url, {**body, "id": new_id(), "neighbour": "530111"}, "no_such_neighbour")
    later = {**body, "id": new_id(), "told_ms": post.clock() + 3_600_000}
    await refused(duty, url, later, "told_in_future")


async def test_two_reports_of_one_event_become_one_incident(post: Post) -> None:
    first = await post.open_incident(title="西坡冒烟")
    second = await post.open_incident(title="西坡起火")
    duty = await post.sign_in("duty")
    url = f"incidents/{second}/merge"
    await refused(duty, url, {"incident_id": first}, "merge_needs_reason")
    await refused(duty, url, {"incident_id": second, "text": "同一起"}, "same_incident")
    body = {"incident_id": first, "text": "同一起火情,两人报警"}
    merged = (await duty.post(url, json=body)).json()
    assert (merged["state"], merged["merged_into_id"]) == ("closed", first)
    assert merged["linked_ids"] == [first]
    assert (await duty.post(url, json=body)).json()["version"] == merged["version"]
    into = (await duty.get(f"incidents/{first}")).json()
    assert (into["state"], into["linked_ids"]) == ("open", [second])
    line = (await duty.get(f"incidents/{first}/timeline")).json()[-1]
    assert line["action"] == "incident.merged_here"
    edit = {"version": merged["version"], "title": "别的"}
    await refused(duty, f"incidents/{second}/edit", edit, "incident_closed")
    again = await duty.post(f"incidents/{second}/reopen", json={"text": "其实是两起"})
    assert again.json()["merged_into_id"] is None


async def test_a_merged_incident_keeps_its_deadlines_and_owes_no_final_report(post: Post) -> None:
    first = await post.open_incident(kind="fire")
    second = await post.open_incident(kind="fire")
    keep_clocks(post.services)
    duty = await post.sign_in("duty")
    await duty.post(f"incidents/{second}/merge", json={"incident_id": first, "text": "同一起"})
    keep_clocks(post.services)
    clocks = (await duty.get(f"incidents/{second}/reporting")).json()["clocks"]
    # What was owed since the first call is owed still: a merge moves no deadline.
    assert any(each["stage"] == "first" and each["state"] == "running" for each in clocks)
    assert not [each for each in clocks if each["stage"] == "final"]


async def test_a_drill_is_not_merged_with_a_real_incident(post: Post) -> None:
    drill = await post.open_incident(drill=True)
    real = await post.open_incident(drill=False)
    duty = await post.sign_in("duty")
    body = {"incident_id": real, "text": "同一起"}
    await refused(duty, f"incidents/{drill}/merge", body, "drill_and_real")


async def test_a_coordinate_of_another_map_is_converted_at_intake(post: Post) -> None:
    duty = await post.sign_in("duty")
    asked = {"lat_deg": 25.02879780325287, "lon_deg": 102.63927009587051}
    same = await duty.get("map/wgs84", params={**asked, "datum": "wgs84"})
    assert same.json() == asked
    found = (await duty.get("map/wgs84", params={**asked, "datum": "gcj02"})).json()
    place = (found["lat_deg"], found["lon_deg"])
    there = (asked["lat_deg"], asked["lon_deg"])
    # 369 m is what GCJ-02 is off in Xishan; and back again it is the point that was asked.
    assert datum.distance_m(place, there) == pytest.approx(369, abs=9)
    assert datum.distance_m(datum.wgs84_to_gcj02(*place), there) < 1
