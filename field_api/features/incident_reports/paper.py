"""A report as a paper: what its Typst template shows."""

from pathlib import Path

from pydantic import BaseModel

from field_api.core.texts import both
from field_api.features.incident_reports.tables import IncidentReport, ReportStage, ReportState
from field_api.features.incident_reports.wording import local_time

__all__ = ["TEMPLATE", "Paper", "paper_of"]

TEMPLATE = Path(__file__).parent / "report.typ"


class PaperSection(BaseModel):
    """A heading and its text."""

    title: str
    text: str


class Paper(BaseModel):
    """What is printed."""

    number: str
    title: str
    recipient: str
    drill: bool
    draft: bool
    situation: bool
    """A situation report: for those at hand, it answers no duty."""
    sections: list[PaperSection]
    as_of: str
    drafted_by: str
    approved_by: str
    issued: str
    id: str


def paper_of(row: IncidentReport, number: str, approved_by: str, issued_ms: int | None) -> Paper:
    """Return a report as it is printed; without an approval it says that it is a draft."""
    return Paper(
        number=number,
        title=row.title,
        recipient=row.recipient,
        drill=row.drill,
        draft=row.state is not ReportState.ISSUED and issued_ms is None,
        situation=row.stage is ReportStage.SITUATION,
        sections=[
            PaperSection(title=both(f"words.report_section.{each.key}").zh, text=each.text)
            for each in row.sections
            if each.text.strip()
        ],
        as_of=local_time(row.as_of_ms),
        drafted_by=row.edited_by or row.drafted_by,
        approved_by=approved_by,
        issued="" if issued_ms is None else local_time(issued_ms),
        id=row.id,
    )
