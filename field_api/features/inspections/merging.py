"""Edits of one record by several people: field by field, and nobody's value is lost. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["decided", "merged"]

Conflict = dict[str, Any]


def merged(
    here: Mapping[str, Any],
    written: Mapping[str, Any],
    conflicts: Sequence[Conflict],
    *,
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    by: str,
    t_ms: int,
    ids: Sequence[str],
) -> tuple[dict[str, Any], list[Conflict]]:
    """Return the fields that take their new value, and the conflicts there are afterwards.

    Args:
        here: the fields as they are.
        written: who last wrote each field.
        conflicts: those that wait for a person.
        was: what the author saw of the fields in `now`; None where nothing stood.
        now: what they wrote.
        by: the author.
        t_ms: when they wrote it.
        ids: fresh ids, one for each field.
    """
    changed: dict[str, Any] = {}
    kept = list(conflicts)
    for fresh, (field, value) in zip(ids, now.items(), strict=True):
        at = here.get(field)
        if at == value:
            continue
        own = next((c for c in kept if c["field"] == field and c["given_by"] == by), None)
        if at == was.get(field):
            # They saw what stands here: that also answers an earlier conflict of theirs.
            changed[field] = value
            kept = [c for c in kept if c is not own]
        elif own is not None:
            # They went on writing on their own side: their newest value is the one to decide on.
            kept[kept.index(own)] = {**own, "given": value, "made_ms": t_ms}
        else:
            kept.append(
                {
                    "id": fresh,
                    "field": field,
                    "was": was.get(field),
                    "here": at,
                    "here_by": (written.get(field) or {}).get("by", ""),
                    "given": value,
                    "given_by": by,
                    "made_ms": t_ms,
                }
            )
    return changed, kept


def decided(
    conflicts: Sequence[Conflict], conflict_id: str, *, take: bool
) -> tuple[dict[str, Any], list[Conflict]] | None:
    """Return the field that changes, if any, and the conflicts left; None for an unknown one."""
    found = next((c for c in conflicts if c["id"] == conflict_id), None)
    if found is None:
        return None
    changed = {found["field"]: found["given"]} if take else {}
    return changed, [c for c in conflicts if c["id"] != conflict_id]
