import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario import DEFAULT_SCENARIO

Path_ = list[str | int]


def changed(path: Path_, value: object) -> dict[str, Any]:
    """The default scenario with one value replaced."""
    scenario = json.loads(DEFAULT_SCENARIO.read_text(encoding="utf-8"))
    place = scenario
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return scenario


def load(tmp_path: Path, content: object) -> Scenario:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return load_scenario(file)


def test_the_default_demo_is_a_good_scenario() -> None:
    scenario = load_scenario(DEFAULT_SCENARIO)
    assert [craft.id for craft in scenario.aircraft] == ["XS-U1", "XS-U2", "XS-U3", "XS-U4"]
    assert sum(team.people for team in scenario.teams) == 270
    origin = scenario.fire_origin()
    assert origin is not None
    assert (origin.lat_deg, origin.lon_deg) == (24.9415, 102.6185)
    assert len(scenario.sim.people) == 3
    south, north = 24.9275, 24.9385
    west, east = 102.6205, 102.6325
    for person in scenario.sim.people:
        for lat, lon in person.path:
            assert south < lat < north
            assert west < lon < east


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["weather", "wind_dir_from"], 400, r"weather\.wind_dir_from: .*less than 360 \(got 400\)"),
        (["crs"], "GCJ-02", r"crs: .*'WGS-84' \(got 'GCJ-02'\)"),
        (["aircraft", 0, "base"], "MOON", r"aircraft\.0\.base: .*'MOON'; allowed: .*FCP"),
        (["aircraft", 1, "sysid"], 1, r"aircraft\.sysid: must be different; used twice: 1"),
        (["aircraft", 0, "wings"], 2, r"aircraft\.0\.wings: Extra inputs are not permitted"),
        (
            [
                "points",
                "X",
            ],
            {"lat": 91, "lon": 0},
            r"points\.X\.lat: .*less than or equal to 90",
        ),
        (["timeline", 0, 0], "25:00", r"timeline\.0\.0: "),
        (["timeline", 0, 1], "Z", r"timeline\.0\.1: Input should be 'I', 'O', 'C' or 'T'"),
        (["sim", "fire", "origin"], "NOWHERE", r"sim\.fire\.origin: .*SMOKE"),
        (["sim", "people", 0, "speed_ms"], -1, r"sim\.people\.0\.speed_ms: .*\(got -1\)"),
        (["sim", "people", 0, "path"], [], r"sim\.people\.0\.path: .*at least 1 item"),
        (["sim", "terminals", 0, "terminal_id"], "HT-99", r"terminal_id: .*allowed: HT-01"),
        (["sim", "cameras", "width_px"], 641, r"sim\.cameras\.width_px: .*multiple of 2"),
        (["fences", 0, "polygon"], [], r"fences\.0: G1 needs either `polygon` .* or `circle`"),
        (["fences", 0, "polygon"], [[25, 102], [25, 103]], r"fences\.0: G1 .* of three points"),
        (["fences", 0, "circle"], [25, 102, 50], r"fences\.0: G1 needs either"),
        (["fences", 1, "id"], "G1", r"fences\.id: must be different; used twice: G1"),
        (["terminals", 0, "kind"], "phone", r"terminals\.0\.kind: Input should be '执法终端', .*"),
        (["terminals", 0, "team_id"], "T99", r"terminals\.0\.team_id: .*'T99'; allowed: .*T1"),
        (["points", "FCP again"], {"lat": 25, "lon": 102}, r"points: .*used twice: FCP"),
        (["points", " "], {"lat": 25, "lon": 102}, r"points: a name must begin with .* code"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(
    tmp_path: Path, path: Path_, value: object, says: str
) -> None:
    with pytest.raises(ScenarioError, match=says) as caught:
        load(tmp_path, changed(path, value))
    assert "scenario.json" in str(caught.value)


def test_a_roster_alone_is_a_scenario(tmp_path: Path) -> None:
    """A command post may be seeded from a file without an exercise in it."""
    craft = {
        "id": "XS-U1",
        "name": "侦察一号",
        "type": "copter",
        "base": "FCP",
        "sysid": 1,
        "cruise_ms": 8,
        "endurance_min": 30,
    }
    scenario = load(
        tmp_path,
        {
            "id": "POST",
            "crs": "WGS-84",
            "points": {"FCP 前线指挥所": {"lat": 24.9478, "lon": 102.6108}},
            "aircraft": [craft],
        },
    )
    assert scenario.point("FCP").lat_deg == 24.9478
    assert scenario.weather.wind_ms == 0
    assert scenario.fire_origin() is None


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    scenario = json.loads(DEFAULT_SCENARIO.read_text(encoding="utf-8"))
    del scenario["aircraft"][2]["cruise_ms"]
    with pytest.raises(ScenarioError, match=r"aircraft\.2\.cruise_ms: Field required"):
        load(tmp_path, scenario)


def test_a_file_that_is_no_json_names_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "scenario.json"
    file.write_text('{\n "id": "x",\n oops\n}', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"scenario\.json: line 3, column 2: not JSON"):
        load_scenario(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nothing\.json: can't be read"):
        load_scenario(tmp_path / "nothing.json")


@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "points", "aircraft", "sim", "weather", "timeline", "title"]
                ),
                inner,
            )
        ),
    )
)
def test_any_json_is_a_scenario_or_a_scenario_error(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    with pytest.raises(ScenarioError):
        load(tmp_path_factory.getbasetemp(), content)
