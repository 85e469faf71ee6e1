"""Putting in what ships with the program: once, and never over what a person has done."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, select

from field_api.core.change import Change
from field_api.core.history import RecordHistory
from field_api.core.records import Record
from field_api.core.registers.register import Register
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.law.registers import CHECKLIST_ITEMS, HOLIDAYS, LAW_CLAUSES
from field_api.features.law.report_duties import REPORT_DUTIES

__all__ = ["put_in_law"]

_FILES = (
    (LAW_CLAUSES, "clauses.json", "clauses"),
    (CHECKLIST_ITEMS, "checklists.json", "items"),
    (HOLIDAYS, "holidays.json", "days"),
    (REPORT_DUTIES, "report_duties.json", "duties"),
)


@cache
def _shipped(name: str, key: str) -> tuple[dict[str, Any], ...]:
    text = files("field_api").joinpath("data", "law", name).read_text("utf-8")
    return tuple(json.loads(text)[key])


def _ever_there(session: Session, register: Register[Any]) -> set[str]:
    """Return the ids of entries that are or were there: a removed one does not come back."""
    topic = register.kind.topic
    removed = select(RecordHistory.record_id).where(
        RecordHistory.topic == topic, RecordHistory.op == "remove"
    )
    return {*session.exec(select(col(register.table.id))), *session.exec(removed)}


def _missing(session: Session) -> list[Record]:
    rows: list[Record] = []
    for register, name, key in _FILES:
        there = _ever_there(session, register)
        rows += [
            register.table.model_validate(entry)
            for entry in _shipped(name, key)
            if entry["id"] not in there
        ]
    return rows


def _create(change: Change, rows: Iterable[Record]) -> int:
    count = 0
    for row in rows:
        change.create(row, fresh_id=True)
        count += 1
    return count


def put_in_law(ctx: Services) -> int:
    """Put in the shipped entries that were never there; return how many."""
    with ctx.store.read() as session:
        if not _missing(session):
            return 0
    with ctx.store.change(SYSTEM) as change:
        # Asked again under the writer's lock: another worker may have been first.
        count = _create(change, _missing(change.session))
        if count:
            change.record("law.put_in", "law", count=count)
    return count
