"""One way in: every file says what it holds, and by name what of it is left out."""

import json
import zipfile
from collections import Counter
from io import BytesIO

import pytest

from mission_plans.formats.contents import FileContents
from mission_plans.formats.errors import NothingUsableError, PlanFileError
from mission_plans.formats.reading import read_file
from mission_plans.values.base import GeoPoint
from tests.mission_plans.plan_files import FOLDER, load

KML = "<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{}</Document></kml>"
SQUARE = "102.612,24.949 102.617,24.949 102.617,24.953 102.612,24.953 102.612,24.949"


def _said(contents: FileContents) -> str:
    notes = [*contents.notes, *(n for t in contents.things for n in t.notes)]
    left = [f"{one.where} {one.name}: {one.en}" for one in contents.left_out]
    return "\n".join([*(n.en for n in notes), *left])


def _kml(inside: str) -> FileContents:
    return read_file("a.kml", KML.format(inside).encode())


CASES: list[tuple[str, str, dict[str, int], str]] = [
    ("bare_ring.kml", "kml", {"area": 1}, "a ring by itself"),
    ("bom.kml", "kml", {"area": 1}, ""),
    ("bom.waypoints", "wpl", {"mission": 1}, "nothing to fly"),
    ("comma.waypoints", "wpl", {"mission": 1}, "decimal commas"),
    ("crs3857.geojson", "geojson", {"area": 1}, "EPSG:4490"),
    ("gb18030.kml", "kml", {"area": 1}, ""),
    ("gb2312.kml", "kml", {"area": 1}, ""),
    ("gbk.kml", "kml", {"area": 1}, ""),
    ("utf16.kml", "kml", {"area": 1}, ""),
    ("gbkname.kmz", "kmz", {"area": 1}, ""),
    ("gx_undeclared.kml", "kml", {"area": 1}, "prefix gx is not declared"),
    ("gxtrack.kml", "kml", {"path": 1}, ""),
    ("gxmultitrack.kml", "kml", {"path": 2, "points": 1}, "styles are not read"),
    ("linearea.kml", "kml", {"path": 1}, ""),
    ("mls.geojson", "geojson", {"path": 1}, ""),
    ("nullgeom.geojson", "geojson", {"area": 1}, "features[0] : it has no geometry"),
    ("oneempty.kml", "kml", {"area": 1}, "line 1 outerBoundaryIs bad: there are no coordinates"),
    ("repeat.kmz", "kmz", {"area": 4000}, ""),
    ("spacecomma.kml", "kml", {"area": 1}, ""),
    ("tabs.kml", "kml", {"area": 1}, ""),
    ("swapped.geojson", "geojson", {"area": 1}, "latitude stands before longitude"),
    ("track.gpx", "gpx", {"path": 1}, ""),
    ("gdal.gpx", "gpx", {"path": 3, "points": 1}, "empty track: it has no segment"),
    ("sartopo.json", "sartopo", {"area": 2, "points": 1}, ""),
    ("places.json", "json_places", {"path": 5, "points": 1}, "unknown kind of JSON"),
    ("four_of_five_corners.waypoints", "wpl", {"fence": 1}, "should have 5 corners and has 4"),
    ("structure_scan.plan", "qgc_plan", {"area": 1, "mission": 1}, "must not be flown"),
    (
        "survey_with_exclusion_fence.plan",
        "qgc_plan",
        {"area": 1, "fence": 1, "rally": 1, "mission": 1},
        "",
    ),
    ("two_areas_hole_in_second.out.geojson", "geojson", {"area": 2, "path": 1}, ""),
    ("seed.kmz", "dji_wpml", {"mission": 1}, "only areas are read"),
    ("waylines.wpml", "dji_wpml", {"mission": 1}, ""),
    ("mapping3d_5waylines_relative.kmz", "dji_wpml", {"area": 1, "mission": 1}, ""),
]


