"""Periods of the law that begin with a document, and their last days. Pure."""

from collections.abc import Mapping

from field_api.features.inspections.calendar import (
    Law,
    counts_working_days,
    period_end,
    year_is_known,
)
from field_api.features.inspections.messages import PeriodsView, PeriodView

__all__ = ["periods_from"]

_PERIODS: tuple[tuple[str, str, str, int, Law, str], ...] = (
    ("hearing", "NOTICE", "", 5, "penalty", "《行政处罚法》第六十四条第一项、第八十五条"),
    ("registered_evidence", "REGISTER", "decide_by", 7, "penalty", "《行政处罚法》第五十六条"),
    ("seizure", "COERCE", "until", 30, "coercion", "《行政强制法》第二十五条"),
    ("payment", "PENALTY", "", 15, "penalty", "《行政处罚法》第六十七条"),
)


def periods_from(day: str, kinds: Mapping[str, str]) -> PeriodsView:
    """Return the last day of each period that begins on a day (`YYYY-MM-DD`).

    Args:
        day: of the event; it does not count itself.
        kinds: `off` or `work` by day, as the register of holidays has them.
    """
    found = [
        PeriodView.model_validate(
            {
                "name": name,
                "form": form,
                "field": field,
                "days": days,
                "working": counts_working_days(days, law),
                "until": period_end(day, days, law, kinds),
                "basis": basis,
            }
        )
        for name, form, field, days, law, basis in _PERIODS
    ]
    known = all(year_is_known(one, kinds) for one in (day, *(p.until for p in found)))
    return PeriodsView(day=day, calendar_known=known, periods=found)
