"""Area codes: containment by prefix, the district's own list, the nearest seat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.core.areas import Area, AreaKind, Areas, contains, load_areas, parent_code

AREAS = load_areas()


def test_the_district_is_complete() -> None:
    listed = AREAS.listed()
    assert listed[0] == Area("530112", "西山区", AreaKind.DISTRICT, None)
    kinds = [area.kind for area in listed]
    assert kinds.count(AreaKind.STREET) == 11
    assert kinds.count(AreaKind.COMMUNITY) == 126
    assert all(area.parent is None or contains(area.parent, area.code) for area in listed)


def test_known_and_by_name() -> None:
    assert AREAS.known("530112001001")
    assert not AREAS.known("530112999")
    street = AREAS.by_name("碧鸡街道")
    assert street is not None
    assert street.code == "530112008"
    assert AREAS.by_name("没有的街道") is None
    assert AREAS.get("530112001001") == Area(
        "530112001001", "凯苑社区", AreaKind.COMMUNITY, "530112001"
    )


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("530112", "530112", True),
        ("530112", "530112008", True),
        ("530112008", "530112008003", True),
        ("530112008", "530112", False),
        ("530112008", "530112009001", False),
        ("", "530112", False),
        ("5301", "530112", False),
        ("530112", "530112x", False),
        ("530112", "5301120", False),
        ("530112", "530112008\n", False),
    ],
)
def test_contains(outer: str, inner: str, expected: bool) -> None:
    assert contains(outer, inner) is expected


@given(st.text(max_size=14), st.text(max_size=14))
def test_hostile_codes_contain_nothing(outer: str, inner: str) -> None:
    if contains(outer, inner):
        assert len(outer) in (6, 9, 12)
        assert outer.isascii()


def test_parent_code() -> None:
    assert parent_code("530112008003") == "530112008"
    assert parent_code("530112") is None
    with pytest.raises(ValueError, match="6, 9 or 12"):
        parent_code("53")


def test_nearest_street_is_the_nearest_seat_among_those_asked() -> None:
    assert AREAS.nearest_street(24.78, 102.576) == "530112009"
    assert AREAS.nearest_street(24.78, 102.576, ["530112010", "530112008"]) == "530112008"
    assert AREAS.nearest_street(24.78, 102.576, ["530113"]) is None
    for area in AREAS.listed():
        seat = AREAS.seat_wgs84(area.code)
        assert seat is None or AREAS.nearest_street(*seat) == area.code


def test_files_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="lacks the columns"):
        load_areas("a,b\n1,2\n")
    with pytest.raises(ValueError, match="not listed"):
        load_areas(communities_csv="code,name\n530999001001,x\n")
    with pytest.raises(ValueError, match="twice"):
        Areas([Area("530112", "a", AreaKind.DISTRICT, None)] * 2)
