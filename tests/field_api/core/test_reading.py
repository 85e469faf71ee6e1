"""Files from outside become tables, whatever their bytes."""

import io
import json
import zipfile
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.core.registers.reading import (
    LAT_HEADER,
    LON_HEADER,
    read_csv,
    read_geojson,
    read_table,
    read_xlsx,
)
from field_api.core.registers.tables import RawRow, TableError, TableFormat, TableLimits

LIMITS = TableLimits(
    max_file_bytes=1 << 20,
    max_unpacked_bytes=4 << 20,
    max_rows=20,
    max_columns=5,
    max_cell_chars=50,
)


def workbook(rows: list[list[Any]], *, number_format: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if number_format is not None:
        sheet["A2"].number_format = number_format
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, None) or old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_of_any_usual_writing(encoding: str, delimiter: str) -> None:
    text = f"\r\n名称{delimiter}等级\r\n示例化工{delimiter} A \r\n\r\n示例五金{delimiter}\r\n"
    table = read_csv(text.encode(encoding), LIMITS)
    assert table.headers == ("名称", "等级")
    assert table.header_row == 2
    assert table.rows == (RawRow(3, ("示例化工", "A")), RawRow(5, ("示例五金", None)))


def test_csv_quotes_and_lines_in_cells() -> None:
    table = read_csv(b'a,b\n"x, y","1\n2"\nz,3\n', LIMITS)
    assert table.rows == (RawRow(2, ("x, y", "1\n2")), RawRow(3, ("z", "3")))


def test_headers_are_made_unique() -> None:
    table = read_csv("备注,,备注\n1,2,3".encode(), LIMITS)
    assert table.headers == ("备注", "(2)", "备注 (2)")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table_empty"),
        (b"\n\n", "table_without_headers"),
        (b"a\xff\xff,b\n", "csv_encoding"),
        (b"a,b\n\x00,1", "csv_encoding"),
        (b'a,b\n"never closed', "csv_broken"),
        (b"a,b\n" + b"x" * 200_000, "csv_broken"),
        (b"a,b,c,d,e,f\n", "table_too_many_columns"),
        (b"a\n" + b"1\n" * 21, "table_too_many_rows"),
        (b"a\n" + b"\n" * 30, "table_too_many_rows"),
        (b"x" * (1 << 20) + b"y", "table_too_large"),
    ],
)
def test_csv_refusals(data: bytes, code: str) -> None:
    with pytest.raises(TableError) as refused:
        read_csv(data, LIMITS)
    assert refused.value.code == code
    assert refused.value.text_zh


def test_rows_that_do_not_fit_are_faults_and_the_others_go_on() -> None:
    table = read_csv(b"a,b\n1,2,3\n" + b"x" * 51 + b",2\n3,4\n", LIMITS)
    assert [(fault.row, fault.column) for fault in table.faults] == [(2, None), (3, "a")]
    assert table.rows == (RawRow(4, ("3", "4")),)


def test_xlsx_cells_keep_their_kind() -> None:
    data = workbook([["d", "n", "t", "b"], [date(2026, 3, 15), 1.5, " x ", True], [None] * 4])
    assert read_xlsx(data, LIMITS).rows == (RawRow(2, (datetime(2026, 3, 15), 1.5, "x", True)),)


def test_xlsx_formulas_are_values() -> None:
    """A formula whose value was never computed has none; its text is not a value."""
    assert read_xlsx(workbook([["a", "b"], ["=1+1", "x"]]), LIMITS).rows == (
        RawRow(2, (None, "x")),
    )


def test_xlsx_gaps_keep_row_numbers() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "a"
    sheet["A9"] = "x"
    stream = io.BytesIO()
    book.save(stream)
    assert read_xlsx(stream.getvalue(), LIMITS).rows == (RawRow(9, ("x",)),)


