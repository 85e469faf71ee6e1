"""The made-up enterprises are the same every time, lie in the district, and survive a file."""

import time

import pytest

from field_api.core.areas import contains, load_areas
from field_api.core.registers.exporting import export_table
from field_api.core.registers.importing import datum_warning, import_table
from field_api.core.registers.reading import read_table
from field_api.core.registers.tables import TableFormat, TableLimits
from mission_plans.ground.datum import distance_m, wgs84_to_gcj02
from tests.field_api.core.sample import ENTERPRISE_COLUMNS, sample_enterprises

AREAS = load_areas()


def test_same_seed_same_enterprises() -> None:
    made = sample_enterprises(300)
    assert made == sample_enterprises(300)
    assert made != sample_enterprises(300, seed=1)
    assert len({one.name for one in made}) == 300
    assert all("示例" in one.name and "虚构" in one.name for one in made)
    assert {one.grade for one in made} == set("ABCD")
    for one in made:
        assert AREAS.known(one.area)
        assert contains("530112", one.area)
        seat = AREAS.seat_wgs84(one.area[:9])
        assert seat is not None
        assert distance_m((one.lat_deg, one.lon_deg), seat) < 1600


@pytest.mark.parametrize("form", TableFormat)
def test_two_thousand_enterprises_through_a_file(form: TableFormat) -> None:
    blank = {column.name: None for column in ENTERPRISE_COLUMNS}
    rows = [{**blank, **one.row()} for one in sample_enterprises(2000)]
    data = export_table(form, ENTERPRISE_COLUMNS, rows, title="企业")
    start_s = time.perf_counter()
    got = import_table(read_table(data, form, TableLimits()), ENTERPRISE_COLUMNS, areas=AREAS)
    print(f"{form}: {len(data)} bytes read in {time.perf_counter() - start_s:.2f} s")
    assert got.faults == ()
    assert [row.values for row in got.rows] == rows


def test_the_same_enterprises_in_gcj02_are_noticed_by_name() -> None:
    made = sample_enterprises(50)
    true = [(one.lat_deg, one.lon_deg) for one in made]
    warning = datum_warning([(wgs84_to_gcj02(*point), point) for point in true])
    assert warning is not None
    assert "GCJ-02" in warning.text_en
