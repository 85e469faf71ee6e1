"""The life of a task as a table, and when it escalates."""

__all__ = ["FINISHED", "TRANSITIONS", "allowed", "is_due"]

TRANSITIONS: dict[str, frozenset[str]] = {
    "sent": frozenset({"acknowledged", "refused"}),
    "acknowledged": frozenset({"en_route", "on_scene", "refused"}),
    "en_route": frozenset({"on_scene", "refused"}),
    "on_scene": frozenset({"done"}),
    "done": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
}
"""From each state, the states a terminal may move the task to."""

FINISHED = frozenset({"done", "refused", "cancelled"})


def allowed(state: str, to: str) -> bool:
    """Whether a task in `state` may move to `to`."""
    return to in TRANSITIONS[state]


def is_due(
    state: str, created_ms: int, escalated_ms: int | None, now_ms: int, after_ms: int
) -> bool:
    """Whether a task must escalate now: sent, unacknowledged for too long, not escalated yet."""
    return state == "sent" and escalated_ms is None and now_ms - created_ms >= after_ms
