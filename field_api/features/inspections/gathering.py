"""The chain's facts as the database has them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, col, select

from field_api.core.errors import ApiError, refuse
from field_api.core.texts import Both, both
from field_api.features.inspections.facts import (
    ClauseFact,
    Draft,
    HazardFact,
    OfficerFact,
    PaperFact,
    Refusal,
    Scene,
)
from field_api.features.inspections.forms import Form, form_of
from field_api.features.inspections.registers import Office, Officer
from field_api.features.inspections.tables import Hazard, Inspection, Paper
from field_api.features.law.tables import LawClause

__all__ = [
    "draft_of",
    "family_of",
    "form_or_refuse",
    "hazards_in_order",
    "officers_of",
    "refusal_of",
    "scene_of",
]


def form_or_refuse(code: str) -> Form:
    """Return a form.

    Raises:
        ApiError: 422, there is none of this code.
    """
    form = form_of(code)
    if form is None:
        raise refuse(422, "unknown_form", field="form", form=code)
    return form


def _titles(codes: str) -> Both:
    found = [form_of(code) for code in codes.split(",")]
    return Both(
        "、".join(f"《{form.zh}》" for form in found if form is not None),
        ", ".join(form.en for form in found if form is not None),
    )


def refusal_of(refusal: Refusal) -> ApiError:
    """Return a rule's reason as an answer, in both languages."""
    values: dict[str, object] = dict(refusal.values)
    for name in ("form", "after", "order"):
        if name in refusal.values:
            values[name] = _titles(refusal.values[name])
    if "title" in refusal.values:
        values["title"] = Both(refusal.values["title"], refusal.values["title_en"])
    text = both(f"errors.{refusal.code}", **values)
    return ApiError(409, refusal.code, text.zh, text.en, field=refusal.field)


def family_of(session: Session, inspection: Inspection) -> list[str]:
    """Return the ids whose papers and hazards belong to it: its own, and the street's before it."""
    ids = [inspection.id]
    return [*ids, inspection.escalated_from] if inspection.escalated_from else ids


def officers_of(session: Session, inspection: Inspection) -> list[Officer]:
    """Return its officers in their order; one that was removed is left out."""
    found = {
        row.id: row
        for row in session.exec(select(Officer).where(col(Officer.id).in_(inspection.officer_ids)))
    }
    return [found[one] for one in inspection.officer_ids if one in found]


def _paper_fact(row: Paper) -> PaperFact:
    return PaperFact(
        id=row.id,
        form=row.form,
        state=row.state.value,
        due_day=row.due_day,
        fulfilled=row.fulfilled_ms is not None,
        urgent=row.urgent,
        approval=row.approval.value,
    )


def _clauses(session: Session, rows: Iterable[Hazard]) -> dict[str, LawClause]:
    wanted = {one for row in rows for one in row.clause_ids}
    if not wanted:
        return {}
    found = session.exec(select(LawClause).where(col(LawClause.id).in_(sorted(wanted))))
    return {row.id: row for row in found}


def _clause_fact(clause_id: str, row: LawClause | None) -> ClauseFact:
    if row is None:
        return ClauseFact(id=clause_id, known=False)
    return ClauseFact.model_validate(
        {
            "id": row.id,
            "level": row.level,
            "standing": row.standing.value,
            "in_force_from": row.in_force_from,
            "in_force_to": row.in_force_to,
        }
    )


def _hazard_facts(session: Session, rows: Sequence[Hazard]) -> tuple[HazardFact, ...]:
    clauses = _clauses(session, rows)
    return tuple(
        HazardFact(
            id=row.id,
            text=row.text,
            level=row.level.value,
            state=row.state.value,
            measure=row.measure,
            confirmed=row.confirmed_ms is not None,
            disputed=bool(row.disputed_reason),
            conflicts=bool(row.conflicts),
            clauses=tuple(_clause_fact(one, clauses.get(one)) for one in row.clause_ids),
        )
        for row in rows
    )


def scene_of(
    session: Session, inspection: Inspection, *, but: str = "", with_hazards: bool = False
) -> Scene:
    """Return the inspection around a paper; `but` names the paper itself."""
    family = family_of(session, inspection)
    papers = session.exec(select(Paper).where(col(Paper.inspection_id).in_(family))).all()
    hazards: Sequence[Hazard] = []
    if with_hazards:
        hazards = session.exec(select(Hazard).where(col(Hazard.inspection_id).in_(family))).all()
    office = session.get(Office, inspection.office_id)
    values: dict[str, Any] = {
        "tier": inspection.tier,
        "penalty_power": office is not None and office.has_penalty_power,
        "source": inspection.source,
        "state": inspection.state.value,
        "entered": inspection.entered_ms is not None,
        "officers": tuple(
            OfficerFact(
                name=one.name,
                certificate=one.certificate,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
            )
            for one in officers_of(session, inspection)
        ),
        "papers": tuple(_paper_fact(row) for row in papers if row.id != but),
        "hazards": _hazard_facts(session, hazards),
    }
    return Scene.model_validate(values)


def hazards_in_order(session: Session, inspection: Inspection, ids: Sequence[str]) -> list[Hazard]:
    """Return the hazards that a paper names.

    Raises:
        ApiError: 422, one is none of this inspection's.
    """
    family = family_of(session, inspection)
    rows = {
        row.id: row for row in session.exec(select(Hazard).where(col(Hazard.id).in_(sorted(ids))))
    }
    for one in ids:
        if one not in rows or rows[one].inspection_id not in family:
            raise refuse(422, "hazard_of_another", field="hazard_ids", id=one)
    return [rows[one] for one in ids]


def _beside(session: Session, paper_id: str | None) -> PaperFact | None:
    row = session.get(Paper, paper_id) if paper_id else None
    return _paper_fact(row) if row is not None else None


def draft_of(session: Session, inspection: Inspection, row: Paper) -> Draft:
    """Return a paper as the rules see it."""
    return Draft(
        state=row.state.value,
        values=row.values,
        hazards=_hazard_facts(session, hazards_in_order(session, inspection, row.hazard_ids)),
        conflicts=tuple(str(one["field"]) for one in row.conflicts),
        order=_beside(session, row.order_id),
        replaces=_beside(session, row.replaces),
        urgent=row.urgent,
        approval=row.approval.value,
    )
