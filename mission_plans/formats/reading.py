"""One way in: any plan or map file, by what it holds first and by its name's ending second."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, cast
from xml.etree.ElementTree import Element

from mission_plans.formats.archive import LARGEST_BYTES, Archive
from mission_plans.formats.contents import FileContents, Note
from mission_plans.formats.csv_points import read_csv
from mission_plans.formats.encoding import Decoded, decode
from mission_plans.formats.errors import NothingUsableError, PlanFileError, TooMuchError
from mission_plans.formats.fence_text import (
    FENCE_ENDINGS,
    RALLY_ENDINGS,
    is_rally_text,
    read_pairs,
    read_rally_text,
)
from mission_plans.formats.gathering import Gathering
from mission_plans.formats.geojson import GEOMETRIES, read_geojson
from mission_plans.formats.gpx import read_gpx
from mission_plans.formats.json_places import read_json_places
from mission_plans.formats.json_text import read_json
from mission_plans.formats.kml import read_kml
from mission_plans.formats.qgc_plan import is_qgc, read_qgc
from mission_plans.formats.sartopo_old import is_old_sartopo, read_old_sartopo
from mission_plans.formats.wpl import read_wpl
from mission_plans.formats.wpml import is_wpml, read_template_areas, read_wpml
from mission_plans.formats.xml_text import line_of, local_name, read_xml

__all__ = ["READABLE", "read_file"]

READABLE = (
    ".plan, .waypoints, .fen, .ral, .poly, .kml, .kmz, .gpx, .geojson, .json, .wpml, .csv, .txt"
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OTHERS = (
    (b"version https://git-lfs", "Git LFS 指针,不是文件本身", "a pointer of Git LFS, not the file"),
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"\x00\x00\x27\x0a", "Shapefile", "a shapefile"),
    (b"SQLite format 3", "数据库(GeoPackage 或 MBTiles)", "a database (GeoPackage or MBTiles)"),
)
GEOJSON_TYPES = (*GEOMETRIES, "Feature", "FeatureCollection")
KML_ROOTS = ("kml", "Document", "Folder", "Placemark")


def read_file(name: str, data: bytes) -> FileContents:
    """Return what a file holds, and what of it was left out.

    Args:
        name: its name; only the ending counts, where the content leaves a doubt.
        data: its bytes.

    Raises:
        PlanFileError: of no format that is read, broken, over a limit, or with nothing in it that
            can be used.
    """
    if len(data) > LARGEST_BYTES:
        raise TooMuchError(
            "file",
            f"文件超过 {LARGEST_BYTES // 1_000_000} MB",
            f"larger than {LARGEST_BYTES // 1_000_000} MB",
        )
    if not data.strip(b"\0 \t\r\n"):
        raise PlanFileError("file", "文件是空的", "the file is empty")
    for start, zh, en in OTHERS:
        if data.startswith(start):
            raise PlanFileError("file", f"{zh};可读 {READABLE}", f"it is {en}; {READABLE} are read")
    if data.startswith(ZIP):
        return _archive(name, data)
    decoded = decode(data)
    ending = PurePath(name).suffix.lower()
    head = decoded.text[:4_000].lstrip()
    if head.startswith("<"):
        root, mended = read_xml(decoded)
        return _xml(name, root, mended, decoded)
    if head.startswith(("{", "[")):
        return _json(name, read_json(decoded.text), decoded)
    return _text(name, ending, head, decoded)


Reader = Callable[[Gathering], str]


def _gathered(name: str, decoded: Decoded, read: Reader, *, may_swap: bool = False) -> FileContents:
    """Run a reader; where latitude clearly stands first, run it again with the two exchanged."""
    gathering = Gathering()
    kind = read(gathering)
    if may_swap and gathering.out_of_range:
        other = Gathering(swapped=True)
        kind = read(other)
        if other.out_of_range == other.doubtful == 0:
            other.note(
                "坐标是先纬度后经度,已按此读入(WGS-84 度);请核对位置",
                "latitude stands before longitude: read that way (WGS-84 degrees); check the place",
            )
            gathering = other
    gathering.finish()
    if not gathering.things:
        raise NothingUsableError(kind, gathering.left_out)
    return FileContents(
        file_name=PurePath(name).name[:200],
        format=kind,
        encoding=decoded.encoding,
        encoding_from=decoded.known_from,
        things=gathering.things,
        left_out=gathering.left_out,
        notes=[*decoded.notes, *gathering.notes],
    )


def _xml(name: str, root: Element, mended: list[Note], decoded: Decoded) -> FileContents:
    kind = local_name(root)

    def read(gathering: Gathering) -> str:
        gathering.notes.extend(mended)
        if kind == "gpx":
            read_gpx(root, gathering)
            return "gpx"
        if is_wpml(root):
            read_wpml(root, gathering)
            return "dji_wpml"
        read_kml(root, gathering)
        return "kml"

    if kind not in (*KML_ROOTS, "gpx"):
        raise PlanFileError(
            line_of(root),
            f"XML 以 <{kind[:40]}> 开头,可读 KML(<kml>)与 GPX(<gpx>)",
            f"the XML begins with <{kind[:40]}>; KML (<kml>) and GPX (<gpx>) are read",
        )
    return _gathered(name, decoded, read, may_swap=kind != "gpx")


def _json(name: str, document: Any, decoded: Decoded) -> FileContents:
    found = cast(dict[str, Any], document) if isinstance(document, dict) else {}
    # An export of CalTopo's interface keeps its features one level down.
    state = found.get("state")
    if isinstance(state, dict) and "features" in state:
        found = cast(dict[str, Any], state)

    def read(gathering: Gathering) -> str:
        if is_qgc(found):
            read_qgc(found, gathering)
            return "qgc_plan"
        if found.get("type") in GEOJSON_TYPES or isinstance(found.get("features"), list):
            typed = found if "type" in found else {**found, "type": "FeatureCollection"}
            return "sartopo" if read_geojson(typed, gathering) else "geojson"
        if is_old_sartopo(found):
            read_old_sartopo(found, gathering)
            return "sartopo"
        read_json_places(document, gathering)
        return "json_places"

    return _gathered(name, decoded, read, may_swap=not is_qgc(found))


def _text(name: str, ending: str, head: str, decoded: Decoded) -> FileContents:
    first = next(
        (line for line in head.splitlines() if line.strip() and not line.lstrip().startswith("#")),
        "",
    )

    def read(gathering: Gathering) -> str:
        if head.upper().startswith("QGC"):
            read_wpl(decoded.text, gathering)
            return "wpl"
        if is_rally_text(decoded.text) or ending in RALLY_ENDINGS:
            read_rally_text(decoded.text, gathering)
            return "rally"
        pair = len(first.replace(",", " ").split()) == 2 and first.strip()[:1] in "-+.0123456789"
        if ending in FENCE_ENDINGS or ending == ".poly" or (pair and ending != ".csv"):
            return read_pairs(decoded.text, ending, gathering)
        read_csv(decoded.text, gathering)
        return "csv"

    if ending in (".waypoints", ".mission") and not head.upper().startswith("QGC"):
        raise PlanFileError(
            "line 1",
            "航点文件以 “QGC WPL 110” 开头",
            "a waypoint file begins with 'QGC WPL 110'",
        )
    return _gathered(name, decoded, read)


def _archive(name: str, data: bytes) -> FileContents:
    """Read every map in an archive, or the mission of DJI that it is."""
    archive = Archive(data)
    parts: dict[str, tuple[Element, list[Note], Decoded]] = {}
    others: list[str] = []
    for info, meant in archive.members:
        if meant.lower().endswith((".kml", ".wpml")) and meant not in parts:
            decoded = decode(archive.unpack(info))
            parts[meant] = (*read_xml(decoded, meant[:80]), decoded)
        else:
            others.append(meant)
    if not parts:
        raise PlanFileError(
            "file",
            "压缩包里没有 .kml;可读 KMZ 与 DJI 航线 .kmz",
            "the archive holds no .kml; KMZ and missions of DJI (.kmz) are read",
        )
    flown = next((n for n in parts if n.lower().endswith(".wpml")), None)
    missions = [n for n, (root, _, _) in parts.items() if is_wpml(root)]
    main = flown or next(iter(missions), None)

    def read(gathering: Gathering) -> str:
        for meant, (root, mended, _) in parts.items():
            gathering.notes.extend(mended)
            if meant == main:
                read_wpml(root, gathering)
            elif main is not None and is_wpml(root):
                read_template_areas(root, gathering)
                gathering.note(
                    f"{meant[:120]} 只读其区域;飞行内容以 {main[:120]} 为准",
                    f"of {meant[:120]} only areas are read; {main[:120]} says what is flown",
                )
            else:
                if len(parts) > 1:
                    gathering.note(f"读入 {meant[:120]}", f"read: {meant[:120]}")
                read_kml(root, gathering)
        for other in others:
            gathering.leave_out(
                other[:200], other, "附件(图片等)不读入", "an attachment such as a picture"
            )
        return "dji_wpml" if main is not None else "kmz"

    first = parts[main] if main is not None else next(iter(parts.values()))
    return _gathered(name, first[2], read, may_swap=main is None)
