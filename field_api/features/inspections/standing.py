"""安全生产法 113(一): when closing an enterprise must be asked for. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["PENALTY_FORMS", "Penalties", "closure_due", "penalties_by"]

PENALTY_FORMS = ("ONSPOT", "PENALTY")
"""Decisions that punish."""
_HALF_YEAR_DAYS, _YEAR_DAYS = 180, 365


@dataclass(frozen=True, slots=True)
class Penalties:
    """How often an enterprise was punished until a day."""

    in_180_days: int
    in_1_year: int


def penalties_by(days: Iterable[str], today: str) -> Penalties:
    """Count the decisions of the last 180 days and of the last year, `today` included."""
    end = date.fromisoformat(today)
    half = (end - timedelta(days=_HALF_YEAR_DAYS - 1)).isoformat()
    year = (end - timedelta(days=_YEAR_DAYS - 1)).isoformat()
    kept = [day for day in days if year <= day <= today]
    return Penalties(sum(day >= half for day in kept), len(kept))


def closure_due(penalties: Penalties, open_major_hazards: int) -> bool:
    """Whether there is a major hazard, and 3 penalties in 180 days or 4 in a year."""
    often = penalties.in_180_days >= 3 or penalties.in_1_year >= 4
    return often and open_major_hazards > 0
