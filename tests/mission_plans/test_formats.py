"""Mission items, QGroundControl's plans and waypoint files."""

import json
from typing import Any

import pytest
from pymavlink import mavutil, mavwp

from mission_plans.formats.contents import (
    FenceThing,
    FileItem,
    FilePoint,
    MavlinkMission,
    Place,
    Rally,
    Thing,
)
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_items import Command, Frame, MissionItem, mission_items
from mission_plans.formats.reading import read_file
from mission_plans.formats.sortie_missions import mavlink_mission
from mission_plans.formats.writing import write_file
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence, SortiePlan
from tests.mission_plans.areas import SMOKE, demo_area, demo_request
from tests.mission_plans.plan_files import FOLDER, load

RETURN_M = 340.0


@pytest.fixture(scope="module")
def sortie() -> SortiePlan:
    """Return the first sortie of the demo search."""
    return plan_search(demo_request(2), demo_terrain(), "p").sorties[0]


@pytest.fixture(scope="module")
def items(sortie: SortiePlan) -> list[MissionItem]:
    return mission_items(sortie)


@pytest.fixture(scope="module")
def mission(sortie: SortiePlan) -> MavlinkMission:
    return mavlink_mission(sortie, RETURN_M)


FENCES = [
    Fence(id="P1", kind="include", name="P1", polygon=demo_area()),
    Fence(id="C1", kind="exclude", name="C1", centre=SMOKE, radius_m=80.5),
]
RALLY = Rally(
    name="rally", places=[Place(lat_deg=24.9512, lon_deg=102.6131, altitude_m=350.0, name="R1")]
)


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


def test_a_mission_for_files_is_what_is_uploaded(
    items: list[MissionItem], mission: MavlinkMission
) -> None:
    assert [i.command for i in mission.items] == [i.command for i in items[1:]]
    assert mission.home is not None
    assert round(mission.home.lat_deg * 1e7) == items[0].x
    waypoints = [i for i in mission.items if i.command == Command.NAV_WAYPOINT]
    # Yaw is left to the autopilot: zero would turn the nose to the north.
    assert {i.params[3] for i in waypoints} == {None}


def test_a_sortie_that_ends_away_from_home_climbs_before_it_turns_home(
    sortie: SortiePlan,
) -> None:
    away = sortie.model_copy(update={"waypoints": sortie.waypoints[:-1]})
    *_, last, climb, back = mavlink_mission(away, 900.2).items
    assert back.command == Command.NAV_RETURN_TO_LAUNCH
    assert climb.params[4:6] == last.params[4:6]
    assert climb.params[6] == pytest.approx(sortie.launch_amsl_m + 901)


def _same(one: MavlinkMission, other: MavlinkMission, *, yaw: bool = True) -> None:
    fields = ("home", "firmware_type", "vehicle_type", "cruise_ms", "hover_ms", "return_height_m")
    for name in fields:
        assert getattr(one, name) == getattr(other, name), name
    assert one.items == other.items


def test_qgroundcontrol_plans_read_back_with_fences_rally_and_return_height(
    mission: MavlinkMission,
) -> None:
    px4 = mission.model_copy(update={"firmware_type": 12, "vehicle_type": 19, "hover_ms": 3.5})
    things: list[Thing] = [px4, *(FenceThing(name=f.name, fence=f) for f in FENCES), RALLY]
    written = write_file("a.plan", things)
    again = read_file("a.plan", written.data)
    (back,) = again.missions
    assert isinstance(back, MavlinkMission)
    _same(back, px4)
    assert again.fences == FENCES
    assert again.rally == RALLY.places
    assert again.left_out == []
    assert "RTL_ALT=34000" in written.notes[0].en


def test_rally_points_below_the_return_height_are_named(mission: MavlinkMission) -> None:
    low = Rally(places=[Place(lat_deg=24.95, lon_deg=102.61, altitude_m=50)])
    notes = write_file("a.plan", [mission, low]).notes
    assert any("lower than the return height" in note.en for note in notes)


def test_waypoint_fence_and_rally_files_read_back(mission: MavlinkMission) -> None:
    things: list[Thing] = [mission, *(FenceThing(name=f.name, fence=f) for f in FENCES), RALLY]
    written = write_file("a.waypoints", things)
    (back,) = read_file("a.waypoints", written.data).missions
    assert isinstance(back, MavlinkMission)
    assert back.items == mission.items
    assert back.home == mission.home
    assert {one.name for one in written.left_out} == {"fences", "rally points and return height"}
    fences = read_file("a.fence", write_file("a.fence", things).data)
    assert [(f.kind, len(f.polygon), f.radius_m) for f in fences.fences] == [
        (f.kind, len(f.polygon), f.radius_m) for f in FENCES
    ]
    assert fences.missions == []
    rally = read_file("a.rally", write_file("a.rally", things).data)
    assert [p.altitude_m for p in rally.rally] == [350.0, RETURN_M]


