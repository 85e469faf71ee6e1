"""A new register is one file: dropped into the folder, it has all that a register has."""

import dataclasses
import importlib
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from sqlmodel import SQLModel

from field_api.app import create_app
from field_api.core import records
from field_api.core.registers.register import Register
from field_api.declared import FEATURES
from field_api.features import registers
from field_api.settings import Settings
from tests.field_api.post import Post, TestClock

MODULE = '''"""Fire hydrants."""

from sqlmodel import Field

from field_api.core.records import Record, Sync
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.register import Register
from field_api.features.registers.permissions import REGISTER_VIEW, REGISTER_WRITE


class ExampleHydrant(Record, table=True):
    """A hydrant."""

    label: str = Field(index=True)
    flow_l_s: float | None = None
    checked_on: str | None = None
    lat_deg: float
    lon_deg: float


REGISTER = Register(
    name="hydrants",
    title_zh="消火栓",
    title_en="Hydrants",
    table=ExampleHydrant,
    columns=(
        Column("label", ColumnKind.TEXT, "编号牌", "Label", required=True, searchable=True),
        Column("flow_l_s", ColumnKind.NUMBER, "流量", "Flow", unit="L/s"),
        Column("checked_on", ColumnKind.DATE, "检查日期", "Checked on"),
        Column("place", ColumnKind.POINT, "位置", "Position", required=True),
    ),
    reads=REGISTER_VIEW,
    writes=REGISTER_WRITE,
    key=("label",),
    sync=Sync.AREA,
)
'''


@pytest.fixture
async def post(settings: Settings, tmp_path: Path) -> AsyncGenerator[Post]:
    """A command post with one register more, whose database was made without it."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "example_hydrants.py").write_text(MODULE, "utf-8")
    registers.__path__.append(str(folder))
    importlib.invalidate_caches()
    feature = registers.make_feature(registers.__path__)
    features = tuple(feature if one.name == "registers" else one for one in FEATURES)
    clock = TestClock()
    app = create_app(settings, clock=clock, features=features, build_ahead=False)
    try:
        async with app.router.lifespan_context(app):
            yield Post(app, clock, "http://post.test", httpx.ASGITransport(app))
    finally:
        registers.__path__.remove(str(folder))
        table = next(one for one in feature.registers if one.name == "hydrants").table
        # Other tests' command posts must not know it: they have no such table.
        SQLModel.metadata.remove(table.__table__)
        records._by_topic.pop("register.hydrants")  # pyright: ignore[reportPrivateUsage]
        records._by_table.pop(table)  # pyright: ignore[reportPrivateUsage]
        del sys.modules["field_api.features.registers.example_hydrants"]


async def test_one_file_brings_everything(post: Post) -> None:
    duty = await post.sign_in("duty")
    url = "registers/hydrants"
    schemas = {one["name"]: one for one in (await duty.get("registers")).json()}
    assert schemas["hydrants"]["title_zh"] == "消火栓"
    assert [column["name"] for column in schemas["hydrants"]["columns"]] == [
        "label",
        "flow_l_s",
        "checked_on",
        "place",
        "area",
    ]
    one = {"id": "H-1", "label": "西苑 001", "place": {"lat_deg": 25.04, "lon_deg": 102.67}}
    assert (await duty.post(url, json=one)).status_code == 201
    changed = await duty.put(
        f"{url}/H-1", json={"version": 1, "flow_l_s": 15, "checked_on": "2026/1/5"}
    )
    assert (changed.json()["flow_l_s"], changed.json()["checked_on"]) == (15.0, "2026-01-05")
    history = (await duty.get(f"{url}/H-1/history")).json()
    assert [line["action"] for line in history] == ["changed", "created"]
    data = "编号牌,流量(L/s),纬度,经度\n西苑 001,20,25.04,102.67\n西苑 002,,25.05,102.68\n".encode()
    done = (await duty.post(f"{url}/import", params={"format": "csv"}, content=data)).json()
    assert (done["created"], done["changed"], done["applied"]) == (1, 1, True)
    page = (await duty.get(url, params={"q": "西苑", "sort": "-flow_l_s"})).json()
    assert [row["flow_l_s"] for row in page["rows"]] == [20.0, None]
    layer = await duty.get(f"{url}/export", params={"format": "geojson"})
    assert len(layer.json()["features"]) == 2
    pull = await (await post.sign_in("ht-05")).get("sync/pull", params={"limit": 1000})
    pulled = [one for one in pull.json()["changes"] if one["type"] == "register.hydrants"]
    assert len(pulled) == 2
    unknown = await duty.get(f"{url}/H-9")
    assert (unknown.status_code, unknown.json()["detail"]["code"]) == (404, "unknown_entry")


def test_declarations_that_can_not_work_are_refused() -> None:
    known = next(one for one in registers.FEATURE.registers if one.name == "enterprises")
    assert isinstance(known, Register)
    first = known.columns[0]
    for changes in (
        {"key": ("colour",)},
        {"columns": (*known.columns, dataclasses.replace(first, name="area"))},
        {"columns": (*known.columns, first)},
        {"columns": (*known.columns, known.columns[-1])},
    ):
        with pytest.raises(ValueError, match="enterprises"):
            dataclasses.replace(known, **changes)  # type: ignore[arg-type]
