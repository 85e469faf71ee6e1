"""JSON from outside: every number finite, no name twice, errors with line and column."""

import json
from typing import Any, NoReturn, cast

from mission_plans.formats.errors import PlanFileError

__all__ = ["MAX_TEXT", "read_object"]

MAX_TEXT = 5_000_000
"""Longest file read, in characters."""


def read_object(text: str) -> dict[str, Any]:
    """Return the object a JSON text holds.

    Raises:
        PlanFileError: too long, not JSON (with line and column), not an object, a name that stands
            twice, or a number that is not finite.
    """
    if len(text) > MAX_TEXT:
        raise PlanFileError("file", f"{len(text)} characters; at most {MAX_TEXT} are read")
    try:
        document = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_without_doubles
        )
    except json.JSONDecodeError as error:
        raise PlanFileError(
            f"line {error.lineno} column {error.colno}", f"not JSON ({error.msg})"
        ) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, PlanFileError):
            raise
        raise PlanFileError("file", f"not JSON ({error})") from error
    if not isinstance(document, dict):
        raise PlanFileError("file", "the file must hold a JSON object")
    return cast(dict[str, Any], document)


def _refuse_constant(name: str) -> NoReturn:
    raise PlanFileError("file", f"{name} is no number JSON allows")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise PlanFileError(name, "stands twice in one object")
        found[name] = value
    return found
