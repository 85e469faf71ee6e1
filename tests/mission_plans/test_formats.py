"""Mission items and the files of other programs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavwp

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.geojson import read_area
from mission_plans.formats.mission_items import Command, Frame, MissionItem, mission_items
from mission_plans.formats.qgc_plan import read_qgc_plan, write_qgc_plan
from mission_plans.formats.wpl import read_wpl, write_wpl
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from tests.mission_plans.areas import demo_request


@pytest.fixture(scope="module")
def items() -> list[MissionItem]:
    """Return the first sortie of the demo search."""
    return mission_items(plan_search(demo_request(2), demo_terrain(), "p").sorties[0])


def test_a_sortie_takes_off_sets_its_speed_flies_amsl_and_returns(
    items: list[MissionItem],
) -> None:
    assert [i.seq for i in items] == list(range(len(items)))
    assert [i.command for i in items[:3]] == [
        Command.NAV_WAYPOINT,
        Command.NAV_TAKEOFF,
        Command.DO_CHANGE_SPEED,
    ]
    assert items[1].z >= 50
    assert items[2].param2 == 8.0
    flown = items[3:-1]
    assert {i.command for i in flown} == {Command.NAV_WAYPOINT}
    assert {i.frame for i in flown} == {Frame.GLOBAL}
    assert min(i.z for i in flown) > 2000
    assert items[-1].command == Command.NAV_RETURN_TO_LAUNCH


def test_waypoint_files_read_back_equal(items: list[MissionItem]) -> None:
    assert read_wpl(write_wpl(items)) == items


def test_pymavlink_reads_our_waypoint_file(items: list[MissionItem], tmp_path: object) -> None:
    path = f"{tmp_path}/sortie.waypoints"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - as a user would
        file.write(write_wpl(items))
    loader = mavwp.MAVWPLoader()
    assert loader.load(path) == len(items)
    for ours, theirs in zip(items, loader.wpoints, strict=True):
        assert (theirs.seq, theirs.frame, theirs.command) == (ours.seq, ours.frame, ours.command)
        assert theirs.x == pytest.approx(ours.x / 1e7, abs=1e-8)
        assert theirs.z == pytest.approx(ours.z, abs=1e-5)


def test_qgroundcontrol_plans_read_back_equal(items: list[MissionItem]) -> None:
    assert read_qgc_plan(write_qgc_plan(items, 8.0)) == items


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("QGC WPL 120\n", "line 1"),
        ("QGC WPL 110\n0\t1\t0\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 95 0 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 nan 5 0 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 5 0 0 1\n2 0 0 16 0 0 0 0 5 0 0 1\n", "line 3"),
    ],
)
def test_broken_waypoint_files_name_their_line(text: str, where: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_wpl(text)
    assert refused.value.where == where


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"fileType": "Fence"}, "fileType"),
        ({"mission": None}, "mission"),
        ({"mission": {"items": [], "plannedHomePosition": [1, 2]}}, "mission.plannedHomePosition"),
        (
            {
                "mission": {
                    "plannedHomePosition": [1, 2, 3],
                    "items": [{"type": "ComplexItem", "complexItemType": "survey"}],
                }
            },
            "mission.items[0].type",
        ),
    ],
)
def test_broken_plans_name_their_field(
    items: list[MissionItem], change: dict[str, object], where: str
) -> None:
    document = json.loads(write_qgc_plan(items, 8.0)) | change
    with pytest.raises(PlanFileError) as refused:
        read_qgc_plan(json.dumps(document))
    assert refused.value.where == where


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "features", "mission", "items"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.text(max_size=200) | JSON.map(json.dumps))
def test_hostile_text_is_refused_with_the_files_own_error(text: str) -> None:
    for read in (read_wpl, read_qgc_plan, read_area):
        with pytest.raises(PlanFileError):
            read(text)


def test_deeply_nested_text_is_refused() -> None:
    text = '{"type":"Feature","geometry":' * 20_000
    with pytest.raises(PlanFileError):
        read_area(text + "1" + "}" * 20_000)


def test_an_area_is_found_in_a_collection_with_its_holes() -> None:
    outer = [[102.0, 25.0], [102.1, 25.0], [102.1, 25.1], [102.0, 25.0]]
    hole = [[102.01, 25.01], [102.02, 25.01], [102.02, 25.02], [102.01, 25.01]]
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [102, 25]}},
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [outer, hole]}},
        ],
    }
    ring, holes = read_area(json.dumps(document))
    assert [(p.lon_deg, p.lat_deg) for p in ring] == [(102.0, 25.0), (102.1, 25.0), (102.1, 25.1)]
    assert len(holes) == 1
    assert len(holes[0]) == 3
