/** Whether the hazards of a paper may be printed: their clauses, and who confirmed them. */
import type { ClauseFact, HazardFact, Refusal } from './facts';
import { citable, inForce } from './law';

function ofClause(clause: ClauseFact, day: string): Refusal[] {
  const values = { clause: clause.id, day };
  if (clause.known === false) return [{ code: 'clause_unknown', values }];
  if (!citable(clause.standing ?? 'verified')) return [{ code: 'clause_unverified', values }];
  return inForce(clause, day) ? [] : [{ code: 'clause_not_in_force', values }];
}

function ofHazard(hazard: HazardFact, day: string): Refusal[] {
  const { text = '', clauses = [] } = hazard;
  const values = { text: text.slice(0, 60) };
  const found: Refusal[] = hazard.conflicts ? [{ code: 'hazard_in_conflict', values }] : [];
  found.push(...clauses.flatMap((clause) => ofClause(clause, day)));
  if (hazard.level !== 'major') return found;
  if (!clauses.some((clause) => clause.level === 'major')) found.push({ code: 'criterion_needed', values });
  if (hazard.disputed) found.push({ code: 'hazard_disputed', values });
  else if (!hazard.confirmed) found.push({ code: 'second_person_needed', values });
  return found;
}

/** What stands against printing hazards on a day. */
export const findings = (hazards: readonly HazardFact[], day: string): Refusal[] =>
  hazards.flatMap((hazard) => ofHazard(hazard, day));
