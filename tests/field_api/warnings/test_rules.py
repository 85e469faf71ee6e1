"""Whom a warning concerns, and what a draft lacks: the rules themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.features.warnings.formats.model import Place
from field_api.features.warnings.rules import ITEMS, area_code, concerns, missing_items
from field_api.features.warnings.tables import Shape, WarningDraft
from mission_plans.ground.datum import distance_m

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "warnings" / "concerns.json").read_text("utf-8")
)
CODE = st.from_regex(r"530112([0-9]{3}){0,2}", fullmatch=True)
PLACE = st.builds(Place, lat_deg=st.floats(24.8, 25.1), lon_deg=st.floats(102.5, 102.8))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_handhelds_decide_the_same(case: dict[str, Any]) -> None:
    shapes = [Shape.model_validate(each) for each in case["target"]["shapes"]]
    at = Place.model_validate(case["at"]) if case["at"] else None
    assert concerns(case["target"]["area_codes"], shapes, case["own_areas"], at) == case["why"]


@given(CODE, CODE, PLACE)
def test_an_area_concerns_whom_it_contains_and_who_contains_it(
    code: str, own: str, at: Place
) -> None:
    meets = code.startswith(own) or own.startswith(code)
    assert (concerns([code], [], [own], at) == "area") is meets
    assert concerns([code], [], [], at) == "area"


@given(PLACE, st.floats(1, 20_000), PLACE)
def test_a_circle_concerns_who_is_in_it(centre: Place, radius_m: float, at: Place) -> None:
    away_m = distance_m((centre.lat_deg, centre.lon_deg), (at.lat_deg, at.lon_deg))
    found = concerns([], [Shape(centre=centre, radius_m=radius_m)], ["530112"], at)
    assert (found == "place") is (away_m <= radius_m)


@given(st.sets(st.sampled_from([name for name in ITEMS if name != "sent"])), st.booleans())
def test_exactly_what_is_empty_is_missing(empty: set[str], ends: bool) -> None:
    filled: dict[str, Any] = {
        "category": {"event_code": "11B25", "event": "森林火险"},
        "level": {"level": "red"},
        "onset": {"onset_ms": 1},
        "area": {"area_codes": ["530112008"]},
        "description": {"description": "x"},
        "instruction": {"instruction": "x"},
        "issuer": {"issuer": "x"},
    }
    values: dict[str, Any] = dict.fromkeys(
        ("event_code", "event", "description", "instruction", "issuer", "area_text"), ""
    )
    values |= {"level": None, "onset_ms": None, "area_codes": [], "outlines": []}
    for name in filled.keys() - empty:
        values |= filled[name]
    draft = WarningDraft(**values, expires_ms=2 if ends else None)
    named = {each.name for each in missing_items(draft)}
    assert named == empty | (set() if ends else {"expires"})


@given(CODE)
def test_codes_filled_up_with_zeros_are_the_same_area(code: str) -> None:
    stripped = area_code(code.ljust(12, "0"))
    assert code.startswith(stripped)
    assert area_code(stripped) == stripped
