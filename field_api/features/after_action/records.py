"""Every record of an incident, of whatever kind: features declare which column names it."""

import json
from collections.abc import Iterator
from typing import Any, cast

from sqlmodel import Session, col, select

from field_api.core.records import RecordKind, record_kinds

__all__ = ["hashes_in", "kinds_of_incidents", "records_of"]

PAGE = 500
SHA256_DIGITS = 64


def kinds_of_incidents() -> list[RecordKind[Any]]:
    """Return the kinds whose records may belong to an incident, by topic."""
    return sorted(
        (
            kind
            for kind in record_kinds()
            if kind.incident_column and hasattr(kind.table, kind.incident_column)
        ),
        key=lambda kind: kind.topic,
    )


def records_of(session: Session, kind: RecordKind[Any], incident_id: str) -> Iterator[str]:
    """Yield an incident's records of a kind as clients see them, one JSON text each, by id."""
    table = kind.table
    belongs = getattr(cast(Any, table), str(kind.incident_column)) == incident_id
    after = ""
    while True:
        page = select(table).where(belongs, col(table.id) > after).order_by(col(table.id))
        rows = session.exec(page.limit(PAGE)).all()
        for view in kind.views(session, rows):
            yield view.model_dump_json()
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def hashes_in(record: str) -> set[str]:
    """Return every SHA-256 that stands in a record, wherever: its pictures, films and papers."""
    found: set[str] = set()
    waiting: list[Any] = [json.loads(record)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += cast(dict[str, Any], value).values()
        elif isinstance(value, list):
            waiting += cast(list[Any], value)
        elif isinstance(value, str):
            # A list of hashes may stand in one text, as in a timeline line's references.
            found.update(part for part in value.split(",") if _is_hash(part))
    return found


def _is_hash(text: str) -> bool:
    return len(text) == SHA256_DIGITS and set(text) <= set("0123456789abcdef")