@pytest.mark.parametrize(("name", "kind", "things", "says"), CASES)
def test_each_file_holds_what_it_should_and_says_the_rest(
    name: str, kind: str, things: dict[str, int], says: str
) -> None:
    contents = load(name)
    assert contents.format == kind
    assert Counter(t.kind for t in contents.things) == things
    assert says in _said(contents)
    # What goes over HTTP comes back the same.
    assert FileContents.model_validate_json(contents.model_dump_json()) == contents


@pytest.mark.parametrize(
    ("name", "encoding", "known"),
    [
        ("bom.kml", "utf-8", "bom"),
        ("utf16.kml", "utf-16-le", "bom"),
        ("gbk.kml", "gbk", "declaration"),
        ("gb2312.kml", "gb2312", "declaration"),
        ("gb18030.kml", "gb18030", "declaration"),
        ("tabs.kml", "utf-8", "standard"),
    ],
)
def test_the_encoding_is_said_and_names_are_right(name: str, encoding: str, known: str) -> None:
    contents = load(name)
    assert (contents.encoding, contents.encoding_from) == (encoding, known)
    assert contents.areas[0].name in ("搜索区", "a")


@pytest.mark.parametrize("declared", ["", "<?xml version='1.0' encoding='UTF-8'?>"])
def test_gb18030_that_is_not_declared_is_detected_and_said(declared: str) -> None:
    text = declared + KML.format(
        f"<Placemark><name>滇池西岸</name><LineString><coordinates>{SQUARE}</coordinates>"
        "</LineString></Placemark>"
    )
    contents = read_file("a.kml", text.encode("gb18030"))
    assert (contents.encoding, contents.encoding_from) == ("gb18030", "detected")
    assert contents.paths[0].name == "滇池西岸"
    assert "GB18030" in _said(contents)


def test_gbk_names_inside_an_archive_are_right() -> None:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("AAAAAA.kml", (FOLDER / "gbk.kml").read_bytes())
        archive.writestr("BBBB.png", b"x")
    # Programs on a Chinese machine write the bytes of its encoding and no flag.
    raw = data.getvalue().replace(b"AAAAAA", "搜索区".encode("gbk"))
    contents = read_file("a.kmz", raw.replace(b"BBBB", "照片".encode("gbk")))
    assert contents.areas[0].name == "搜索区"
    assert [one.name for one in contents.left_out] == ["照片.png"]


def test_latin_text_that_is_neither_utf_8_nor_gb18030_is_read() -> None:
    text = "<?xml version='1.0' encoding='UTF-8'?><gpx><wpt lat='1' lon='2'><name>{}</name></wpt>"
    text += "</gpx>"
    contents = read_file("a.gpx", text.format("Café ").encode("cp1252"))
    assert contents.encoding == "cp1252"
    assert contents.places[0].name == "Café"
    with pytest.raises(PlanFileError, match="no text"):
        read_file("a.txt", b"\x01\xff\xff\x02 ")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("A & B", "A & B"),
        ("A&nbsp;B", "A&nbsp;B"),
        ("A\x0bB", "AB"),
        ("A &amp; B & C", "A & B & C"),
    ],
)
def test_names_with_what_xml_does_not_allow_are_read_and_that_is_said(name: str, read: str) -> None:
    contents = _kml(
        f"<Placemark><name>{name}</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
    )
    assert contents.places[0].name == read
    assert "not well-formed" in _said(contents)


