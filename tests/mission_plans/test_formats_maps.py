"""KML, KMZ, DJI WPML, GeoJSON and QGroundControl areas: files as the programs write them."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.files import read_area_file, read_path_file
from mission_plans.formats.geojson import read_areas, read_line, write_geojson
from mission_plans.formats.kml import read_kml, read_kmz, write_kml, write_kmz
from mission_plans.formats.mission_items import mission_items
from mission_plans.formats.qgc_plan import (
    read_qgc_area,
    read_qgc_fences,
    read_qgc_plan,
    write_qgc_plan,
)
from mission_plans.formats.wpml import WAYLINES, read_wpml, write_wpml
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import plan_search
from mission_plans.values.base import GeoPoint
from mission_plans.values.pattern import Hover
from mission_plans.values.plan import Fence, SearchPlan, WaypointKind
from tests.mission_plans.areas import SMOKE, demo_area, demo_request, ring

GOOGLE_EARTH = b"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document>
  <name>search</name>
  <Folder><Placemark><name>area</name><styleUrl>#m</styleUrl>
    <Polygon><tessellate>1</tessellate>
      <outerBoundaryIs><LinearRing><coordinates>
        102.61,24.93,0 102.62,24.93,0 102.62,24.94,0 102.61,24.94,0 102.61,24.93,0
      </coordinates></LinearRing></outerBoundaryIs>
      <innerBoundaryIs><LinearRing><coordinates>
        102.612,24.932,0 102.614,24.932,0 102.614,24.934,0 102.612,24.932,0
      </coordinates></LinearRing></innerBoundaryIs>
    </Polygon></Placemark></Folder>
  <Placemark><name>trail</name><LineString><coordinates>
    102.61,24.93 102.615,24.935 102.62,24.938</coordinates></LineString></Placemark>
  <Placemark><name>LKP</name><Point><coordinates>102.6265,24.9330,2455</coordinates></Point>
  </Placemark>
</Document></kml>"""

QGC_SURVEY = {
    "fileType": "Plan",
    "version": 1,
    "groundStation": "QGroundControl",
    "geoFence": {
        "circles": [
            {
                "circle": {"center": [24.94, 102.61], "radius": 120.5},
                "inclusion": False,
                "version": 1,
            }
        ],
        "polygons": [
            {
                "polygon": [[24.9, 102.6], [24.9, 102.7], [25.0, 102.7]],
                "inclusion": True,
                "version": 1,
            }
        ],
        "version": 2,
    },
    "mission": {
        "version": 2,
        "firmwareType": 3,
        "vehicleType": 2,
        "cruiseSpeed": 15,
        "hoverSpeed": 5,
        "globalPlanAltitudeMode": 1,
        "plannedHomePosition": [24.93, 102.61, 2200],
        "items": [
            {
                "type": "SimpleItem",
                "command": 22,
                "frame": 3,
                "autoContinue": True,
                "doJumpId": 1,
                "params": [15, 0, 0, None, 24.93, 102.61, 50],
            },
            {
                "type": "ComplexItem",
                "complexItemType": "survey",
                "angle": 45,
                "polygon": [[24.93, 102.61], [24.94, 102.61], [24.94, 102.62], [24.93, 102.62]],
                "TransectStyleComplexItem": {
                    "CameraCalc": {"CameraName": "Custom Camera"},
                    "Items": [
                        {
                            "type": "SimpleItem",
                            "command": 16,
                            "frame": 3,
                            "autoContinue": True,
                            "doJumpId": 2,
                            "params": [0, 0, 0, None, 24.931, 102.611, 50],
                        },
                        {
                            "type": "SimpleItem",
                            "command": 206,
                            "frame": 2,
                            "autoContinue": True,
                            "doJumpId": 3,
                            "params": [25, 0, 1, 0, 0, 0, 0],
                        },
                    ],
                    "VisualTransectPoints": [[24.931, 102.611]],
                },
            },
        ],
    },
    "rallyPoints": {"points": [], "version": 2},
}


