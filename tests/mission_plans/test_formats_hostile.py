"""Whatever bytes come in: contents or the files' own error, and bounded work."""

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mission_plans.formats.contents import MOST_POINTS, FileContents, Path
from mission_plans.formats.errors import PlanFileError, TooMuchError
from mission_plans.formats.reading import read_file
from mission_plans.formats.writing import write_file
from tests.mission_plans.plan_files import FOLDER

ENDINGS = [".plan", ".waypoints", ".kml", ".kmz", ".gpx", ".json", ".csv", ".fen", ".ral", ".wpml"]
SMALL = [p for p in sorted(FOLDER.iterdir()) if p.suffix not in (".py", ".md") and p.is_file()]
STARTS = [
    b"",
    b"QGC WPL 110\n",
    b"<kml>",
    b"<gpx>",
    b"{",
    b"[",
    b"RALLY ",
    b"lat,lon\n",
    b"PK\x03\x04",
]


def _outcome(name: str, data: bytes) -> FileContents | None:
    try:
        return read_file(name, data)
    except PlanFileError:
        return None


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=300), st.sampled_from(ENDINGS))
def test_arbitrary_bytes_are_read_or_refused(start: bytes, data: bytes, ending: str) -> None:
    _outcome(f"a{ending}", start + data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.data())
def test_mutated_files_are_read_or_refused_and_can_be_written(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([p for p in SMALL if p.name != "repeat.kmz"]))
    raw = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        match data.draw(st.integers(0, 3)):
            case 0 if raw:
                raw[at] = data.draw(st.integers(0, 255))
            case 1:
                del raw[at : at + data.draw(st.integers(1, 60))]
            case 2:
                raw[at:at] = data.draw(
                    st.sampled_from([b"-", b"1e999", b"nan", b"null", b"{}", b"[[", b"<a>", b"\0"])
                )
            case _:
                raw[at:at] = raw[at : at + 40]
    contents = _outcome(source.name, bytes(raw))
    if contents is None:
        return
    for name in ("a.geojson", "a.kml", "a.gpx", "a.csv", "a.plan", "a.waypoints", "a.dji.kmz"):
        try:
            written = write_file(name, contents.things)
        except PlanFileError:
            continue
        assert _outcome(name, written.data) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("type", "coordinates", "geometry", "features", "mission", "items", "crs"),
                    *("fileType", "geoFence", "polygons", "polygon", "circles", "rallyPoints"),
                    *("properties", "plannedHomePosition", "params", "points", "latitude"),
                ]
            ),
            inner | st.sampled_from(["Plan", "Feature", "Polygon", "Point", "FeatureCollection"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_arbitrary_json_is_read_or_refused(document: object) -> None:
    _outcome("a.json", json.dumps(document).encode())


def _zip(members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_archives_that_unpack_to_too_much_are_refused() -> None:
    with pytest.raises(TooMuchError, match="unpacks to too much"):
        read_file("a.kmz", _zip({"doc.kml": b" " * 21_000_000}))
    half = b"<kml>" + b" " * 11_000_000 + b"</kml>"
    with pytest.raises(TooMuchError, match="unpacks to too much"):
        read_file("a.kmz", _zip({"a.kml": half, "b.kml": half}))
    with pytest.raises(TooMuchError, match="2000 files"):
        read_file("a.kmz", _zip({f"{n}.png": b"" for n in range(2001)}))
    with pytest.raises(PlanFileError, match="only Deflate"):
        read_file("a.kmz", _zip({"doc.kml": b"<kml/>"}, zipfile.ZIP_LZMA))


def test_a_member_without_a_name_stops_nothing() -> None:
    raw = _zip({"doc.kml": (FOLDER / "gbk.kml").read_bytes(), "x": b""}, zipfile.ZIP_STORED)
    entry, end = raw.rindex(b"PK\x01\x02"), raw.rindex(b"PK\x05\x06")
    size = int.from_bytes(raw[end + 12 : end + 16], "little") - 1
    nameless = (
        raw[: entry + 28]
        + b"\0\0"
        + raw[entry + 30 : entry + 46]
        + raw[entry + 47 : end + 12]
        + size.to_bytes(4, "little")
        + raw[end + 16 :]
    )
    contents = read_file("a.kmz", nameless)
    assert len(contents.areas) == 1
    assert len(contents.left_out) == 1


def test_too_large_too_deep_and_too_many_are_refused() -> None:
    with pytest.raises(TooMuchError, match="larger than"):
        read_file("a.kml", b"x" * 20_000_001)
    with pytest.raises(TooMuchError, match="nested"):
        read_file("a.kml", b"<kml>" + b"<Folder>" * 200)
    with pytest.raises(PlanFileError, match="nested too deep"):
        read_file("a.json", b"[" * 100_000)
    feature = b'{"type":"Feature","geometry":'
    with pytest.raises(PlanFileError):
        read_file("a.json", feature * 20_000 + b"1" + b"}" * 20_000)
    with pytest.raises(TooMuchError, match="objects and lists"):
        read_file("a.json", b"[" + b"[]," * 1_600_000 + b"[]]")
    with pytest.raises(TooMuchError, match="XML elements"):
        read_file("a.gpx", b"<gpx>" + b"<a/>" * 1_600_000 + b"</gpx>")
    many = b" ".join([b"1,2"] * (MOST_POINTS + 1))
    with pytest.raises(TooMuchError, match="positions"):
        read_file(
            "a.kml",
            b"<kml><Placemark><LineString><coordinates>"
            + many
            + b"</coordinates></LineString></Placemark></kml>",
        )
    with pytest.raises(TooMuchError, match="things"):
        read_file("a.kml", b"<kml>" + b"<Placemark/>" * 20_001 + b"</kml>")


def test_more_faults_than_are_mended_are_refused() -> None:
    prefixes = "".join(f"<p{n}:b/>" for n in range(1000))
    with pytest.raises(PlanFileError, match="unbound prefix"):
        read_file("a.kml", f"<kml>{prefixes}</kml>".encode())


def test_blanks_without_end_are_read_in_one_pass() -> None:
    blanks = " " * 5_000_000
    point = f"<kml><Placemark><LineString><coordinates>1,2{blanks}3,4</coordinates></LineString>"
    assert len(_paths(f"{point}</Placemark></kml>")[0].points) == 2
    with pytest.raises(PlanFileError):
        read_file("a.csv", f"lat,lon\n24°56'{blanks[:100_000]}x,102\n".encode())
    with pytest.raises(PlanFileError):
        read_file("a.txt", f"<?xml {blanks}".encode())


def _paths(text: str) -> list[Path]:
    return read_file("a.kml", text.encode()).paths


@pytest.mark.parametrize("name", ["zip", "rot13", "hex", "punycode", "unicode_escape", "utf-7"])
def test_declared_encodings_that_are_none_of_text_are_not_run(name: str) -> None:
    text = f"<?xml version='1.0' encoding='{name}'?><kml><Placemark><Point><coordinates>1,2"
    text += "</coordinates></Point></Placemark></kml>"
    contents = read_file("a.kml", text.encode())
    assert contents.encoding == "utf-8"
    assert name in contents.notes[0].en