def test_content_counts_before_the_ending() -> None:
    assert read_file("a.txt", (FOLDER / "track.gpx").read_bytes()).format == "gpx"
    assert read_file("a.gpx", (FOLDER / "sartopo.json").read_bytes()).format == "sartopo"
    assert read_file("noending", (FOLDER / "comma.waypoints").read_bytes()).format == "wpl"
    assert read_file("a.kml", (FOLDER / "gbkname.kmz").read_bytes()).format == "kmz"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"%PDF-1.4", "PDF"),
        (b"<html><body/></html>", "<html>"),
        (b"<kml><Document/></kml>", "can be used"),
        (b'{"type": "FeatureCollection", "features": []}', "can be used"),
        (b'{"type": "Topology"}', "can be used"),
        (b"PK\x03\x04 not really", "archive"),
        (b"<kml><Document>", "line 1"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"fileType": "Plan",\n "mission": }', "line 2"),
        (b'{"fileType": NaN}', "NaN"),
        (b"name,place\nx,y\n", "latitude and longitude"),
        (b"24.9,25.1,5\n", "can't be told"),
        (b"<!DOCTYPE k [<!ENTITY a 'aaaa'>]><kml>&a;</kml>", "refused"),
        (b'<!DOCTYPE k SYSTEM "file:///etc/passwd"><kml/>', "refused"),
    ],
)
def test_what_is_refused_says_why_in_both_languages(data: bytes, says: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        read_file("a.txt", data)
    assert says in str(refused.value)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.zh)


def test_a_file_with_nothing_usable_lists_all_that_it_holds() -> None:
    empty = "<Placemark><name>{}</name></Placemark>"
    with pytest.raises(NothingUsableError) as refused:
        _kml(empty.format("甲") + empty.format("乙"))
    assert [one.name for one in refused.value.left_out] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gdal.gpx", "extensions"),
        ("waylines.wpml", "isRisky"),
        ("gxmultitrack.kml", "styles are not read"),
        ("survey_with_exclusion_fence.plan", "overlap and other settings are not read"),
    ],
)
def test_what_is_not_read_of_a_thing_is_said(name: str, said: str) -> None:
    assert said in _said(load(name))


def test_what_kml_can_hold_and_is_not_read_is_listed_by_name_and_line() -> None:
    contents = _kml(
        "<NetworkLink><name>更新</name></NetworkLink>\n<GroundOverlay><name>底图</name>"
        "</GroundOverlay>\n<Placemark><name>空</name></Placemark>\n"
        "<Placemark><name>模型</name><Model/></Placemark>"
        f"<Placemark><LineString><coordinates>{SQUARE}</coordinates></LineString></Placemark>"
    )
    assert [(one.where.split()[1], one.name) for one in contents.left_out] == [
        ("1", "更新"),
        ("2", "底图"),
        ("3", "空"),
        ("4", "模型"),
    ]
    assert contents.paths[0].closed


def test_a_broken_hole_is_left_out_and_the_outline_stays() -> None:
    contents = _kml(
        "<Placemark><name>区</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{SQUARE}</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing>"
        "<coordinates>102.613,24.95 102.614,no</coordinates></LinearRing></innerBoundaryIs>"
        "</Polygon></Placemark>"
    )
    assert contents.areas[0].holes == []
    assert "coordinates[1]" in contents.left_out[0].where


def test_heights_keep_what_they_are_measured_from() -> None:
    shape = "<Placemark><LineString><altitudeMode>{}</altitudeMode><coordinates>1,2,{} 3,4,{}" + (
        "</coordinates></LineString></Placemark>"
    )
    modes = (("absolute", 9), ("relativeToGround", 9), ("clampToGround", 0), ("clampToGround", 9))
    contents = _kml("".join(shape.format(mode, h, h) for mode, h in modes))
    assert [(p.height_reference, p.points[0].altitude_m) for p in contents.paths] == [
        ("amsl", 9),
        ("agl", 9),
        ("unknown", None),
        ("unknown", 9),
    ]


def test_tracks_have_times_and_heights() -> None:
    path = load("gxtrack.kml").paths[0]
    assert [p.altitude_m for p in path.points] == [2000, 2000]
    times = [p.time_ms for p in path.points]
    assert times == [1388534400000, 1388534409000]


