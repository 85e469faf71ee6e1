"""What an inspection's papers say of its state. Pure."""

from collections.abc import Mapping, Sequence

from field_api.features.inspections.facts import PaperFact
from field_api.features.inspections.forms import Form

__all__ = ["state_by_papers"]

_RECORD = "RECORD"


def state_by_papers(entered: bool, papers: Sequence[PaperFact], forms: Mapping[str, Form]) -> str:
    """Return the state of an inspection that is neither closed nor escalated."""
    stands = [paper for paper in papers if paper.state in ("issued", "served")]
    if any(
        paper.form in forms and forms[paper.form].due and not paper.fulfilled for paper in stands
    ):
        return "rectifying"
    if any(paper.form == _RECORD for paper in stands):
        return "decided"
    return "on_site" if entered else "planned"
