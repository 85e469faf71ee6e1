"""Whether the hazards of a paper may be printed: their clauses, and who confirmed them. Pure."""

from collections.abc import Iterable

from field_api.features.inspections.facts import ClauseFact, HazardFact, Refusal
from field_api.features.law.editions import citable, in_force

__all__ = ["findings"]


def _clause(clause: ClauseFact, day: str) -> Refusal | None:
    values = {"clause": clause.id, "day": day}
    if not clause.known:
        return Refusal(code="clause_unknown", values=values)
    if not citable(clause.standing):
        return Refusal(code="clause_unverified", values=values)
    if not in_force(clause, day):
        return Refusal(code="clause_not_in_force", values=values)
    return None


def _hazard(hazard: HazardFact, day: str) -> list[Refusal]:
    values = {"text": hazard.text[:60]}
    found: list[Refusal] = []
    if hazard.conflicts:
        found.append(Refusal(code="hazard_in_conflict", values=values))
    found += [one for one in (_clause(clause, day) for clause in hazard.clauses) if one is not None]
    if hazard.level == "major":
        if not any(clause.level == "major" for clause in hazard.clauses):
            found.append(Refusal(code="criterion_needed", values=values))
        if hazard.disputed:
            found.append(Refusal(code="hazard_disputed", values=values))
        elif not hazard.confirmed:
            found.append(Refusal(code="second_person_needed", values=values))
    return found


def findings(hazards: Iterable[HazardFact], day: str) -> list[Refusal]:
    """Return what stands against printing hazards on a day (`YYYY-MM-DD`)."""
    return [refusal for hazard in hazards for refusal in _hazard(hazard, day)]