def test_sartopo_names_and_folders() -> None:
    contents = load("sartopo.json")
    assert [a.name for a in contents.areas] == ["RegA", "RegB"]
    assert [p.name for p in contents.places] == ["IPP"]
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "f1",
                "geometry": None,
                "properties": {"class": "Folder", "title": "Day 1"},
            },
            {
                "type": "Feature",
                "geometry": {
                    "type": "LineString",
                    "coordinates": [[1, 2, 5, 1388534400000], [3, 4]],
                },
                "properties": {
                    "class": "Assignment",
                    "letter": "AB",
                    "number": 7,
                    "folderId": "f1",
                },
            },
        ],
    }
    contents = read_file("x.json", json.dumps(document).encode())
    path = contents.paths[0]
    assert (path.name, path.attributes["folder"]) == ("AB 7", "Day 1")
    assert path.points[0].time_ms == 1388534400000
    assert contents.left_out == []


def test_maps_that_sartopo_saved_before_geojson() -> None:
    way = {"coordinates": [[24.94, 102.61], [24.95, 102.61], [24.95, 102.62]], "polygon": True}
    line = {"waypoints": [{"lat": 24.94, "lng": 102.61}, {"lat": 24.95, "lng": 102.6}]}
    document = {
        "Marker": [{"label": "IPP", "position": {"lat": 24.94, "lng": 102.61}}, {"label": "?"}],
        "Shape": [{"label": "Trail", "way": {**line, "polygon": False}}],
        "Assignment": [{"number": "101", "segment": {"ways": [way]}}],
        "GeoRef": [{"id": 3}],
    }
    contents = read_file("a.json", json.dumps(document).encode())
    assert contents.format == "sartopo"
    assert [(p.name, p.lat_deg) for p in contents.places] == [("IPP", 24.94)]
    assert [(p.name, len(p.points)) for p in contents.paths] == [("Trail", 2)]
    assert [(a.name, len(a.outer)) for a in contents.areas] == [("101", 3)]
    assert [one.where for one in contents.left_out] == ["Marker[1].position", "GeoRef[0]"]


def test_geometry_collections_and_many_points() -> None:
    document = {
        "type": "Feature",
        "properties": {"name": "all"},
        "geometry": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
                {"type": "MultiPolygon", "coordinates": [[[[1, 2], [3, 2], [3, 4], [1, 2]]]]},
                {"type": "LineString", "coordinates": [[1, 2], [3, "x"]]},
                {"type": "Circle", "coordinates": [1, 2]},
            ],
        },
    }
    contents = read_file("x.geojson", json.dumps(document).encode())
    assert [p.name for p in contents.places] == ["all", "all"]
    assert len(contents.areas) == 1
    assert [one.where for one in contents.left_out] == [
        "file.geometry.geometries[2].coordinates[1]",
        "file.geometry.geometries[3]",
    ]


def test_one_wrong_position_does_not_turn_the_whole_file_round() -> None:
    document = {"type": "MultiPoint", "coordinates": [[10, 150], [10.1, 50.1], [10.2, 50.2]]}
    contents = read_file("x.geojson", json.dumps(document).encode())
    assert [(p.lon_deg, p.lat_deg) for p in contents.places] == [(10.1, 50.1), (10.2, 50.2)]
    assert len(contents.left_out) == 1


@pytest.mark.parametrize(
    ("code", "position"),
    [
        ("EPSG:3857", [11422715.5, 2869405.2]),
        ("urn:ogc:def:crs:EPSG::32648", [259041.6, 2761155.8]),
    ],
)
def test_projected_coordinates_are_converted_and_said(code: str, position: list[float]) -> None:
    document = {
        "type": "Point",
        "crs": {"type": "name", "properties": {"name": code}},
        "coordinates": position,
    }
    contents = read_file("x.geojson", json.dumps(document).encode())
    place = contents.places[0]
    assert place.lon_deg == pytest.approx(102.612, abs=0.01)
    assert place.lat_deg == pytest.approx(24.949, abs=0.01)
    assert code.rpartition(":")[2] in _said(contents)


