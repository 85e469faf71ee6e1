"""Times, numbers and places as warning files write them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from field_api.features.warnings.formats.model import Circle, Place

__all__ = [
    "BEIJING",
    "circle_of",
    "decimal_text",
    "exact_ms",
    "places_of",
    "scaled",
    "time_ms",
    "time_text",
]

BEIJING = timezone(timedelta(hours=8))
EXACT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
"""A time as CAP 1.2 demands it: no fraction, no letter for UTC."""
NUMBER = re.compile(r"[+-]?(\d{1,9}(\.\d{0,20})?|\.\d{1,20})", re.ASCII)


def exact_ms(text: str) -> int | None:
    """Return a time written to CAP's letter, None for any other."""
    return time_ms(text) if EXACT.fullmatch(text) else None


def time_ms(text: str) -> int | None:
    """Return a time of ISO 8601 with its zone, blank or T between, whole seconds; else None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    try:
        ms = int(at.astimezone(UTC).replace(microsecond=0).timestamp()) * 1000
    except (OverflowError, ValueError):
        return None
    return ms if ms >= 0 else None


def time_text(ms: int, between: str = "T") -> str:
    """Return a time in Beijing's zone, `+08:00`, to the second."""
    return datetime.fromtimestamp(ms // 1000, BEIJING).isoformat(between)


def scaled(value: float, factor: str) -> Decimal:
    """Return a number times a power of ten, exactly."""
    return Decimal(repr(value)) * Decimal(factor)


def decimal_text(value: float | Decimal) -> str:
    """Return a number without an exponent, as short as it is exact."""
    text = f"{value if isinstance(value, Decimal) else Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _place(text: str) -> Place | None:
    parts = [_number(part) for part in text.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    try:
        return Place(lat_deg=float(parts[0]), lon_deg=float(parts[1]))
    except ValidationError:
        return None


def places_of(text: str) -> list[Place] | None:
    """Return places written as `lat,lon lat,lon`, None where one is not of that form."""
    found = [_place(pair) for pair in text.split()]
    places = [place for place in found if place is not None]
    return places if len(places) == len(found) else None


def circle_of(text: str, metres_per_unit: str) -> Circle | None:
    """Return a circle written as `lat,lon radius`, None for any other text."""
    parts = text.split()
    if len(parts) != 2:
        return None
    centre, radius = _place(parts[0]), _number(parts[1])
    if centre is None or radius is None or radius < 0:
        return None
    return Circle(centre=centre, radius_m=float(radius * Decimal(metres_per_unit)))
