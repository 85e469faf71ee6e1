"""Logging an exception must not show, and so walk through, everything that there is."""

import structlog

from xunshan import log_plainly


class Huge:
    """What a local variable may hold."""

    asked = 0

    def __repr__(self) -> str:
        Huge.asked += 1
        return "huge"


def test_an_exception_is_logged_without_the_values_of_variables() -> None:
    log_plainly()
    everything = [Huge() for _ in range(3)]
    try:
        raise ValueError(len(everything))
    except ValueError:
        structlog.get_logger("test").exception("failed")
    assert Huge.asked == 0
