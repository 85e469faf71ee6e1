"""Cells, imports and exports of a register."""

import io
import json
from datetime import date, datetime
from unicodedata import normalize

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from field_api.core.areas import load_areas
from field_api.core.registers.cells import CellError, convert_cell, convert_coordinate
from field_api.core.registers.columns import Choice, Column, ColumnKind
from field_api.core.registers.exporting import export_csv, export_table
from field_api.core.registers.importing import datum_warning, import_table, map_headers
from field_api.core.registers.reading import read_table
from field_api.core.registers.tables import Cell, TableFormat, TableLimits, table_of
from mission_plans.ground.datum import Datum, distance_m, wgs84_to_bd09, wgs84_to_gcj02

AREAS = load_areas()
GRADES = tuple(Choice(letter, f"{letter}级", f"grade {letter}") for letter in "ABCD")


def column(kind: str, name: str = "x", **more: object) -> Column:
    return Column(name, ColumnKind(kind), "标题", "title", **more)  # type: ignore[arg-type]


COLUMNS = (
    Column("name", ColumnKind.TEXT, "企业名称", "enterprise", required=True),
    Column("grade", ColumnKind.CHOICE, "风险等级", "risk grade", choices=GRADES),
    Column("area", ColumnKind.AREA, "所属区划", "area"),
    Column("staff", ColumnKind.INTEGER, "人数", "staff"),
    Column("tank", ColumnKind.NUMBER, "储量", "stored", unit="t"),
    Column("open", ColumnKind.BOOLEAN, "在营", "operating"),
    Column("since", ColumnKind.DATE, "成立日期", "founded"),
    Column("seen", ColumnKind.TIME, "上次检查", "last seen"),
    Column("place", ColumnKind.POINT, "位置", "place"),
    Column("more", ColumnKind.JSON, "其他", "other"),
)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", 13800000000.0, "13800000000"),
        ("text", 7, "7"),
        ("text", True, "是"),
        ("text", datetime(2026, 1, 2), "2026-01-02"),
        ("integer", "１２", 12),
        ("integer", "1,234,567", 1234567),
        ("integer", -3.0, -3),
        ("number", "1,234.5", 1234.5),
        ("number", "-.5", -0.5),
        ("number", "1e3", 1000.0),
        ("number", 4, 4.0),
        ("boolean", "是", True),
        ("boolean", "否", False),
        ("boolean", "TRUE", True),
        ("boolean", 0, False),
        ("boolean", 1.0, True),
        ("date", "2026-11-25", "2026-11-25"),
        ("date", "2026/1/5", "2026-01-05"),
        ("date", "2026.11.25", "2026-11-25"),
        ("date", "2026年11月25日", "2026-11-25"),
        ("date", "２０２６年１月５日", "2026-01-05"),
        ("date", "20261125", "2026-11-25"),
        ("date", 20261125, "2026-11-25"),
        ("date", 46351, "2026-11-25"),
        ("date", 46351.75, "2026-11-25"),
        ("date", datetime(2026, 11, 25, 8), "2026-11-25"),
        ("date", "2026-11-25 08:30:00", "2026-11-25"),
        ("time", "2026-11-25 08:30", 1795566600000),
        ("time", "2026-11-25T00:30:00Z", 1795566600000),
        ("time", "2026-11-25T00:30:00.250+00:00", 1795566600250),
        ("time", "2026年11月25日 8时30分", 1795566600000),
        ("time", datetime(2026, 11, 25, 8, 30), 1795566600000),
        ("time", 46351 + 8.5 / 24, 1795566600000),
        ("area", "530112008", "530112008"),
        ("area", 530112008.0, "530112008"),
        ("area", "碧鸡街道", "530112008"),
        ("json", '{"a":[1]}', {"a": [1]}),
    ],
)
def test_cells_that_can_be_read(kind: str, cell: Cell, value: object) -> None:
    got = convert_cell(column(kind), cell, AREAS)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("text", "a\x00b"),
        ("text", "#REF!"),
        ("integer", "1.5"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", "1,23"),
        ("integer", "9007199254740993"),
        ("number", "12 kg"),
        ("number", "nan"),
        ("number", "1e999"),
        ("number", "."),
        ("number", ""),
        ("number", float("inf")),
        ("number", 10**400),
        ("boolean", "maybe"),
        ("boolean", 2),
        ("date", "25/11/2026"),
        ("date", "2026-13-01"),
        ("date", "2026-11/25"),
        ("date", 5),
        ("date", 1e300),
        ("date", True),
        ("time", "8:30"),
        ("time", "2026-11-25 25:00"),
        ("time", "2026-11-25 08:30+99:99"),
        ("time", "0026-01-01 00:00"),
        ("area", "530113"),
        ("area", "5301120080"),
        ("json", "{"),
        ("json", "NaN"),
        ("json", "[" * 100_000),
    ],
)
def test_cells_that_can_not(kind: str, cell: Cell) -> None:
    with pytest.raises(CellError) as wrong:
        convert_cell(column(kind, unit="t"), cell, AREAS)
    assert wrong.value.text_zh
    assert wrong.value.text_en