@pytest.mark.parametrize(("cell", "code"), [("XFD1", "columns"), ("A1048576", "rows")])
def test_xlsx_cells_far_away(cell: str, code: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "a"
    sheet[cell] = "x"
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(TableError, match=f"too_many_{code}"):
        read_xlsx(stream.getvalue(), LIMITS)


def test_xlsx_bombs_are_refused() -> None:
    data = workbook([["a"], ["x"]])
    with pytest.raises(TableError, match="xlsx_too_large_unpacked"):
        read_xlsx(repacked(data, {"xl/media/x.bin": bytes(8 << 20)}), LIMITS)
    with pytest.raises(TableError, match="xlsx_too_large_unpacked"):
        read_xlsx(repacked(data, {f"x/{i}": b"" for i in range(2001)}), LIMITS)


def test_an_xlsx_row_of_very_many_cells_is_refused_before_it_is_built() -> None:
    wide = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b"<row>" + b"<c/>" * 20_000 + b"</row></sheetData></worksheet>"
    )
    data = repacked(workbook([["a"]]), {"xl/worksheets/sheet1.xml": wide})
    with pytest.raises(TableError, match="cells in a row"):
        read_xlsx(data, LIMITS)


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(workbook([["a"]]))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(TableError, match="xlsx_broken"):
        read_xlsx(bytes(data), LIMITS)


def test_xlsx_entities_are_refused() -> None:
    data = workbook([["a"], ["x"]])
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(TableError, match="xlsx_broken"):
        read_xlsx(repacked(data, {"xl/worksheets/sheet1.xml": bomb}), LIMITS)


@pytest.mark.parametrize("data", [b"PK", b"\xd0\xcf\x11\xe0 old xls", b"a,b\n1,2"])
def test_what_is_no_xlsx(data: bytes) -> None:
    with pytest.raises(TableError, match="xlsx_broken"):
        read_xlsx(data, LIMITS)


def test_any_zip_is_no_xlsx() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(TableError, match="xlsx_broken"):
        read_xlsx(stream.getvalue(), LIMITS)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features} | more).encode()


def test_geojson_points() -> None:
    table = read_geojson(
        collection(
            feature({"type": "Point", "coordinates": [102.6, 25.0]}, name="示例"),
            feature({"type": "Polygon", "coordinates": []}, name="面"),
            feature(None, name="无位置", tags=["a"]),
            "nonsense",
            feature({"type": "Point", "coordinates": [True, 1]}),
        ),
        LIMITS,
    )
    assert table.headers == (LON_HEADER, LAT_HEADER, "name", "tags")
    assert table.rows == (
        RawRow(1, (102.6, 25.0, "示例", None)),
        RawRow(3, (None, None, "无位置", '["a"]')),
    )
    assert [fault.row for fault in table.faults] == [2, 4, 5]
    assert "Polygon" in table.faults[0].text_en


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"type":"FeatureCollection","features":[NaN]}',
        collection(crs={"type": "name", "properties": {"name": "EPSG:4547"}}),
    ],
)
def test_geojson_refusals(data: bytes) -> None:
    with pytest.raises(TableError, match="geojson_broken"):
        read_geojson(data, LIMITS)


def test_geojson_limits_and_usual_crs() -> None:
    with pytest.raises(TableError, match="too_many_rows"):
        read_geojson(collection(*[feature(None)] * 21), LIMITS)
    with pytest.raises(TableError, match="too_many_columns"):
        read_geojson(collection(feature(None, **{f"k{i}": 1 for i in range(6)})), LIMITS)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert read_geojson(collection(crs=crs), LIMITS).rows == ()


@given(
    st.sampled_from(TableFormat), st.binary(max_size=300) | st.text(max_size=100).map(str.encode)
)
def test_hostile_bytes_are_a_table_or_a_refusal(form: TableFormat, data: bytes) -> None:
    with suppress(TableError):
        read_table(data, form, LIMITS)


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_workbook_is_a_table_or_a_refusal(place: int, byte: int) -> None:
    data = bytearray(WORKBOOK)
    data[place % len(data)] = byte
    with suppress(TableError):
        read_xlsx(bytes(data), LIMITS)


WORKBOOK = workbook([["名称", "等级"], ["示例", "A"]])
