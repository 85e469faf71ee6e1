"""What a warning must say before it is published, and whom it concerns. Pure."""

from collections.abc import Sequence
from typing import Literal

import shapely

from field_api.core.areas import Areas
from field_api.core.errors import Finding
from field_api.core.texts import both
from field_api.features.warnings.formats.model import Place
from field_api.features.warnings.tables import Shape, WarningDraft
from mission_plans.ground.datum import distance_m

__all__ = [
    "ITEMS",
    "MOST_DAYS",
    "Why",
    "area_code",
    "area_words",
    "concerns",
    "faults",
    "missing_items",
]

ITEMS = (
    "category",
    "level",
    "onset",
    "area",
    "description",
    "instruction",
    "issuer",
    "sent",
)
"""The eight mandatory items, in the order of 突发事件应对法 (2024) Art. 64 (2):
类别, 级别, 起始时间, 可能影响的范围, 警示事项, 应当采取的措施, 发布单位, 发布时间.
The last is set by publishing itself."""

DAY_MS = 24 * 3_600_000
MOST_DAYS = 30
"""Longer than a warning may hold: such an end is a slip of the pen."""


def missing_items(draft: WarningDraft) -> list[Finding]:
    """Return which mandatory items are missing, and the end; each says what to do."""
    filled = {
        "category": bool(draft.event_code and draft.event),
        "level": draft.level is not None,
        "onset": draft.onset_ms is not None,
        "area": bool(draft.area_codes or (draft.outlines and draft.area_text)),
        "description": bool(draft.description),
        "instruction": bool(draft.instruction),
        "issuer": bool(draft.issuer),
        "sent": True,
    }
    missing = [_finding(name) for name in ITEMS if not filled[name]]
    # None of the eight, and yet nothing would end by itself without it.
    return missing if draft.expires_ms is not None else [*missing, _finding("expires")]


def faults(draft: WarningDraft, now_ms: int, areas: Areas) -> list[Finding]:
    """Return all that keeps a draft from being published now."""
    found = missing_items(draft)
    onset, expires = draft.onset_ms, draft.expires_ms
    if expires is not None:
        if expires <= now_ms:
            found.append(_finding("expires_past"))
        elif onset is not None and expires <= onset:
            found.append(_finding("expires_before_onset"))
        elif expires > now_ms + MOST_DAYS * DAY_MS:
            found.append(_finding("expires_late", days=MOST_DAYS))
    if onset is not None and onset < now_ms - DAY_MS:
        found.append(_finding("onset_past"))
    unknown = [code for code in draft.area_codes if not areas.known(code)]
    if unknown:
        found.append(_finding("area_unknown", codes=", ".join(unknown[:5])))
    return found


def _finding(name: str, **values: object) -> Finding:
    text = both(f"warning_item.{name}", **values)
    field = name.partition("_")[0]
    return Finding(where="", name=field, text_zh=text.zh, text_en=text.en)


def area_code(code: str) -> str:
    """Return an area code without the zeros that fill it up to twelve digits."""
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code


def area_words(codes: Sequence[str], areas: Areas) -> str:
    """Return areas by their names."""
    return "、".join(area.name for code in codes if (area := areas.get(code)) is not None)


Why = Literal["place", "area", "unplaced"]
"""By position, by the areas of the account, or because nobody knows where the handheld is."""


def concerns(
    codes: Sequence[str], shapes: Sequence[Shape], own_areas: Sequence[str], at: Place | None
) -> Why | None:
    """Return why a warning concerns a handheld, None where it does not.

    Handhelds decide the same by themselves, without a network: `tests/vectors/warnings` holds cases
    for both.

    Args:
        codes: area codes of the target.
        shapes: drawn parts of the target.
        own_areas: of the account; none is the whole district.
        at: where the handheld is, None where that is not known.
    """
    if at is not None and any(_is_in(each, at) for each in shapes):
        return "place"
    if codes and (not own_areas or any(_meet(code, own) for code in codes for own in own_areas)):
        return "area"
    if shapes and at is None:
        return "unplaced"
    # A message without any area is for everybody.
    return None if codes or shapes else "area"


def _meet(code: str, own: str) -> bool:
    return code.startswith(own) or own.startswith(code)


def _is_in(drawn: Shape, at: Place) -> bool:
    if drawn.centre is not None:
        centre = (drawn.centre.lat_deg, drawn.centre.lon_deg)
        return distance_m(centre, (at.lat_deg, at.lon_deg)) <= (drawn.radius_m or 0)
    if len(drawn.polygon) < 3:
        return False
    ring = shapely.Polygon([(each.lon_deg, each.lat_deg) for each in drawn.polygon])
    return bool(shapely.make_valid(ring).intersects(shapely.Point(at.lon_deg, at.lat_deg)))