def test_choices_by_value_or_title_and_what_is_allowed() -> None:
    grade = column("choice", choices=GRADES)
    assert [convert_cell(grade, cell) for cell in ("a", "B级", "Grade C")] == ["A", "B", "C"]
    with pytest.raises(CellError) as wrong:
        convert_cell(grade, "E")
    assert "A级(A)、B级(B)" in wrong.value.text_zh
    assert "grade D(D); got “E”" in wrong.value.text_en


@given(
    st.sampled_from([kind for kind in ColumnKind if kind not in ("point", "choice")]),
    st.none()
    | st.text(max_size=30)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes()
    | st.from_regex(r"[0-9]{1,5}[-/.年:][0-9]{1,3}[-/.月 :T]+[0-9:+Z-]{0,9}", fullmatch=True),
)
def test_any_cell_is_a_value_or_a_cell_error(kind: ColumnKind, cell: Cell) -> None:
    try:
        value = convert_cell(column(kind), cell)
    except CellError:
        return
    json.dumps(value, allow_nan=kind is ColumnKind.JSON)


def test_a_declaration_that_can_not_work() -> None:
    with pytest.raises(ValueError, match="choices belong"):
        column("choice")
    with pytest.raises(ValueError, match="choices belong"):
        column("text", choices=GRADES)
    with pytest.raises(ValueError, match="twice"):
        column("choice", choices=GRADES[:1] * 2)


def test_headers_by_name_or_title_in_any_case_and_width() -> None:
    headers = ["ENTERPRISE", "风险等级", "储量（ｔ）", "Lng", "纬度", "无关"]
    mapping, faults = map_headers(COLUMNS, headers)
    assert faults == []
    assert mapping == {
        "name": "ENTERPRISE",
        "grade": "风险等级",
        "tank": "储量（ｔ）",
        "place.lat_deg": "纬度",
        "place.lon_deg": "Lng",
    }


def test_given_mappings_are_checked() -> None:
    _, faults = map_headers(COLUMNS, ["甲"], {"nmae": "甲", "grade": "乙"})
    assert [fault.column for fault in faults] == ["nmae", "grade", "name"]
    assert "name" in faults[0].text_zh
    assert "甲" in faults[1].text_en
    mapping, faults = map_headers(COLUMNS, ["甲", "乙"], {"name": "甲"})
    assert (mapping, faults) == ({"name": "甲"}, [])
    _, faults = map_headers(COLUMNS, ["甲"], {"name": "甲", "area": "甲"})
    assert [fault.text_en for fault in faults] == ["the mapping uses the same header twice"]


def test_import_says_everything_that_is_wrong_by_row_and_column() -> None:
    table = table_of(
        ["企业名称", "风险等级", "lat", "lon", "备注"],
        [
            ["示例一", "A级", "25.0", "102.6", "x"],
            [None, "Z", "91", "102.6", None],
            ["示例三", None, "25.0", None, None],
            ["示例四", None, None, None, None],
        ],
    )
    got = import_table(table, COLUMNS)
    assert [(fault.row, fault.column) for fault in got.faults] == [
        (3, "name"),
        (3, "grade"),
        (3, "place"),
        (4, "place"),
    ]
    assert got.rows[0].row == 2
    assert got.rows[0].values == {
        "name": "示例一",
        "grade": "A",
        "place": {"lat_deg": 25.0, "lon_deg": 102.6},
    }
    assert got.rows[1].values == {"name": "示例四", "grade": None, "place": None}
    assert [warning.code for warning in got.warnings] == ["header_unused"]


def test_many_faults_end_the_reading_and_say_so() -> None:
    table = table_of(["name", "staff"], [["x", "y"]] * 50)
    got = import_table(table, COLUMNS, max_faults=10)
    assert len(got.faults) == 10
    assert got.warnings[-1].code == "faults_cut"
    assert got.warnings[-1].row == 12


