"""Paging by the last record got: no page is skipped or doubled while records come in."""

from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import tuple_
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

from field_api.contract.ids import RecordId
from field_api.core.records import Record

__all__ = ["Before", "Limit", "before_id"]

R = TypeVar("R", bound=Record)

Limit = Annotated[int, Query(ge=1, le=500)]
"""Most records of a page."""
Before = Annotated[RecordId | None, Query()]
"""The last record got; none for the first page."""


def before_id(
    session: Session,
    query: SelectOfScalar[R],
    table: type[R],
    order: tuple[Any, ...],
    before: str | None,
    limit: int,
) -> SelectOfScalar[R]:
    """Return a query's next page, newest first.

    Args:
        session: sees what the person may see.
        query: what is listed.
        table: of what.
        order: columns that order it, the last one unique.
        before: id of the last record got; None for the first page.
        limit: most records.
    """
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    last = session.get(table, before) if before is not None else None
    if last is None:
        return query
    values = tuple(getattr(last, column.key) for column in order)
    return query.where(tuple_(*order) < values)
