"""DJI's waypoint missions: every wayline, height, turn and action; return height always."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from mission_plans.formats.contents import DjiMission, DjiPoint, DjiWayline
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.reading import read_file
from mission_plans.formats.sortie_missions import dji_mission
from mission_plans.formats.writing import write_file
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.pattern import Hover
from mission_plans.values.plan import WaypointKind
from tests.mission_plans.areas import SMOKE, demo_request
from tests.mission_plans.plan_files import FOLDER, load


def _mission(data: bytes) -> DjiMission:
    (mission,) = read_file("a.dji.kmz", data).missions
    assert isinstance(mission, DjiMission)
    return mission


def _meaning(mission: DjiMission) -> DjiMission:
    return mission.model_copy(update={"where": "", "notes": []})


def test_a_sortie_keeps_places_heights_speeds_stays_and_its_return_height() -> None:
    made = plan_search(
        demo_request(1, area=[], pattern=Hover(point=SMOKE, duration_s=90)), demo_terrain(), "h"
    )
    (sortie,) = made.sorties
    ours = dji_mission(sortie, 340.2)
    data = write_file("a.dji.kmz", [ours]).data
    mission = _mission(data)
    flown = [w for w in sortie.waypoints if w.kind is not WaypointKind.TAKEOFF]
    assert _meaning(mission) == _meaning(ours).model_copy(
        update={
            "waylines": [ours.waylines[0].model_copy(update={"points": mission.waylines[0].points})]
        }
    )
    for point, waypoint in zip(mission.waylines[0].points, flown, strict=True):
        assert point.lat_deg == pytest.approx(waypoint.lat_deg, abs=1e-7)
        assert point.lon_deg == pytest.approx(waypoint.lon_deg, abs=1e-7)
        assert point.height_m == pytest.approx(
            waypoint.altitude_amsl_m - sortie.launch_amsl_m, abs=0.01
        )
        assert point.hold_s == pytest.approx(waypoint.hold_s)
    assert sum(p.hold_s for p in mission.waylines[0].points) == pytest.approx(90)
    assert (mission.finish, mission.on_lost_link) == ("goHome", "goBack")
    # Rounded up: never below what clears the ground.
    assert mission.return_height_m == 341
    climb_m = sortie.waypoints[0].altitude_amsl_m - sortie.launch_amsl_m
    assert mission.takeoff_height_m == pytest.approx(climb_m, abs=0.06)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["wpmz/template.kml", "wpmz/waylines.wpml"]
        for member in archive.namelist():
            assert b"globalRTHHeight>341<" in archive.read(member)


def test_every_wayline_is_read() -> None:
    contents = load("mapping3d_5waylines_relative.kmz")
    (mission,) = contents.missions
    assert isinstance(mission, DjiMission)
    assert len(mission.waylines) == 5
    assert sum(len(w.points) for w in mission.waylines) == 33
    assert mission.return_height_m == 100
    assert [a.name for a in contents.areas] == ["template"]


def test_heights_turns_headings_and_actions_are_read() -> None:
    (mission,) = load("waylines.wpml").missions
    assert isinstance(mission, DjiMission)
    (wayline,) = mission.waylines
    assert wayline.height_reference == "ellipsoid"
    names = [a.name for g in wayline.groups for a in g.actions]
    assert sorted(names) == ["orientedShoot", "orientedShoot", "rotateYaw"]
    assert {p.turn_mode for p in wayline.points} == {"toPointAndStopWithDiscontinuityCurvature"}
    assert wayline.points[0].heading["waypointPoiPoint"] == "0.000000,0.000000,0.000000"
    assert "waypointGimbalPitchAngle" in wayline.points[0].gimbal
    shoot = next(a for g in wayline.groups for a in g.actions if a.name == "orientedShoot")
    assert "gimbalPitchRotateAngle" in shoot.parameters


@pytest.mark.parametrize("name", ["seed.kmz", "waylines.wpml", "mapping3d_5waylines_relative.kmz"])
def test_missions_of_other_programs_are_written_again_with_the_same_meaning(name: str) -> None:
    (mission,) = load(name).missions
    assert isinstance(mission, DjiMission)
    written = write_file("b.dji.kmz", [mission])
    assert _meaning(_mission(written.data)) == _meaning(mission)
    said = [note.en for note in written.notes]
    assert bool(said) == (mission.return_height_m is None)


@pytest.mark.parametrize(
    ("mode", "reference"),
    [
        ("relativeToStartPoint", "relative"),
        ("WGS84", "ellipsoid"),
        ("EGM96", "amsl"),
        ("aboveGroundLevel", "agl"),
    ],
)
def test_templates_say_their_heights(mode: str, reference: str) -> None:
    text = (
        "<kml xmlns:wpml='http://www.dji.com/wpmz/1.0.2'><Document><wpml:missionConfig/><Folder>"
        "<wpml:templateType>waypoint</wpml:templateType><wpml:waylineCoordinateSysParam>"
        f"<wpml:heightMode>{mode}</wpml:heightMode></wpml:waylineCoordinateSysParam>"
        "<wpml:autoFlightSpeed>5</wpml:autoFlightSpeed><wpml:globalHeight>70</wpml:globalHeight>"
        "<Placemark><Point><coordinates>102.6,24.9</coordinates></Point>"
        "<wpml:useGlobalHeight>1</wpml:useGlobalHeight><wpml:height>9</wpml:height></Placemark>"
        "<Placemark><Point><coordinates>102.7,24.9</coordinates></Point>"
        "<wpml:useGlobalHeight>0</wpml:useGlobalHeight><wpml:height>90</wpml:height></Placemark>"
        "</Folder></Document></kml>"
    )
    (mission,) = read_file("template.kml", text.encode()).missions
    assert isinstance(mission, DjiMission)
    (wayline,) = mission.waylines
    assert wayline.height_reference == reference
    assert [(p.height_m, p.speed_ms) for p in wayline.points] == [(70, 5), (90, 5)]
    if reference in ("amsl", "agl"):
        with pytest.raises(PlanFileError, match="above take-off"):
            write_file("a.dji.kmz", [mission])


def test_common_turns_count_where_a_point_says_so() -> None:
    point = (
        "<Placemark><Point><coordinates>102.6,24.9</coordinates></Point><wpml:height>9"
        "</wpml:height><wpml:useGlobalTurnParam>{}</wpml:useGlobalTurnParam>"
        "<wpml:waypointTurnParam><wpml:waypointTurnMode>coordinateTurn</wpml:waypointTurnMode>"
        "<wpml:waypointTurnDampingDist>3</wpml:waypointTurnDampingDist></wpml:waypointTurnParam>"
        "</Placemark>"
    )
    text = (
        "<kml xmlns:wpml='http://www.dji.com/wpmz/1.0.2'><Document><wpml:missionConfig/><Folder>"
        "<wpml:executeHeightMode>WGS84</wpml:executeHeightMode><wpml:globalWaypointTurnMode>"
        f"toPointAndPassWithContinuityCurvature</wpml:globalWaypointTurnMode>{point.format(0)}"
        f"{point.format(1)}</Folder></Document></kml>"
    )
    (mission,) = read_file("template.kml", text.encode()).missions
    assert isinstance(mission, DjiMission)
    assert [(p.turn_mode, p.turn_damping_m) for p in mission.waylines[0].points] == [
        ("coordinateTurn", 3),
        ("toPointAndPassWithContinuityCurvature", 0),
    ]


def test_a_return_height_no_aircraft_takes_is_refused() -> None:
    wayline = DjiWayline(
        height_reference="relative",
        speed_ms=5,
        points=[DjiPoint(lat_deg=1, lon_deg=2, height_m=30, speed_ms=5)],
    )
    mission = DjiMission(waylines=[wayline], return_height_m=1600)
    with pytest.raises(PlanFileError, match="globalRTHHeight"):
        write_file("a.dji.kmz", [mission])


def test_an_unknown_height_mode_is_refused_by_name(tmp_path: Path) -> None:
    text = (FOLDER / "waylines.wpml").read_text(encoding="utf-8").replace(">WGS84<", ">MARS<")
    with pytest.raises(PlanFileError, match="MARS"):
        read_file("waylines.wpml", text.encode())
