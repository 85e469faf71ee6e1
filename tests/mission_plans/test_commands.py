"""`xunshan plan` as typed by a person."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mission_plans.allocation.return_layers import RETURN_CLEARANCE_M, ground_below_way_home_m
from mission_plans.commands import plan
from mission_plans.formats.contents import DjiMission, MavlinkMission
from mission_plans.formats.mission_items import mission_items
from mission_plans.formats.parameter_file import read_parameters
from mission_plans.formats.reading import read_file
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import SearchPlan
from tests.mission_plans.areas import demo_area

AIRCRAFT = ["--aircraft", "XS-U1@24.9478,102.6108,8,30"]


@pytest.fixture
def area(tmp_path: Path) -> str:
    """Write the demo area as GeoJSON."""
    ring = [[p.lon_deg, p.lat_deg] for p in demo_area()]
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
    return str(path)


def _run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(plan, list(words), env={"COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


def test_the_plan_is_printed_with_its_checks(area: str) -> None:
    code, out, _ = _run("search", area, *AIRCRAFT, "--wind", "225,3", "--improve", "0.1")
    assert code == 0
    assert "147.7 ha, 14 lanes" in out
    assert "XS-U1" in out
    assert "ok clearance" in out


def test_the_plan_is_written_in_every_format(area: str, tmp_path: Path) -> None:
    outputs = [tmp_path / name for name in ("p.geojson", "p.kml", "p.kmz", "p.gpx", "missions")]
    words = [word for file in outputs for word in ("--write", str(file))]
    code, out, said = _run("search", area, *AIRCRAFT, "--json", *words)
    assert code == 0
    made = SearchPlan.model_validate_json(out)
    for file in outputs[:-1]:
        contents = read_file(file.name, file.read_bytes())
        assert contents.areas[0].outer == made.request.area
        assert len(contents.paths) == len(made.sorties)
    folder = outputs[-1]
    assert len(list(folder.iterdir())) == 5 * len(made.sorties)
    for sortie in made.sorties:
        name = f"{sortie.vehicle_id}-{sortie.order + 1}"
        heights: set[float | None] = set()
        for ending in (".plan", ".dji.kmz"):
            (mission,) = read_file(ending, (folder / f"{name}{ending}").read_bytes()).missions
            assert isinstance(mission, DjiMission if ending == ".dji.kmz" else MavlinkMission)
            heights.add(mission.return_height_m)
        heights |= {
            p.altitude_m for p in read_file("r", (folder / f"{name}.rally").read_bytes()).rally
        }
        parameters = read_parameters((folder / f"{name}.param").read_bytes())
        heights.add(parameters["RTL_ALT"] / 100)
        (height_m,) = heights
        assert height_m is not None
        # An autopilot comes home no lower than it is: the height lies above all that it flies.
        flown_m = max(w.altitude_amsl_m for w in sortie.waypoints) - sortie.launch_amsl_m
        assert height_m >= flown_m
        ground_m = ground_below_way_home_m(sortie, demo_terrain())
        assert sortie.launch_amsl_m + height_m >= ground_m + RETURN_CLEARANCE_M
        assert f"RTL_ALT={height_m * 100:.0f}" in said
        (mission,) = read_file("w", (folder / f"{name}.waypoints").read_bytes()).missions
        assert isinstance(mission, MavlinkMission)
        assert [i.command for i in mission.items] == [i.command for i in mission_items(sortie)[1:]]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_plan_is_drawn_and_the_drawing_is_the_same_again(
    area: str, tmp_path: Path, ending: str
) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    for file in files:
        assert _run("search", area, *AIRCRAFT, "--draw", str(file))[0] == 0
    one, two = (file.read_bytes() for file in files)
    assert one == two
    assert one.startswith(b"\x89PNG" if ending == "png" else b"<?xml")


def test_options_are_compared_shortest_first(area: str) -> None:
    fleet = [*AIRCRAFT, "--aircraft", "XS-U2@24.9478,102.6108,8,30"]
    code, out, _ = _run(
        "compare", area, *fleet, "--heading", "0", "--heading", "20", "--fleet", "1", "--fleet", "2"
    )
    assert code == 0
    assert out.count("parallel") == 4


def test_a_pattern_of_its_own_place_needs_no_area() -> None:
    text = '{"kind": "sector", "datum": {"lat_deg": 24.94, "lon_deg": 102.62}, "radius_m": 400}'
    code, out, _ = _run("search", *AIRCRAFT, "--pattern", text)
    assert code == 0
    assert "18 lanes" in out


def test_a_plan_that_must_not_fly_exits_with_1(area: str) -> None:
    code, out, _ = _run("search", area, *AIRCRAFT, "--agl", "30")
    assert code == 1
    assert "forbids clearance" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--aircraft", "XS-U1"], "ID@LATITUDE,LONGITUDE"),
        (["--aircraft", "XS-U1@95,102"], "lat_deg"),
        (["--aircraft", "../x@24.9478,102.6108"], "letters"),
        (["--aircraft", ".x@24.9478,102.6108"], "letters"),
        (["--aircraft", "a/b@24.9478,102.6108"], "letters"),
        ([*AIRCRAFT, *AIRCRAFT], "stands twice"),
        ([*AIRCRAFT, "--write", "plan.shp"], ".geojson"),
        ([*AIRCRAFT, "--agl", "5"], "agl_m"),
        ([*AIRCRAFT, "--wind", "north"], "--wind"),
        ([*AIRCRAFT, "--pattern", "spiral"], "pattern"),
        ([*AIRCRAFT, "--draw", "plan.gif"], ".png or .svg"),
        ([*AIRCRAFT, "--terrain", "missing.npz"], "missing.npz"),
    ],
)
def test_wrong_options_are_explained(area: str, words: list[str], said: str) -> None:
    code, _, error = _run("search", area, *words)
    assert code == 2
    assert said in error


def test_a_file_that_is_no_area_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text('{"type": "Point", "coordinates": [102, 24]}')
    code, _, error = _run("search", str(path), *AIRCRAFT)
    assert code == 2
    assert "Polygon" in error
