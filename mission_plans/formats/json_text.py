"""JSON from outside: every number finite, no name twice, bounded, errors with line and column."""

import json
import math
from typing import Any, NoReturn

from mission_plans.formats.errors import PlanFileError, TooMuchError

__all__ = ["is_number", "read_json"]

MOST_BRACKETS = 1_500_000


def read_json(text: str) -> Any:
    """Return what a JSON text holds.

    Raises:
        PlanFileError: too large, not JSON (with line and column), a name that stands twice, or a
            number that is not finite.
    """
    brackets = text.count("[") + text.count("{")
    if brackets > MOST_BRACKETS:
        raise TooMuchError(
            "file",
            f"超过 {MOST_BRACKETS} 个对象与列表",
            f"more than {MOST_BRACKETS} objects and lists",
        )
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        raise PlanFileError(
            f"line {error.lineno} column {error.colno}",
            f"不是合格的 JSON({error.msg})",
            f"not JSON ({error.msg})",
        ) from error
    except PlanFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise PlanFileError(
            "file",
            "不是合格的 JSON:数字过长或嵌套过深",
            "not JSON: a number is too long or it is nested too deep",
        ) from error


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, which true and false are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _refuse_constant(name: str) -> NoReturn:
    raise PlanFileError("file", f"JSON 不允许 {name}", f"{name} is no number JSON allows")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise PlanFileError(twice[:80], "在同一对象里出现两次", "stands twice in one object")
    return found