def test_pymavlink_reads_our_waypoint_file(
    mission: MavlinkMission, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever else runs in this process may have chosen the other version of the protocol.
    monkeypatch.setenv("MAVLINK20", "1")
    mavutil.set_dialect("ardupilotmega")
    path = f"{tmp_path}/sortie.waypoints"
    with open(path, "wb") as file:  # noqa: PTH123 - as a user would
        file.write(write_file(path, [mission]).data)
    loader = mavwp.MAVWPLoader()
    assert loader.load(path) == len(mission.items) + 1
    for ours, theirs in zip(mission.items, loader.wpoints[1:], strict=True):
        assert (theirs.frame, theirs.command) == (ours.frame, ours.command)
        assert theirs.x == pytest.approx(ours.params[4], abs=1e-8)
        assert theirs.z == pytest.approx(ours.params[6], abs=1e-5)


def test_yaw_left_to_the_autopilot_and_firmware_survive() -> None:
    document = json.loads((FOLDER / "survey_with_exclusion_fence.plan").read_bytes())
    document["mission"]["firmwareType"] = 12
    contents = read_file("a.plan", json.dumps(document).encode())
    for name in ("b.plan", "b.waypoints"):
        (back,) = read_file(name, write_file(name, contents.things).data).missions
        assert isinstance(back, MavlinkMission)
        assert back.items[0].params[3] is None
        assert back.firmware_type == (12 if name == "b.plan" else None)


def test_a_survey_gives_its_area_its_flight_and_the_plans_fences() -> None:
    contents = load("survey_with_exclusion_fence.plan")
    (mission,) = contents.missions
    assert isinstance(mission, MavlinkMission)
    assert [i.command for i in mission.items] == [22, 16, 16, 177, 20]
    assert mission.complete
    assert [len(a.outer) for a in contents.areas] == [4]
    assert [(f.kind, f.radius_m) for f in contents.fences] == [("exclude", 120)]
    assert [p.altitude_m for p in contents.rally] == [2000]


def test_a_mission_with_an_item_left_out_is_not_complete() -> None:
    contents = load("structure_scan.plan")
    (mission,) = contents.missions
    assert isinstance(mission, MavlinkMission)
    assert not mission.complete
    assert [one.name for one in contents.left_out] == ["StructureScan"]
    for name in ("a.plan", "a.waypoints"):
        with pytest.raises(PlanFileError, match="not complete"):
            write_file(name, [mission])


OLDER: dict[str, Any] = {
    "MAV_AUTOPILOT": 3,
    "version": "1.0",
    "groundStation": "QGroundControl",
    "complexItems": [],
    "items": [
        {
            "autoContinue": True,
            "command": 16,
            "frame": 3,
            "param1": 0,
            "param2": 0,
            "param3": 0,
            "param4": None,
            "coordinate": [24.95, 102.61, 60],
            "type": "missionItem",
        }
    ],
    "plannedHomePosition": {"coordinate": [24.94, 102.6, 0]},
}


def test_files_of_older_versions_are_read() -> None:
    contents = read_file("a.mission", json.dumps(OLDER).encode())
    (mission,) = contents.missions
    assert isinstance(mission, MavlinkMission)
    assert mission.items[0].params == [0, 0, 0, None, 24.95, 102.61, 60]
    assert mission.firmware_type == 3
    fence = {"fileType": "GeoFence", "version": 1, "polygon": [[1, 2], [3, 2], [3, 4]]}
    assert len(read_file("a.fence", json.dumps(fence).encode()).fences[0].polygon) == 3
    rally = {"fileType": "RallyPoints", "version": 1, "points": [[1, 2, 30]]}
    assert read_file("a.rally", json.dumps(rally).encode()).rally[0].altitude_m == 30


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"mission": None}, ""),
        ({"mission": {"plannedHomePosition": [1, 2, 3], "items": 5}}, "mission.items"),
        ({"mission": {"plannedHomePosition": [1, 2], "items": []}}, "mission.plannedHomePosition"),
        (
            {"mission": {"items": [{"type": "SimpleItem", "frame": 3, "command": "16"}]}},
            "mission.items[0].command",
        ),
        ({"geoFence": {"polygons": [{"polygon": [[1, 2]], "inclusion": True}]}}, "polygons[0]"),
        ({"geoFence": {"polygons": [{"polygon": [[1, 2], [3, 4], [5, 6]]}]}}, "inclusion"),
        (
            {
                "geoFence": {
                    "circles": [{"circle": {"center": [1, 2], "radius": -1}, "inclusion": True}]
                }
            },
            "radius",
        ),
        ({"geoFence": {"circles": 5}}, "geoFence.circles"),
        ({"geoFence": 7}, "geoFence"),
        ({"geoFence": {"breachReturn": [1, 2, 3]}}, "breachReturn"),
        ({"rallyPoints": {"points": [[1, None, 3]]}}, "rallyPoints.points[0]"),
    ],
)
def test_broken_parts_of_a_plan_are_left_out_by_field(
    change: dict[str, object], where: str
) -> None:
    document = json.loads((FOLDER / "survey_with_exclusion_fence.plan").read_bytes()) | change
    contents = read_file("a.plan", json.dumps(document).encode())
    assert where in " ".join(one.where for one in contents.left_out)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("QGC WPL 120\n", "line 1"),
        ("QGC WPL 110\n", "file"),
        ("QGC WPL 110\n0\t1\t0\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 95 0 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 nan 16 0 0 0 0 5 5 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 x 5 0 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 inf 0 0 0 5 0 0 1\n", "line 2"),
        ("QGC WPL 110\n0 1 0 16 0 0 0 0 5 0 0 1\n1 0 3 5003 -4 0 0 0 5 0 0 1\n", "line 3"),
    ],
)
def test_broken_waypoint_files_name_their_line(text: str, where: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_file("a.waypoints", text.encode())
    assert refused.value.where == where


@pytest.mark.parametrize("separator", ["\t", " ", ",", ", ", ";"])
def test_waypoint_files_of_every_separator(separator: str) -> None:
    rows = ["0 1 0 16 0 0 0 0 24.9 102.6 2000 1", "1 0 3 16 0 0 0 nan 24.95 102.61 60.5 1"]
    lines = ["QGC WPL 110", "# a comment", "", *(separator.join(r.split()) for r in rows)]
    contents = read_file("a.waypoints", "\r\n".join(lines).encode("utf-8-sig"))
    (mission,) = contents.missions
    assert isinstance(mission, MavlinkMission)
    assert mission.home == FilePoint(lat_deg=24.9, lon_deg=102.6, altitude_m=2000)
    assert mission.items == [
        FileItem(frame=3, command=16, params=[0, 0, 0, None, 24.95, 102.61, 60.5])
    ]


def test_kinds_of_fence_that_are_not_known_are_left_out_by_name() -> None:
    rows = ["0 0 0 5005 50 0 0 0 0 0 0 0", "1 0 3 5003 40 0 0 0 24.9 102.6 0 1"]
    contents = read_file("a.txt", "\n".join(["QGC WPL 110", *rows]).encode())
    assert [f.radius_m for f in contents.fences] == [40]
    assert [(one.where, one.name) for one in contents.left_out] == [("line 2", "MAV_CMD 5005")]


def test_a_first_item_that_is_no_home_is_flown() -> None:
    rows = ["0 0 3 22 0 0 0 0 24.9 102.6 30 1", "1 0 3 16 0 0 0 0 24.95 102.61 60 1"]
    (mission,) = read_file("a.txt", "\n".join(["QGC WPL 110", *rows]).encode()).missions
    assert isinstance(mission, MavlinkMission)
    assert (mission.home, [i.command for i in mission.items]) == (None, [22, 16])


def test_a_gap_in_the_numbers_is_said() -> None:
    row = "{} 0 3 16 0 0 0 0 24.95 102.61 60.5 1"
    text = "\n".join(["QGC WPL 110", row.format(0), row.format(2)])
    assert "gaps" in read_file("a.waypoints", text.encode()).notes[0].en


def test_nothing_is_written_where_nothing_can_be() -> None:
    fence = FenceThing(fence=FENCES[0])
    for name in ("a.waypoints", "a.rally", "a.dji.kmz", "a.gpx", "a.csv"):
        with pytest.raises(PlanFileError, match="nothing it can carry"):
            write_file(name, [fence])
    with pytest.raises(PlanFileError, match=r"\.geojson"):
        write_file("a.shp", [fence])


def test_fences_an_autopilot_cannot_keep_are_named() -> None:
    ring = [GeoPoint(lat_deg=a, lon_deg=b) for a, b in ((1, 2), (1, 3), (2, 3))]
    controlled = Fence(id="c", kind="controlled", name="机场", polygon=ring, max_agl_m=60)
    approved = controlled.model_copy(update={"approval_id": "云空 1"})
    written = write_file("a.plan", [FenceThing(fence=controlled), FenceThing(fence=approved)])
    assert len(read_file("a.plan", written.data).fences) == 1
    said = " ".join(one.en for one in written.left_out)
    assert all(part in said for part in ("kept out of", "60 m", "approved"))
