"""When the next aircraft is sent, and when the one on the place goes home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.features.flights.station_rules import (
    GO_HOME_S,
    LAYER_M,
    TRIES,
    First,
    Relief,
    Step,
    lead_s,
    next_step,
    other_height_m,
)
from mission_plans.values.plan import AircraftSpec, GeoPoint

SPEC = AircraftSpec(
    vehicle_id="XS-U2", launch=GeoPoint(lat_deg=24.9, lon_deg=102.6), cruise_ms=8, climb_ms=2.5
)


def on_it(spare_s: float | None, *, leaving: bool = False, known: bool = True) -> First:
    return First(known=known, leaving=leaving, spare_s=spare_s)


def coming(**changed: bool) -> Relief:
    return Relief(**{"failed": False, "flying": False, "sent": False, "there": False, **changed})


@pytest.mark.parametrize(
    ("first", "relief", "step"),
    [
        (on_it(600), None, Step.WAIT),
        (on_it(299), None, Step.SEND),
        (First(known=True, leaving=False, spare_s=299, there=False), None, Step.WAIT),
        (First(known=True, leaving=False, spare_s=149, there=False), None, Step.SEND),
        (on_it(None), None, Step.WAIT),
        (on_it(10, known=False), None, Step.WAIT),
        (on_it(200), coming(), Step.WAIT),
        (on_it(200), coming(flying=True), Step.LEAD_ON),
        (on_it(200), coming(flying=True, sent=True), Step.WAIT),
        (on_it(200), coming(flying=True, sent=True, there=True), Step.RELIEVE),
        (on_it(200), coming(failed=True, sent=True, there=True), Step.RELIEF_FAILED),
        (on_it(GO_HOME_S), coming(sent=True), Step.GO_HOME),
        (on_it(GO_HOME_S), None, Step.GO_HOME),
        (on_it(None, leaving=True), coming(), Step.LEFT),
        (on_it(None, leaving=True), None, Step.OVER),
        (on_it(None, leaving=True), coming(there=True, sent=True), Step.RELIEVE),
    ],
)
def test_what_is_due(first: First, relief: Relief | None, step: Step) -> None:
    assert next_step(first, relief, 300.0) is step


def test_who_left_is_waited_for_no_more_but_its_relief_is() -> None:
    gone = on_it(None, leaving=True)
    assert next_step(gone, coming(), 300.0, unwatched=True) is Step.WAIT
    assert next_step(gone, None, 300.0, unwatched=True) is Step.OVER
    tried = coming(flying=True)
    assert next_step(on_it(200), tried, 300.0, tries=TRIES) is Step.RELIEF_FAILED
    assert next_step(on_it(60), None, None) is Step.WARN
    assert next_step(on_it(60), None, None, warned=True) is Step.WAIT


@given(
    st.builds(First, known=st.booleans(), leaving=st.booleans(), spare_s=st.floats(-100, 2000)),
    st.none() | st.builds(Relief, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    st.none() | st.floats(60, 900),
    st.booleans(),
)
def test_the_first_is_relieved_only_by_one_that_is_there(
    first: First, relief: Relief | None, lead: float | None, unwatched: bool
) -> None:
    step = next_step(first, relief, lead, unwatched=unwatched)
    if step is Step.RELIEVE:
        assert relief is not None
        assert relief.there
        assert not relief.failed
    if step is Step.SEND:
        assert relief is None
        assert lead is not None
        assert not unwatched
        assert not first.leaving
    if step is Step.GO_HOME:
        assert first.known
        assert first.spare_s is not None
        assert first.spare_s <= GO_HOME_S


@given(st.floats(0, 5000), st.floats(-200, 400), st.floats(0, 1000))
def test_farther_away_is_sent_earlier(away_m: float, climb_m: float, more_m: float) -> None:
    near = lead_s(away_m, climb_m, SPEC)
    assert near >= 100
    assert lead_s(away_m + more_m, climb_m, SPEC) >= near
    assert near >= away_m / SPEC.cruise_ms


@given(st.floats(20, 500), st.floats(30, 500))
def test_the_two_heights_are_apart_and_allowed(height_m: float, limit_m: float) -> None:
    other = other_height_m(height_m, limit_m)
    if other is not None:
        assert abs(other - height_m) >= LAYER_M - 1e-9
        assert 20 <= other <= limit_m
        assert height_m <= limit_m