@pytest.fixture(scope="module")
def plan() -> SearchPlan:
    return plan_search(
        demo_request(2, holes=[ring((0, 0), (120, 0), (60, 120))]), demo_terrain(), "demo"
    )


def test_a_google_earth_file_gives_area_hole_trail_and_place() -> None:
    found = read_kml(GOOGLE_EARTH)
    ((name, (outer, holes)),) = found.areas
    assert (name, len(outer), len(holes), len(holes[0])) == ("area", 4, 1, 3)
    assert outer[0] == GeoPoint(lat_deg=24.93, lon_deg=102.61)
    assert [(n, len(line)) for n, line in found.lines] == [("trail", 3)]
    assert found.points == [("LKP", GeoPoint(lat_deg=24.933, lon_deg=102.6265))]


def test_a_plan_as_kml_and_kmz_reads_back_with_area_and_tracks(plan: SearchPlan) -> None:
    for found in (read_kml(write_kml(plan)), read_kmz(write_kmz(plan))):
        outer, holes = found.areas[0][1]
        assert len(outer) == len(plan.request.area)
        assert len(holes) == len(plan.request.holes)
        assert [len(line) for _, line in found.lines] == [len(s.waypoints) for s in plan.sorties]
    assert write_kmz(plan) == write_kmz(plan)


def test_a_plan_as_geojson_reads_back_with_area_and_tracks(plan: SearchPlan) -> None:
    text = write_geojson(plan)
    assert read_areas(text) == [(plan.request.area, plan.request.holes)]
    assert len(read_line(text)) == len(plan.sorties[0].waypoints)
    roles = [f["properties"]["role"] for f in json.loads(text)["features"]]
    assert roles.count("sortie") == len(plan.sorties)


def test_multipolygons_give_every_part() -> None:
    part = [[[102.0, 24.0], [102.1, 24.0], [102.1, 24.1], [102.0, 24.0]]]
    assert len(read_areas(json.dumps({"type": "MultiPolygon", "coordinates": [part, part]}))) == 2


def test_a_sortie_as_dji_mission_keeps_places_heights_speeds_and_stays() -> None:
    made = plan_search(
        demo_request(1, area=[], pattern=Hover(point=SMOKE, duration_s=90)), demo_terrain(), "h"
    )
    (sortie,) = made.sorties
    mission = read_wpml(write_wpml(sortie))
    flown = [w for w in sortie.waypoints if w.kind is not WaypointKind.TAKEOFF]
    assert len(mission.points) == len(flown)
    for point, waypoint in zip(mission.points, flown, strict=True):
        assert point.at.lat_deg == pytest.approx(waypoint.lat_deg, abs=1e-7)
        assert point.height_m == pytest.approx(
            waypoint.altitude_amsl_m - sortie.launch_amsl_m, abs=0.01
        )
        assert point.hold_s == pytest.approx(waypoint.hold_s)
    assert sum(p.hold_s for p in mission.points) == pytest.approx(90)
    assert (mission.finish, mission.on_lost_link) == ("goHome", "goBack")
    assert mission.gimbal_pitch_deg == sortie.camera_pitch_deg
    with zipfile.ZipFile(BytesIO(write_wpml(sortie))) as archive:
        assert archive.namelist() == ["wpmz/template.kml", WAYLINES]


def test_a_qgroundcontrol_survey_is_read_as_what_it_flies() -> None:
    text = json.dumps(QGC_SURVEY)
    items = read_qgc_plan(text)
    assert [item.command for item in items] == [16, 22, 16, 206]
    assert len(read_qgc_area(text)) == 4
    polygon, circle = read_qgc_fences(text)
    assert (polygon.kind, len(polygon.polygon)) == ("include", 3)
    assert (circle.kind, circle.radius_m) == ("exclude", 120.5)