@pytest.mark.parametrize(
    ("datum", "forward"), [(Datum.GCJ02, wgs84_to_gcj02), (Datum.BD09, wgs84_to_bd09)]
)
def test_coordinates_become_wgs84_and_a_forgotten_datum_is_noticed(
    datum: Datum, forward: object
) -> None:
    assert callable(forward)
    true = [(24.98 + i / 100, 102.6 + i / 200) for i in range(6)]
    table = table_of(["name", "纬度", "经度"], [["示例", *forward(*point)] for point in true])

    def places(chosen: Datum) -> list[tuple[float, float]]:
        rows = import_table(table, COLUMNS, datum=chosen).rows
        found = [row.values["place"] for row in rows]
        return [(p["lat_deg"], p["lon_deg"]) for p in found if isinstance(p, dict)]  # type: ignore[misc]

    right = list(zip(places(datum), true, strict=True))
    assert all(distance_m(a, b) < 0.01 for a, b in right)
    assert datum_warning(right) is None
    warning = datum_warning(list(zip(places(Datum.WGS84), true, strict=True)))
    assert warning is not None
    assert {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}[datum] in warning.text_zh


texts = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=20)
trimmed = texts.map(lambda t: t.strip(" \t\r\n\u00a0\u3000\ufeff")).filter(bool)
rows = st.fixed_dictionaries(
    {
        "name": trimmed | st.sampled_from(["=1+1", "+86", "-x", "@x", "'=x", "''-y", "'q", "＝x"]),
        "grade": st.none() | st.sampled_from("ABCD"),
        "area": st.none() | st.sampled_from(["530112008", "530112001001"]),
        "staff": st.none() | st.integers(-(10**9), 10**9),
        "tank": st.none() | st.floats(-1e9, 1e9).map(lambda x: round(x, 3)),
        "open": st.none() | st.booleans(),
        "since": st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
        "seen": st.none() | st.integers(0, 4 * 10**12),
        "place": st.none()
        | st.fixed_dictionaries(
            {
                "lat_deg": st.floats(-90, 90).map(lambda x: round(x, 9)),
                "lon_deg": st.floats(-180, 180).map(lambda x: round(x, 9)),
            }
        ),
        "more": st.none() | st.dictionaries(st.sampled_from("ab"), st.integers(0, 9), min_size=1),
    }
)


@settings(max_examples=60)
@given(
    st.sampled_from(TableFormat),
    st.sampled_from(["zh", "en"]),
    st.lists(rows, min_size=1, max_size=4),
)
def test_what_was_exported_comes_back(form: TableFormat, language: str, listed: list) -> None:  # type: ignore[type-arg]
    for row in listed:
        row["name"] = normalize("NFC", row["name"])
        if row["name"].startswith("#"):
            row["name"] = "x" + row["name"]
    data = export_table(form, COLUMNS, listed, title="企业[1]", language=language)  # type: ignore[arg-type]
    got = import_table(read_table(data, form, TableLimits()), COLUMNS, areas=AREAS)
    assert got.faults == ()
    for row, expected in zip(got.rows, listed, strict=True):
        assert {name: row.values.get(name) for name in expected} == expected


def test_formulas_do_not_run() -> None:
    listed = [{"name": "=HYPERLINK(1)", "tank": -5.0}, {"name": "\t=1"}, {"name": "@SUM(1)"}]
    lines = export_csv(COLUMNS[:1] + COLUMNS[4:5], listed).decode("utf-8-sig").splitlines()
    assert lines == ["企业名称,储量(t)", "'=HYPERLINK(1),-5.0", "'\t=1,", "'@SUM(1),"]
    assert export_csv(COLUMNS, []).startswith(b"\xef\xbb\xbf")
    data = export_table(TableFormat.XLSX, COLUMNS, listed)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {
        "s",
        "n",
        "inlineStr",
    }


def test_geojson_needs_one_point() -> None:
    with pytest.raises(ValueError, match="exactly one point"):
        export_table(TableFormat.GEOJSON, COLUMNS[:2], [])


def test_coordinates_say_what_is_allowed() -> None:
    with pytest.raises(CellError) as wrong:
        convert_coordinate("102.6", latitude=True)
    assert "-90" in wrong.value.text_zh
    assert convert_coordinate("102.6", latitude=False) == 102.6
