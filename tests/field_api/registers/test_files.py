"""Importing and exporting registers."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from field_api.core.registers.exporting import export_table
from field_api.core.registers.tables import TableFormat
from field_api.features.registers.enterprises import REGISTER
from mission_plans.ground.datum import wgs84_to_bd09, wgs84_to_gcj02
from tests.field_api.core.sample import ENTERPRISE_COLUMNS, Enterprise
from tests.field_api.post import Post
from tests.field_api.registers.conftest import COUNT, bound_to, made

URL = "registers/enterprises"
STREET, OTHER = "530112001", "530112002"


def table(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def file_of(enterprises: list[Enterprise], form: TableFormat = TableFormat.CSV) -> bytes:
    return export_table(form, ENTERPRISE_COLUMNS, [one.row() for one in enterprises])


async def brought(client: httpx.AsyncClient, data: bytes, **asked: Any) -> dict[str, Any]:
    answer = await client.post(
        f"{URL}/import",
        params={"format": "csv", **asked},
        content=data,
        headers={"content-type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(done: dict[str, Any]) -> tuple[int, int, int, bool]:
    return done["created"], done["changed"], done["same"], done["applied"]


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_was_exported_comes_back_the_same(full: Post, form: str, language: str) -> None:
    duty = await full.sign_in("duty")
    odd = {"name": "=1+1 “引号”,逗号\n第二行", "industry": "'+工贸"}
    assert (await duty.post(URL, json=odd)).status_code == 201
    out = await duty.get(f"{URL}/export", params={"format": form, "language": language})
    assert out.status_code == 200
    assert f"enterprises.{form}" in out.headers["content-disposition"]
    done = await brought(duty, out.content, format=form)
    assert done["errors"] == []
    assert counts(done) == (0, 0, COUNT + 1, True)
    assert done["warnings"] == []
    assert (await duty.get("registers/enterprises", params={"sort": "-version"})).json()["rows"][0][
        "version"
    ] == 1


async def test_the_map_layer_is_geojson_with_the_same_filters(full: Post) -> None:
    duty = await full.sign_in("duty")
    asked = {"format": "geojson", "where": "grade:A", "q": "长青"}
    layer = await duty.get(f"{URL}/export", params=asked)
    assert layer.headers["content-type"] == "application/geo+json"
    features = layer.json()["features"]
    wanted = [one for one in made() if one.grade == "A" and "长青" in one.name]
    assert len(features) == len(wanted)
    assert {feature["properties"]["grade"] for feature in features} == {"A"}
    nothing = await duty.get(f"{URL}/export", params={**asked, "q": "没有这家"})
    assert nothing.json() == {"type": "FeatureCollection", "features": []}
    admin = await full.sign_in("admin")
    refused = await admin.get("registers/teams/export", params={"format": "geojson"})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (422, "no_map")


@pytest.mark.parametrize("register", ["aircraft", "teams", "terminals", "airspace", "places"])
async def test_the_roster_survives_a_file(post: Post, register: str) -> None:
    admin = await post.sign_in("admin")
    out = await admin.get(f"registers/{register}/export", params={"format": "xlsx"})
    answer = await admin.post(
        f"registers/{register}/import", params={"format": "xlsx"}, content=out.content
    )
    done = answer.json()
    assert done["errors"] == []
    assert done["same"] == done["rows"] > 0


async def test_errors_by_row_and_column_and_nothing_is_written(post: Post) -> None:
    duty = await post.sign_in("duty")
    await post.services.tail.catch_up()
    seq = post.services.tail.seq
    data = table(
        ["企业名称", "行业", "安全等级", "从业人数", "纬度", "经度", "所属区划", "备注"],
        ["示例一(虚构)", "工贸", "A", "12", "25.0", "102.6", "西苑街道", ""],
        ["示例二(虚构)", "工贸", "Z", "many", "25.0", "102.6", "西苑街道", ""],
        ["", "工贸", "B 级", "3", "95", "102.6", "昆明", ""],
        ["示例四(虚构)", "工贸", "b", "99999999999", "", "", STREET, ""],
    )
    done = await brought(duty, data)
    assert counts(done) == (1, 0, 0, False)
    assert {(error["row"], error["column"]) for error in done["errors"]} == {
        (3, "grade"),
        (3, "employees"),
        (4, "name"),
        (4, "place"),
        (4, "area"),
        (5, "employees"),
    }
    assert all(error["text_zh"] != error["text_en"] for error in done["errors"])
    assert done["mapping"]["place.lat_deg"] == "纬度"
    assert [one["code"] for one in done["warnings"]] == ["header_unused"]
    assert (await duty.get(URL)).json()["total"] == 0
    await post.services.tail.catch_up()
    assert post.services.tail.seq == seq


async def test_a_dry_run_writes_nothing_and_an_import_tells_each_change(post: Post) -> None:
    duty = await post.sign_in("duty")
    ten = list(made()[:10])
    trial = await brought(duty, file_of(ten), dry_run=True)
    assert counts(trial) == (10, 0, 0, False)
    assert (await duty.get(URL)).json()["total"] == 0
    assert counts(await brought(duty, file_of(ten))) == (10, 0, 0, True)
    await post.services.tail.catch_up()
    seq = post.services.tail.seq
    renamed = [*ten[:8], *made()[10:12]]
    data = file_of(renamed).replace("危险化学品".encode(), "危化".encode(), 1)
    done = await brought(duty, data)
    assert (done["created"], done["changed"] + done["same"]) == (2, 8)
    await post.services.tail.catch_up()
    assert post.services.tail.seq == seq + done["created"] + done["changed"]
    audit = await post.sign_in("auditor")
    trail = (await audit.get("audit", params={"limit": 50})).json()
    texts = [line["text_en"] for line in trail if line["action"] == "register.imported"]
    assert len(texts) == 2
    assert any("10 added" in text for text in texts)


async def test_a_chosen_mapping_leaves_the_rest_alone(post: Post) -> None:
    duty = await post.sign_in("duty")
    await brought(duty, file_of(list(made()[:3])))
    one = made()[0]
    data = table(["代码", "等级", "厂名", "类别"], [one.credit_code, "D", one.name, "改行"])
    mapping = {"credit_code": "代码", "grade": "等级", "name": "厂名", "industry": "类别"}
    done = await brought(duty, data, mapping=json.dumps(mapping))
    assert counts(done) == (0, 1, 0, True)
    row = (await duty.get(URL, params={"q": one.credit_code})).json()["rows"][0]
    assert (row["grade"], row["industry"], row["employees"]) == ("D", "改行", one.employees)
    assert row["version"] == 2
    wrong = await brought(duty, data, mapping='{"colour": "代码"}')
    assert wrong["errors"][0]["column"] == "colour"
    for bad in ("[1]", "{", '{"name": 1}'):
        answer = await duty.post(
            f"{URL}/import", params={"format": "csv", "mapping": bad}, content=data
        )
        assert answer.json()["detail"]["code"] == "bad_mapping", bad


async def test_rows_that_mean_one_entry_and_ids_of_other_programs(post: Post) -> None:
    duty = await post.sign_in("duty")
    data = table(
        ["id", "企业名称", "行业", "统一社会信用代码"],
        ["1", "示例一(虚构)", "工贸", "9153MA1X"],
        ["2", "示例二(虚构)", "工贸", "9153MA1X"],
    )
    done = await brought(duty, data)
    assert [(error["row"], error["column"]) for error in done["errors"]] == [(3, None)]
    done = await brought(
        duty, data.replace(b"2,", b"1,").replace(b"9153MA1X\r\n2", b"x\r\n2"), dry_run=True
    )
    assert {one["code"] for one in done["warnings"]} == {"foreign_ids", "without_area"}
    admin = await post.sign_in("admin")
    teams = table(["id", "Name", "Name in English", "People"], ["T 9", "新", "New", "4"])
    answer = await admin.post("registers/teams/import", params={"format": "csv"}, content=teams)
    assert answer.json()["errors"][0]["column"] == "id"
    good = teams.replace(b"T 9", b"T9")
    answer = await admin.post("registers/teams/import", params={"format": "csv"}, content=good)
    assert answer.json()["created"] == 1
    assert (await admin.get("registers/teams/T9")).json()["people"] == 4


@pytest.mark.parametrize("known", ["by key", "by place"])
@pytest.mark.parametrize(("crs", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
async def test_a_forgotten_datum_is_noticed(post: Post, known: str, crs: str, shift: Any) -> None:
    duty = await post.sign_in("duty")
    spread: list[Enterprise] = []
    for one in made():
        near = ((one.lat_deg - b.lat_deg) ** 2 + (one.lon_deg - b.lon_deg) ** 2 for b in spread)
        if all(squared > 0.02**2 for squared in near):
            spread.append(one)
    assert len(spread) > 5
    await brought(duty, file_of(spread))
    rows = [one.row() for one in spread]
    for row in rows:
        place: Any = row["place"]
        lat_deg, lon_deg = shift(place["lat_deg"], place["lon_deg"])
        row["place"] = {"lat_deg": lat_deg, "lon_deg": lon_deg}
        if known == "by place":
            row["credit_code"] = None
    data = export_table(TableFormat.CSV, ENTERPRISE_COLUMNS, rows)
    trial = await brought(duty, data, dry_run=True)
    if crs == "gcj02" or known == "by key":
        assert [one["code"] for one in trial["warnings"]] == ["datum_suspected"]
        assert {"gcj02": "GCJ-02", "bd09": "BD-09"}[crs] in trial["warnings"][0]["text_en"]
    right = await brought(duty, data, dry_run=True, crs=crs)
    assert right["warnings"] == []


async def test_an_inspectors_file_changes_their_street_only(post: Post) -> None:
    duty = await post.sign_in("duty")
    theirs = [one for one in made() if one.area.startswith(OTHER)][:2]
    await brought(duty, file_of(theirs))
    inspector = await bound_to(post, "ht-05", STREET)
    own = [one for one in made() if one.area.startswith(STREET)][:2]
    done = await brought(inspector, file_of([*own, *theirs]))
    assert [(error["row"], error["column"]) for error in done["errors"]] == [
        (4, "area"),
        (5, "area"),
    ]
    assert not done["applied"]
    assert counts(await brought(inspector, file_of(own))) == (2, 0, 0, True)
    plain = table(["企业名称", "行业"], ["示例新(虚构)", "工贸"])
    assert (await brought(inspector, plain))["created"] == 1
    row = (await inspector.get(URL, params={"q": "示例新"})).json()["rows"][0]
    assert row["area"] == STREET


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"{}", b"PK\x03\x04", b'{"features": [1]}'])
async def test_what_is_no_such_file_is_refused(post: Post, form: str, data: bytes) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post(f"{URL}/import", params={"format": form}, content=data)
    if answer.status_code == 200:
        assert answer.json()["errors"]
        assert not answer.json()["applied"]
    else:
        assert answer.status_code == 422
        assert answer.json()["detail"]["field"] == "body"
        assert answer.json()["detail"]["text_zh"]


async def test_too_large_a_file_and_who_may_not(post: Post) -> None:
    duty = await post.sign_in("duty")
    answer = await duty.post(f"{URL}/import", params={"format": "csv"}, content=b"x" * (17 << 20))
    assert answer.status_code == 413
    auditor = await post.sign_in("auditor")
    answer = await auditor.post(f"{URL}/import", params={"format": "csv"}, content=b"x")
    assert answer.status_code == 403
    assert (await auditor.get(f"{URL}/export")).status_code == 200
    assert REGISTER.key == ("credit_code",)