def test_fences_survive_a_round_trip(plan: SearchPlan) -> None:
    fences = [
        Fence(id="a", kind="include", name="a", polygon=demo_area()),
        Fence(id="b", kind="exclude", name="b", centre=SMOKE, radius_m=80),
    ]
    text = write_qgc_plan(mission_items(plan.sorties[0]), 8.0, fences)
    again = read_qgc_fences(text)
    assert [(f.kind, f.polygon, f.centre, f.radius_m) for f in again] == [
        (f.kind, f.polygon, f.centre, f.radius_m) for f in fences
    ]
    assert read_qgc_plan(text) == mission_items(plan.sorties[0])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<kml><Document>", "line 1"),
        (b"<html/>", "<html>"),
        (b"<!DOCTYPE k [<!ENTITY a 'aaaa'>]><kml>&a;</kml>", "refused"),
        (b'<!DOCTYPE k SYSTEM "file:///etc/passwd"><kml/>', "refused"),
        (
            b"<kml><Placemark><name>x</name><Point><coordinates>200,1</coordinates></Point>"
            b"</Placemark></kml>",
            "Placemark 'x' Point coordinates[0]",
        ),
        (
            b"<kml><Placemark><LineString><coordinates>1,2 nan,3</coordinates></LineString>"
            b"</Placemark></kml>",
            "coordinates[1]",
        ),
    ],
)
def test_broken_or_hostile_kml_is_refused_with_the_place(data: bytes, says: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_kml(data)
    assert says in str(refused.value)


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", b" " * 5_000_000)
    with pytest.raises(PlanFileError, match="too much"):
        read_kmz(out.getvalue())
    with pytest.raises(PlanFileError, match="archive"):
        read_kmz(b"PK\x03\x04 not really")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"geoFence": {"polygons": [{"polygon": [[1, 2]], "inclusion": True}]}}, "polygons[0]"),
        (
            {
                "geoFence": {
                    "circles": [{"circle": {"center": [1, 2], "radius": -1}, "inclusion": True}]
                }
            },
            "radius",
        ),
        ({"geoFence": {"circles": 5}}, "geoFence.circles"),
    ],
)
def test_broken_fences_name_the_field(change: dict[str, object], where: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_qgc_fences(json.dumps({**QGC_SURVEY, **change}))
    assert where in str(refused.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a": 1, "a": 2}', "a: stands twice"),
        ('{"fileType": "Plan",\n "mission": }', "line 2"),
        ('{"fileType": NaN}', "NaN"),
        ("[]", "object"),
    ],
)
def test_broken_json_says_where(text: str, where: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_qgc_plan(text)
    assert where in str(refused.value)


@settings(max_examples=150, derandomize=True)
@given(st.data())
def test_mutated_files_never_raise_anything_else(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([GOOGLE_EARTH, json.dumps(QGC_SURVEY).encode(), _archive()]))
    raw = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                raw[at] = data.draw(st.integers(0, 255))
            case 1:
                del raw[at : at + data.draw(st.integers(1, 40))]
            case _:
                raw[at:at] = data.draw(st.binary(max_size=12))
        if not raw:
            break
    mutated = bytes(raw)
    text = mutated.decode("utf-8", errors="replace")
    outcomes = 0
    for reader in (read_kml, read_kmz, read_wpml):
        try:
            reader(mutated)
        except PlanFileError:
            outcomes += 1
    for text_reader in (read_qgc_plan, read_qgc_area, read_qgc_fences, read_areas, read_line):
        try:
            text_reader(text)
        except PlanFileError:
            outcomes += 1
    assert outcomes <= 8


def _archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("doc.kml", GOOGLE_EARTH)
    return out.getvalue()


def test_files_are_read_by_their_ending(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_bytes(GOOGLE_EARTH)
    (tmp_path / "a.kmz").write_bytes(_archive())
    (tmp_path / "a.plan").write_text(json.dumps(QGC_SURVEY), "utf-8")
    (tmp_path / "a.shp").write_bytes(b"x")
    assert len(read_area_file(tmp_path / "a.kml")[0][1]) == 1
    assert len(read_area_file(tmp_path / "a.kmz")) == 1
    assert len(read_area_file(tmp_path / "a.plan")[0][0]) == 4
    assert len(read_path_file(tmp_path / "a.kmz")) == 3
    with pytest.raises(PlanFileError, match=r"\.geojson"):
        read_area_file(tmp_path / "a.shp")
