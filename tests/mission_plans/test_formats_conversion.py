"""Missions of one kind of autopilot as files of the other."""

import pytest

from mission_plans.formats.contents import DjiMission, MavlinkMission
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_items import Command
from mission_plans.formats.reading import read_file
from mission_plans.formats.sortie_missions import dji_mission, mavlink_mission
from mission_plans.formats.writing import write_file
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.pattern import Hover
from mission_plans.values.plan import SortiePlan
from tests.mission_plans.areas import SMOKE, demo_request
from tests.mission_plans.plan_files import load


@pytest.fixture(scope="module")
def sortie() -> SortiePlan:
    request = demo_request(1, area=[], pattern=Hover(point=SMOKE, duration_s=90))
    return plan_search(request, demo_terrain(), "h").sorties[0]


def test_a_mission_of_mavlink_becomes_one_of_dji(sortie: SortiePlan) -> None:
    written = write_file("a.dji.kmz", [mavlink_mission(sortie, 340.0)])
    (mission,) = read_file("a.dji.kmz", written.data).missions
    assert isinstance(mission, DjiMission)
    ours = dji_mission(sortie, 340.0)
    found = [(p.lat_deg, p.lon_deg, p.height_m, p.hold_s) for p in mission.waylines[0].points]
    wanted = [(p.lat_deg, p.lon_deg, p.height_m, p.hold_s) for p in ours.waylines[0].points]
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one[:2] == pytest.approx(other[:2], abs=1e-7)
        assert one[2:] == pytest.approx(other[2:], abs=0.01)
    assert {p.speed_ms for p in mission.waylines[0].points} == {sortie.cruise_ms}
    assert (mission.return_height_m, mission.finish) == (340, "goHome")


def test_a_mission_of_dji_becomes_one_of_mavlink(sortie: SortiePlan) -> None:
    ours = dji_mission(sortie, 340.0)
    written = write_file("a.waypoints", [ours])
    (mission,) = read_file("a.waypoints", written.data).missions
    assert isinstance(mission, MavlinkMission)
    flown = [i for i in mission.items if i.command == Command.NAV_WAYPOINT]
    for item, point in zip(flown, ours.waylines[0].points, strict=True):
        assert item.frame == 3
        assert item.params[4:6] == pytest.approx([point.lat_deg, point.lon_deg], abs=1e-8)
        assert (item.params[6], item.params[0]) == (point.height_m, point.hold_s)
    assert [i.command for i in mission.items][:2] == [
        Command.NAV_TAKEOFF,
        Command.DO_CHANGE_SPEED,
    ]
    assert mission.items[-1].command == Command.NAV_RETURN_TO_LAUNCH
    said = " ".join(one.en for one in written.left_out)
    assert "gimbalRotate" in said
    assert "RTL_ALT=34000" in written.notes[0].en


def test_what_dji_cannot_do_is_listed_by_command() -> None:
    contents = load("survey_with_exclusion_fence.plan")
    written = write_file("a.dji.kmz", contents.things)
    said = " ".join(one.en for one in written.left_out)
    assert "MAV_CMD 177" in said
    assert "no return height" in written.notes[0].en


@pytest.mark.parametrize(
    ("name", "target"), [("waylines.wpml", "a.plan"), ("waylines.wpml", "a.waypoints")]
)
def test_heights_that_mean_something_else_are_not_converted(name: str, target: str) -> None:
    with pytest.raises(PlanFileError, match="not above take-off"):
        write_file(target, load(name).things)


def test_heights_above_sea_level_need_a_home(sortie: SortiePlan) -> None:
    flight = mavlink_mission(sortie, 340.0).model_copy(update={"home": None})
    with pytest.raises(PlanFileError, match="above launch"):
        write_file("a.dji.kmz", [flight])
