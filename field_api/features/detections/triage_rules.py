"""Who has taken an alert, and whether two may be one. Times are UTC in milliseconds."""

__all__ = ["RENEW_AFTER_MS", "TAKEN_FOR_MS", "day_of", "taken_by_other", "why_not_merge"]

TAKEN_FOR_MS = 120_000
"""An alert is free again when who took it did nothing for so long."""

RENEW_AFTER_MS = 30_000
"""Taking it again sooner changes nothing."""

DAY_MS = 86_400_000
BUREAU_OFFSET_MS = 8 * 3_600_000
"""China has one zone and no summer time."""


def taken_by_other(taken_by: str | None, taken_ms: int | None, name: str, now_ms: int) -> bool:
    """Whether somebody else is looking at an alert now."""
    if taken_by is None or taken_ms is None or taken_by == name:
        return False
    return now_ms - taken_ms < TAKEN_FOR_MS


def why_not_merge(label: str, into_label: str, status: str, into_status: str) -> str | None:
    """Why an alert can't join another, None where it can.

    A judged alert is not merged: its judgement is final and stands by itself. Nothing joins a
    rejected one: it would be rejected unseen.
    """
    if label != into_label:
        return "merge_other_kind"
    if status != "open":
        return "merge_judged"
    return "merge_into_rejected" if into_status == "rejected" else None


def day_of(t_ms: int) -> int:
    """Return the number of a day by the bureau's calendar, counted from 1970-01-01."""
    return (t_ms + BUREAU_OFFSET_MS) // DAY_MS
