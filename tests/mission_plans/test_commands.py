"""`xunshan plan` as typed by a person."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mission_plans.commands import plan
from mission_plans.formats.wpl import read_wpl
from mission_plans.plan import SearchPlan
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
    app = typer.Typer()
    app.command("plan")(plan)
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


def test_the_plan_is_printed_with_its_checks(area: str) -> None:
    code, out, _ = _run(area, *AIRCRAFT)
    assert code == 0
    assert "148 ha, 22 lanes" in out
    assert "XS-U1 #1" in out
    assert "clearance" in out


def test_json_and_waypoint_files_hold_the_whole_plan(area: str, tmp_path: Path) -> None:
    code, out, _ = _run(area, *AIRCRAFT, "--json", "--wpl", str(tmp_path / "wpl"))
    assert code == 0
    made = SearchPlan.model_validate_json(out)
    files = sorted((tmp_path / "wpl").iterdir())
    assert len(files) == len(made.sorties)
    assert all(len(read_wpl(f.read_text())) > 5 for f in files)


def test_a_plan_that_must_not_fly_exits_with_1(area: str) -> None:
    code, out, _ = _run(area, *AIRCRAFT, "--agl", "30")
    assert code == 1
    assert "BLOCK" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--aircraft", "XS-U1"], "ID@LATITUDE,LONGITUDE"),
        (["--aircraft", "XS-U1@95,102"], "lat_deg"),
        ([*AIRCRAFT, "--agl", "5"], "agl_m"),
        ([*AIRCRAFT, "--terrain", "missing.npz"], "missing.npz"),
    ],
)
def test_wrong_options_are_explained(area: str, words: list[str], said: str) -> None:
    code, _, error = _run(area, *words)
    assert code == 2
    assert said in error


def test_a_file_that_is_no_area_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text("{}")
    code, _, error = _run(str(path), *AIRCRAFT)
    assert code == 2
    assert "Polygon" in error
