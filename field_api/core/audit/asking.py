"""What may be asked of the trail and of timelines, and their lines as a table."""

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import Depends, Query

from field_api.core.audit.tables import AuditView, TimelineEntry
from field_api.core.audit.trail import Lines
from field_api.core.registers.columns import Column, ColumnKind, text_column
from field_api.core.registers.exporting import export_csv

__all__ = ["Language", "LinesDep", "lines_csv"]

Language = Literal["zh", "en"]
Moment = Annotated[int | None, Query(ge=0, le=2**53)]

COLUMNS = (
    Column("seq", ColumnKind.INTEGER, "序号", "No."),
    Column("t_ms", ColumnKind.TIME, "时间", "Time"),
    text_column("actor_name", "人员", "Who"),
    text_column("actor", "账号", "Account"),
    text_column("text", "内容", "What"),
    text_column("action", "动作", "Action"),
    text_column("subject", "对象", "Subject"),
    text_column("incident_id", "事件", "Incident"),
    text_column("hash", "哈希", "Hash"),
)


def asked(
    q: Annotated[str, Query(max_length=120)] = "",
    people_only: Annotated[bool, Query()] = False,
    subject: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies it
    from_ms: Moment = None,
    to_ms: Moment = None,
) -> Lines:
    """Return which lines are wanted: `q` stands in the words or in the name of who acted."""
    return Lines(q.strip(), people_only, tuple(subject), from_ms, to_ms)


LinesDep = Annotated[Lines, Depends(asked)]


def lines_csv(lines: Iterable[AuditView | TimelineEntry], language: Language) -> bytes:
    """Return lines as a table in one language."""
    rows = (
        line.model_dump() | {"text": line.text_zh if language == "zh" else line.text_en}
        for line in lines
    )
    return export_csv(COLUMNS, rows, language=language)
