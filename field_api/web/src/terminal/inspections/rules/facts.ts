/** What the chain's rules are told: the same shapes as at the command post (`inspections/facts.py`). */
import type {
  ApprovalState,
  Clause,
  Hazard,
  HazardState,
  Inspection,
  InspectionState,
  Office,
  Officer,
  Paper,
  PaperState,
  Standing,
  Tier,
  Values,
} from '../wire';

/** Why something may not be done: `refusal.CODE` has the words. */
export interface Refusal {
  code: string;
  field?: string | null;
  values?: Record<string, string>;
}

export interface OfficerFact {
  name: string;
  certificate: string;
  valid_from?: string | null;
  valid_to?: string | null;
}

export interface ClauseFact {
  id: string;
  level?: 'ordinary' | 'major';
  standing?: Standing;
  in_force_from?: string | null;
  in_force_to?: string | null;
  /** It stands in the register. */
  known?: boolean;
}

export interface HazardFact {
  id: string;
  text?: string;
  level?: 'ordinary' | 'major';
  state?: HazardState;
  measure?: string;
  confirmed?: boolean;
  disputed?: boolean;
  conflicts?: boolean;
  clauses?: ClauseFact[];
}

export interface PaperFact {
  id?: string;
  form: string;
  state: PaperState;
  due_day?: string | null;
  fulfilled?: boolean;
  urgent?: boolean;
  approval?: ApprovalState;
}

/** The inspection around a paper. What is left out is as in an inspection of the bureau on site. */
export interface Scene {
  tier?: Tier;
  penalty_power?: boolean;
  source?: Inspection['source'];
  state?: InspectionState;
  entered?: boolean;
  officers?: OfficerFact[];
  papers?: PaperFact[];
  hazards?: HazardFact[];
}

/** The paper itself. */
export interface Draft {
  state?: PaperState;
  values?: Values;
  hazards?: HazardFact[];
  /** Fields of which two values are kept. */
  conflicts?: string[];
  order?: PaperFact | null;
  replaces?: PaperFact | null;
  urgent?: boolean;
  approval?: ApprovalState;
}

export const paperFact = (paper: Paper): PaperFact => ({
  id: paper.id,
  form: paper.form,
  state: paper.state,
  due_day: paper.due_day,
  fulfilled: paper.fulfilled_ms !== null,
  urgent: paper.urgent,
  approval: paper.approval,
});

export const hazardFact = (hazard: Hazard, clause: (id: string) => Clause | undefined): HazardFact => ({
  id: hazard.id,
  text: hazard.text,
  level: hazard.level,
  state: hazard.state,
  measure: hazard.measure,
  confirmed: hazard.confirmed_ms !== null,
  disputed: hazard.disputed_reason !== '',
  conflicts: (hazard.conflicts ?? []).length > 0,
  clauses: hazard.clause_ids.map((id) => clause(id) ?? { id, known: false }),
});

export const sceneOf = (
  inspection: Inspection,
  office: Office | undefined,
  officers: readonly Officer[],
  papers: readonly Paper[],
  hazards: HazardFact[] = [],
): Scene => ({
  tier: inspection.tier,
  penalty_power: office?.has_penalty_power ?? false,
  source: inspection.source,
  state: inspection.state,
  entered: inspection.entered_ms !== null,
  officers: [...officers],
  papers: papers.map(paperFact),
  hazards,
});
