"""Levels by the bands of the law, and when duties to report fall due."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.features.incident_reports.levels import BANDS, grade
from field_api.features.incident_reports.rules import (
    applies,
    due_ms,
    next_daily_ms,
    started,
    supplement_days,
)
from field_api.features.incident_reports.tables import Level
from field_api.features.law.tables import ClauseStanding, DutyStage, DutyStart, DutyWay, ReportDuty

DAY_MS = 86_400_000
LEVELS = list(Level)


def duty(**changes: Any) -> ReportDuty:
    values: dict[str, Any] = {
        "id": "x",
        "code": "x",
        "name": "x",
        "stage": DutyStage.FIRST,
        "way": DutyWay.WRITTEN,
        "kinds": ["accident"],
        "start": DutyStart.RECEIVED,
        "minutes": 120,
        "recipient": "x",
        "basis": "x",
        "standing": ClauseStanding.VERIFIED,
        **changes,
    }
    return ReportDuty(**values)


@pytest.mark.parametrize(
    ("kind", "figures", "level"),
    [
        # 以上 includes the number, 以下 excludes it (条例 3).
        ("accident", {"deaths": 2}, Level.ORDINARY),
        ("accident", {"deaths": 3}, Level.LARGER),
        ("accident", {"deaths": 9, "serious_injured": 49}, Level.LARGER),
        ("accident", {"deaths": 0, "serious_injured": 50}, Level.MAJOR),
        ("accident", {"loss_cny": 9_999_999}, Level.ORDINARY),
        ("accident", {"loss_cny": 100_000_000}, Level.EXTRAORDINARY),
        # 森林防火条例 40.
        ("fire", {"burned_ha": 0.6}, Level.ORDINARY),
        ("fire", {"burned_ha": 1}, Level.LARGER),
        ("fire", {"burned_ha": 99.9, "deaths": 30}, Level.EXTRAORDINARY),
        ("fire", {"loss_cny": 10**9}, None),
        ("flood", {"deaths": 40}, None),
        ("accident", {}, None),
    ],
)
def test_levels_are_those_of_the_bands(
    kind: str, figures: dict[str, float | None], level: Level | None
) -> None:
    found = grade(kind, figures)
    assert (found.level if found else None) == level


figures = st.dictionaries(
    st.sampled_from(["deaths", "serious_injured", "loss_cny", "burned_ha"]),
    st.one_of(st.none(), st.integers(0, 200_000_000)),
)


@given(st.sampled_from(sorted(BANDS)), figures, figures)
def test_more_known_or_more_harm_never_makes_a_level_lower(
    kind: str, some: dict[str, float | None], more: dict[str, float | None]
) -> None:
    worse = {
        name: max(value for value in (some.get(name), more.get(name), 0) if value is not None)
        for name in {*some, *more}
    }
    before, after = grade(kind, some), grade(kind, worse)
    if before is not None:
        assert after is not None
        assert LEVELS.index(after.level) >= LEVELS.index(before.level)


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 23), st.integers(0, 59))
def test_a_daily_time_is_the_next_one_in_kunming(after_ms: int, hour: int, minute: int) -> None:
    at = next_daily_ms(f"{hour:02d}:{minute:02d}", after_ms)
    assert after_ms < at <= after_ms + DAY_MS
    local = datetime.fromtimestamp(at / 1000 + 8 * 3600, UTC)
    assert (local.hour, local.minute, local.second) == (hour, minute, 0)


@given(st.integers(0, 10**12), st.integers(1, 10**5))
def test_a_limit_counts_from_its_start(start_ms: int, minutes: int) -> None:
    assert due_ms(duty(minutes=minutes), start_ms) == start_ms + minutes * 60_000
    assert due_ms(duty(minutes=None), start_ms) is None


def test_what_happened_before_it_was_told_counts_from_when_it_happened() -> None:
    assert started(DutyStart.HAPPENED, 100, 40).t_ms == 40
    assumed = started(DutyStart.HAPPENED, 100, None)
    assert (assumed.t_ms, assumed.assumed) == (100, True)
    assert started(DutyStart.RECEIVED, 100, 40).t_ms == 100


@pytest.mark.parametrize("level", [None, *LEVELS])
def test_a_duty_from_a_level_on_is_for_no_lower_and_no_unknown_one(level: Level | None) -> None:
    from_larger = duty(from_level="larger")
    assert applies(from_larger, "accident", level) == (level not in (None, Level.ORDINARY))
    assert applies(duty(), "accident", level)
    assert not applies(duty(), "flood", level)
    assert not applies(duty(active=False), "accident", level)


def test_changed_casualties_are_reported_for_thirty_days_or_seven() -> None:
    assert supplement_days("accident", traffic=False) == 30
    assert supplement_days("accident", traffic=True) == 7
    assert supplement_days("fire", traffic=False) == 7
    assert supplement_days("flood", traffic=False) is None