@pytest.mark.parametrize("code", ["EPSG:4214", "EPSG:999999", "my own", "EPSG:2326"])
def test_coordinate_systems_of_other_datums_are_refused_by_name(code: str) -> None:
    document = {
        "type": "Point",
        "crs": {"type": "name", "properties": {"name": code}},
        "coordinates": [102.6, 24.9],
    }
    with pytest.raises(PlanFileError, match=code):
        read_file("x.geojson", json.dumps(document).encode())


def test_metres_without_a_system_are_refused_in_words() -> None:
    document = {"type": "Point", "coordinates": [11422715.5, 2869405.2]}
    with pytest.raises(PlanFileError, match="metres of a projection"):
        read_file("x.geojson", json.dumps(document).encode())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("名称,纬度,经度,海拔\n起火点,24.9415,102.6185,2344\n", "起火点"),
        ("name;lat;lon\nfire;24,9415;102,6185\n", "fire"),
        ("lat\tlon\tname\n24.9415\t102.6185\tfire\n", "fire"),
        ("102.6185,24.9415\n", ""),
        ("fire  24.9415   102.6185 2344\n", "fire"),
        ("fire,24.9415,102.6185,2344\n", "fire"),
        ("name,lat,lon\nfire,24°56'29.4\"N,102°37'06.6\"E\n", "fire"),
        ("名称,经度(度),纬度(度)\n\n起火点,102.6185,24.9415\n", "起火点"),
    ],
)
def test_tables_of_points(text: str, named: str) -> None:
    place = read_file("a.csv", text.encode()).places[0]
    assert (place.name, round(place.lat_deg, 5), round(place.lon_deg, 5)) == (
        named,
        24.9415,
        102.6185,
    )


def test_a_broken_row_of_a_table_is_left_out_by_line() -> None:
    contents = read_file("a.csv", b"name,lat,lon\na,24,102\nb,x,102\nc,91,102\n")
    assert [p.name for p in contents.places] == ["a"]
    assert [(one.where, one.name) for one in contents.left_out] == [
        ("line 3", "b"),
        ("line 4", "c"),
    ]


def test_fence_and_rally_lists_of_mission_planner() -> None:
    corners = "24.949 102.612\n24.949 102.617\n24.953 102.617\n"
    fence = f"#saved by Mission Planner\n24.95 102.613\n{corners}24.949 102.612\n"
    contents = read_file("a.fen", fence.encode())
    assert contents.fences[0].kind == "include"
    assert contents.fences[0].polygon[0] == GeoPoint(lat_deg=24.949, lon_deg=102.612)
    assert len(contents.fences[0].polygon) == 3
    assert "return point" in _said(contents)
    area = read_file("a.poly", f"#saved\n{corners}".encode())
    assert len(area.areas[0].outer) == 3
    named = fence.replace("#saved by Mission Planner\n", "").replace(" ", "\t")
    assert read_file("a.txt", named.encode()).fences == contents.fences
    tabs = corners.replace(" ", "\t").replace("\n", "\r\n")
    assert read_file("a.txt", tabs.encode()).areas[0].outer == area.areas[0].outer
    rally = read_file("a.ral", b"#r\nRALLY 24.95 102.61 100 40 0 0\nRALLY\t24.96\t102.62\t80\n")
    assert [p.altitude_m for p in rally.rally] == [100, 80]
    assert "break altitude" in _said(rally)
    plain = read_file("a.ral", b"24.95\t102.61\t100\n24.96\t102.62\n")
    assert [p.altitude_m for p in plain.rally] == [100, None]
    with pytest.raises(PlanFileError, match="line 2"):
        read_file("a.fen", b"24.95 102.61\n24.95 102.61 7\n")


def test_outlines_of_many_points_are_read_whole() -> None:
    ring = [[102.6 + i * 1e-6, 24.9 + (i % 2) * 1e-6] for i in range(50_000)]
    document = {"type": "Polygon", "coordinates": [[*ring, [102.7, 25.0], ring[0]]]}
    contents = read_file("a.geojson", json.dumps(document).encode())
    assert len(contents.areas[0].outer) == 50_001
