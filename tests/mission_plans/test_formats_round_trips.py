"""What is written is read back with the same meaning, in every format that can carry it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mission_plans.formats.contents import (
    Area,
    FenceThing,
    FileContents,
    FilePoint,
    Path,
    Place,
    Points,
    Rally,
    Thing,
)
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_files import mission_files
from mission_plans.formats.plan_things import areas_of, plan_things, track_path
from mission_plans.formats.reading import read_file
from mission_plans.formats.writing import write_file
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.base import GeoPoint
from mission_plans.values.plan import Fence, SearchPlan
from tests.mission_plans.areas import SMOKE, demo_area, demo_request, ring
from tests.mission_plans.plan_files import FOLDER, load

MAPS = ("a.geojson", "a.kml", "a.kmz", "a.gpx")
HOLES = [ring((0, 0), (120, 0), (60, 120))]


@pytest.fixture(scope="module")
def plan() -> SearchPlan:
    return plan_search(demo_request(2, holes=HOLES), demo_terrain(), "demo")


def _heights(plan: SearchPlan) -> dict[str, float]:
    return {sortie.id: 340.2 + n for n, sortie in enumerate(plan.sorties)}


def _through(name: str, *things: Thing) -> FileContents:
    return read_file(name, write_file(name, things).data)


@pytest.mark.parametrize("name", MAPS)
def test_a_plan_keeps_its_area_hole_and_tracks_with_heights(name: str, plan: SearchPlan) -> None:
    again = _through(name, *plan_things(plan, _heights(plan)))
    (area,) = again.areas
    assert (area.outer, area.holes) == (plan.request.area, plan.request.holes)
    assert [p.name for p in again.paths] == [f"{s.vehicle_id} #{s.order + 1}" for s in plan.sorties]
    for path, sortie in zip(again.paths, plan.sorties, strict=True):
        assert path.height_reference == "amsl"
        height_m = math.ceil(_heights(plan)[sortie.id])
        assert f"return height {height_m} m" in path.description
        if name != "a.gpx":
            assert str(path.attributes["return_height_m"]) == str(height_m)
        assert [(p.lat_deg, p.lon_deg, p.altitude_m) for p in path.points] == [
            (w.lat_deg, w.lon_deg, w.altitude_amsl_m) for w in sortie.waypoints
        ]
    assert (
        write_file(name, plan_things(plan, _heights(plan))).data
        == write_file(name, plan_things(plan, _heights(plan))).data
    )


def test_the_second_areas_hole_stays_in_the_second_area() -> None:
    first = ring((0, 0), (300, 0), (300, 300), (0, 300))
    second = ring((500, 0), (800, 0), (800, 300), (500, 300))
    hole = ring((600, 100), (700, 100), (700, 200))
    outside = ring((2000, 100), (2100, 100), (2100, 200))
    request = demo_request(1, area=first, also=[second], holes=[hole, outside])
    assert [(a.outer, a.holes) for a in areas_of(request)] == [(first, []), (second, [hole])]


@pytest.mark.parametrize("name", [*MAPS, "a.csv"])
def test_a_flown_track_keeps_times_and_heights(name: str) -> None:
    fixes = [(1_742_050_000_000 + n * 1000, 24.9 + n / 1e5, 102.6, 2300.25 + n) for n in range(50)]
    track = track_path("XS-U1 轨迹", fixes)
    (again,) = _through(name, track).paths
    assert (again.name, again.height_reference) == ("XS-U1 轨迹", "amsl")
    assert again.points == track.points


@pytest.mark.parametrize("name", [*MAPS, "a.csv"])
def test_alerts_keep_names_words_heights_and_times(name: str) -> None:
    places = [
        Place(
            lat_deg=24.9415,
            lon_deg=102.6185,
            altitude_m=2344.5,
            time_ms=1_742_050_000_123,
            name="=烟点",
            description="火线, “东南”\n<b>&",
        ),
        Place(lat_deg=-24.9, lon_deg=-102.6, name="空 & 白"),
    ]
    alerts = Points(places=places, height_reference="amsl")
    assert [_bare(p) for p in _through(name, alerts).places] == [_bare(p) for p in places]


def _bare(place: Place) -> Place:
    return place.model_copy(update={"attributes": {}})


@pytest.mark.parametrize("name", MAPS[:3])
def test_fences_and_rally_points_keep_what_they_are(name: str) -> None:
    fences = [
        Fence(id="a", kind="include", name="甲", polygon=demo_area(), max_agl_m=120),
        Fence(id="b", kind="exclude", name="乙", centre=SMOKE, radius_m=80.5),
        Fence(
            id="c",
            kind="controlled",
            name="丙",
            polygon=demo_area(),
            reason="机场",
            approval_id="1",
        ),
    ]
    rally = Rally(places=[Place(lat_deg=24.95, lon_deg=102.61, altitude_m=90.0, name="R1")])
    again = _through(name, *(FenceThing(name=f.name, fence=f) for f in fences), rally)
    assert again.fences == fences
    assert [_bare(p) for p in again.rally] == rally.places
    assert {t.height_reference for t in again.things if isinstance(t, Rally)} == {"relative"}


@pytest.mark.parametrize("name", MAPS[:2])
def test_drawings_keep_their_properties(name: str) -> None:
    drawing = Area(
        name="危险区",
        outer=demo_area(),
        description="勿入",
        attributes={"class": "F10100", "n": "7"},
    )
    (again,) = _through(name, drawing).areas
    assert (again.name, again.description) == ("危险区", "勿入")
    assert again.attributes == drawing.attributes


@pytest.mark.parametrize("vehicle_id", ["../x", "a/b", ".x", "a\\b", "", "x" * 41, "a:b"])
def test_no_aircraft_names_a_file_outside_its_folder(plan: SearchPlan, vehicle_id: str) -> None:
    sorties = [s.model_copy(update={"vehicle_id": vehicle_id}) for s in plan.sorties]
    with pytest.raises(PlanFileError, match="file's name"):
        mission_files(plan.model_copy(update={"sorties": sorties}), _heights(plan))


def test_two_sorties_of_one_name_are_refused(plan: SearchPlan) -> None:
    twice = plan.model_copy(update={"sorties": [plan.sorties[0], plan.sorties[0]]})
    with pytest.raises(PlanFileError, match="stands twice"):
        mission_files(twice, _heights(plan))


OWN = {
    "qgc_plan": "a.plan",
    "wpl": "a.waypoints",
    "kml": "a.kml",
    "kmz": "a.kmz",
    "gpx": "a.gpx",
    "geojson": "a.geojson",
    "sartopo": "a.geojson",
    "dji_wpml": "a.dji.kmz",
}
FILES = sorted(
    p.name
    for p in FOLDER.iterdir()
    if p.suffix not in (".py", ".md", "")
    and p.name
    not in ("places.json", "bom.waypoints", "four_of_five_corners.waypoints", "structure_scan.plan")
)


@pytest.mark.parametrize("name", FILES)
def test_files_of_other_programs_are_saved_again_with_the_same_meaning(name: str) -> None:
    contents = load(name)
    own = OWN[contents.format]
    written = write_file(own, contents.things)
    lost = {one.where for one in written.left_out}
    kept = [_meaning(t) for t in contents.things if t.kind not in lost]
    assert [_meaning(t) for t in read_file(own, written.data).things] == kept


def _meaning(thing: Thing) -> dict[str, object]:
    return {**thing.model_dump(), "where": "", "notes": []}


LAT = st.floats(-85, 85, allow_nan=False)
LON = st.floats(-179, 179, allow_nan=False)
POINT = st.builds(
    FilePoint,
    lat_deg=LAT,
    lon_deg=LON,
    altitude_m=st.floats(-400, 9000, allow_nan=False),
)
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from([*MAPS, "a.csv"]),
    points=st.lists(POINT, min_size=2, max_size=8),
    reference=st.sampled_from(["amsl", "agl", "relative", "ellipsoid"]),
    called=TEXT,
)
def test_any_line_keeps_its_points(
    name: str, points: list[FilePoint], reference: str, called: str
) -> None:
    path = Path.model_validate({"name": called, "points": points, "height_reference": reference})
    (again,) = _through(name, path).paths
    heights = name != "a.gpx" or reference == "amsl"
    assert again.name == called.strip()
    for one, other in zip(again.points, points, strict=True):
        assert math.isclose(one.lat_deg, other.lat_deg, abs_tol=1e-7)
        assert math.isclose(one.lon_deg, other.lon_deg, abs_tol=1e-7)
        assert one.altitude_m == (other.altitude_m if heights else None)
    if heights and name != "a.gpx":
        assert again.height_reference == reference
    lost = write_file(name, [path]).left_out
    assert bool(lost) != heights


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(MAPS),
    corners=st.lists(st.tuples(LAT, LON), min_size=3, max_size=12, unique=True),
)
def test_any_outline_keeps_its_corners(name: str, corners: list[tuple[float, float]]) -> None:
    area = Area(name="区", outer=[GeoPoint(lat_deg=a, lon_deg=b) for a, b in corners])
    assert _through(name, area).areas[0].outer == area.outer
