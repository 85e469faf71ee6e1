"""`xunshan plan read`, `convert`, and files as areas of `search`."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mission_plans.commands import plan
from mission_plans.formats.contents import FileContents
from mission_plans.formats.reading import read_file
from mission_plans.values.plan import SearchPlan
from tests.mission_plans.plan_files import FOLDER, load

AIRCRAFT = ["--aircraft", "XS-U1@24.9478,102.6108,8,30"]


def _run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(plan, list(words), env={"COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


def _searched(name: str) -> SearchPlan:
    _, out, _ = _run("search", str(FOLDER / name), *AIRCRAFT, "--json")
    return SearchPlan.model_validate_json(out)


def test_a_plans_exclusion_fence_is_kept_and_no_track_lies_inside_it() -> None:
    made = _searched("survey_with_exclusion_fence.plan")
    (fence,) = made.request.fences
    assert fence.centre is not None
    assert fence.radius_m is not None
    metres = 111_195.0
    narrow = math.cos(math.radians(fence.centre.lat_deg))
    for sortie in made.sorties:
        for one, other in zip(sortie.waypoints, sortie.waypoints[1:], strict=False):
            for part in range(51):
                lat = one.lat_deg + (other.lat_deg - one.lat_deg) * part / 50
                lon = one.lon_deg + (other.lon_deg - one.lon_deg) * part / 50
                north_m = (lat - fence.centre.lat_deg) * metres
                east_m = (lon - fence.centre.lon_deg) * metres * narrow
                assert math.hypot(north_m, east_m) > fence.radius_m - 1


def test_what_a_file_holds_and_planning_does_not_use_is_said() -> None:
    code, _, said = _run("search", str(FOLDER / "survey_with_exclusion_fence.plan"), *AIRCRAFT)
    assert code == 0
    assert "exclude, 120 m" in said
    assert "not used for planning: mission, rally" in said


def test_a_closed_line_is_taken_as_area_and_that_is_said() -> None:
    code, _, said = _run("search", str(FOLDER / "linearea.kml"), *AIRCRAFT)
    assert code == 0
    assert "closed lines are taken as areas" in said


def test_compare_says_once_what_it_read() -> None:
    words = ["--heading", "0", "--heading", "90"]
    code, _, said = _run("compare", str(FOLDER / "gbk.kml"), *AIRCRAFT, *words)
    assert code == 0
    assert said.count("gbk (declaration)") == 1


def test_areas_that_repeat_are_taken_once_and_that_is_said() -> None:
    code, _, said = _run("search", str(FOLDER / "repeat.kmz"), *AIRCRAFT)
    assert code == 0
    assert "3999 areas are the same as others" in said


def test_more_areas_than_are_planned_at_once_are_refused_in_words(tmp_path: Path) -> None:
    parts = [
        [[[102.6 + n * 1e-3, 24.94], [102.6005 + n * 1e-3, 24.94], [102.6 + n * 1e-3, 24.941]]]
        for n in range(102)
    ]
    path = tmp_path / "many.geojson"
    path.write_text(json.dumps({"type": "MultiPolygon", "coordinates": parts}))
    code, _, said = _run("search", str(path), *AIRCRAFT)
    assert code == 2
    assert "at most 101 are planned at once" in said


def test_holes_of_a_second_area_come_with_it() -> None:
    made = _searched("two_areas_hole_in_second.out.geojson")
    assert (len(made.request.also), len(made.request.holes)) == (1, 1)


def test_a_file_without_area_is_refused_by_what_it_holds() -> None:
    code, _, said = _run("search", str(FOLDER / "track.gpx"), *AIRCRAFT)
    assert code == 2
    assert "Polygon" in said


def test_read_prints_what_was_read_and_what_was_left_out() -> None:
    code, out, _ = _run("read", str(FOLDER / "oneempty.kml"))
    assert code == 0
    assert "kml, utf-8 (standard)" in out
    assert "搜索区" in out
    assert "line 1 outerBoundaryIs “bad”" in out
    code, out, _ = _run("read", str(FOLDER / "oneempty.kml"), "--json")
    assert FileContents.model_validate_json(out) == load("oneempty.kml")
    code, _, error = _run("read", str(FOLDER / "none.kml"))
    assert (code, "none.kml" in error) == (2, True)


@pytest.mark.parametrize(
    "file", sorted(p.name for p in FOLDER.iterdir() if p.suffix in (".kml", ".plan", ".gpx"))
)
def test_every_file_can_be_read_and_converted(file: str, tmp_path: Path) -> None:
    target = tmp_path / "out.geojson"
    code, out, _ = _run("convert", str(FOLDER / file), str(target))
    assert code == 0
    assert str(target) in out
    assert json.loads(target.read_bytes())["features"]


def test_convert_says_what_is_lost_and_never_writes_over(tmp_path: Path) -> None:
    source, target = str(FOLDER / "survey_with_exclusion_fence.plan"), tmp_path / "out.waypoints"
    code, out, _ = _run("convert", source, str(target))
    assert code == 0
    assert "can't be written: file “fences”" in out
    assert "set RTL_ALT" in out
    before = target.read_bytes()
    code, _, error = _run("convert", source, str(target))
    assert code == 2
    assert "never written over" in error
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out.waypoints"]


def test_convert_refuses_to_write_nothing(tmp_path: Path) -> None:
    code, _, error = _run("convert", str(FOLDER / "tabs.kml"), str(tmp_path / "out.plan"))
    assert code == 2
    assert "nothing it can carry" in error
    assert list(tmp_path.iterdir()) == []


def test_a_plan_goes_through_waypoints_and_back(tmp_path: Path) -> None:
    for source, target in (("comma.waypoints", "a.plan"),):
        assert _run("convert", str(FOLDER / source), str(tmp_path / target))[0] == 0
        (mission,) = read_file(target, (tmp_path / target).read_bytes()).missions
        assert mission.home is not None if mission.system == "mavlink" else False
