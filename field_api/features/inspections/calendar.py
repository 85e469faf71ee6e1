"""Days and periods as the law counts them. Pure.

行政处罚法 85: periods of two, three, five and seven days are working days; 行政强制法 69: so are
those of up to ten days. All others are calendar days. The day of the event does not count.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

__all__ = [
    "Law",
    "counts_working_days",
    "days_left",
    "is_workday",
    "local_day",
    "period_end",
    "year_is_known",
    "year_span_ms",
]

Law = Literal["penalty", "coercion", "other"]
"""行政处罚法、行政强制法、其他."""

BUREAU_ZONE = timezone(timedelta(hours=8))
_PENALTY_WORKING = (2, 3, 5, 7)
_COERCION_WORKING = 10


def local_day(t_ms: int) -> str:
    """Return the calendar day where the bureau is, `YYYY-MM-DD`."""
    return datetime.fromtimestamp(t_ms / 1000, BUREAU_ZONE).date().isoformat()


def year_span_ms(day: str) -> tuple[int, int]:
    """Return when the year of a day begins and the next one, UTC milliseconds."""
    year = int(day[:4])
    begins = (datetime(each, 1, 1, tzinfo=BUREAU_ZONE) for each in (year, year + 1))
    first, after = (int(begin.astimezone(UTC).timestamp() * 1000) for begin in begins)
    return first, after


def is_workday(day: str, kinds: Mapping[str, str]) -> bool:
    """Whether a day is worked: by the register of holidays (`off`, `work`), else by its weekday."""
    kind = kinds.get(day)
    if kind is not None:
        return kind == "work"
    return date.fromisoformat(day).weekday() < 5


def year_is_known(day: str, kinds: Mapping[str, str]) -> bool:
    """Whether the year's holidays are entered; where not, weekends alone count."""
    return any(each.startswith(day[:4]) for each in kinds)


def counts_working_days(days: int, law: Law) -> bool:
    """Whether a period of so many days is one of working days."""
    if law == "penalty":
        return days in _PENALTY_WORKING
    return law == "coercion" and days <= _COERCION_WORKING


def period_end(start: str, days: int, law: Law, kinds: Mapping[str, str]) -> str:
    """Return the last day of a period that begins with an event on `start`."""
    day = date.fromisoformat(start)
    if not counts_working_days(days, law):
        return (day + timedelta(days=days)).isoformat()
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_workday(day.isoformat(), kinds)
    return day.isoformat()


def days_left(due: str, today: str) -> int:
    """Return the calendar days until a day; negative once it is over."""
    return (date.fromisoformat(due) - date.fromisoformat(today)).days
