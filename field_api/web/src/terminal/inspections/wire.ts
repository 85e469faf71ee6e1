/**
 * Inspections, papers and hazards as the command post says them. What it alone writes, and nobody
 * at a premises reads, is left out: a record begun here has none of it.
 */
import type { components } from '$shared/api/schema';
import type { Versioned } from '$shared/records/collection';

type Schemas = components['schemas'];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Values = Record<string, Json>;
export type { SignerRole, Tier } from '$shared/paper/forms';
export type InspectionState = Schemas['InspectionState'];
export type PaperState = Schemas['PaperState'];
export type ApprovalState = Schemas['ApprovalState'];
export type HazardState = Schemas['HazardState'];
export type HazardLevel = Schemas['HazardLevel'];
export type Measure = Schemas['FindHazard']['measure'];
export type CheckResult = Schemas['CheckHazard']['result'];
export type ServedWay = Schemas['ServePaper']['way'];
export type Signature = Schemas['Signature'];
export type PaperContent = Schemas['PaperContent'];

/** Two values of a field that wait for a person. */
export type Conflict = Schemas['PaperConflictView'] & Record<'was' | 'here' | 'given', Json>;

export type Inspection = Schemas['InspectionView'];

export type Paper = Omit<
  Schemas['PaperView'],
  'values' | 'conflicts' | 'approval_due_ms' | 'approval_late_ms' | 'issuer_sha256' | 'device_signed'
> & { values: Values; conflicts: Conflict[] };

export type Hazard = Omit<Schemas['HazardView'], 'measure' | 'check_result' | 'conflicts'> & {
  measure: Measure;
  check_result: CheckResult | null;
  conflicts: Conflict[];
};

export type NumberBlock = Omit<Schemas['NumberBlockView'], 'area' | 'drawn_by' | 'returned_reason'>;

export interface Enterprise extends Versioned {
  area?: string;
  name: string;
  credit_code: string | null;
  industry: string;
  grade: 'A' | 'B' | 'C' | 'D' | null;
  address: string | null;
  contact: string | null;
  phone: string | null;
  representative: string | null;
  /** 行政执法监督码. */
  scan_code: string | null;
  employees: number | null;
  major_hazard: boolean;
  place: { lat_deg: number; lon_deg: number } | null;
}

export interface Office extends Versioned {
  name: string;
  short_name: string;
  tier: Schemas['InspectionView']['tier'];
  reconsideration: string | null;
  court: string | null;
  has_penalty_power: boolean;
  announcement: string | null;
}

export interface Officer extends Versioned {
  name: string;
  certificate: string;
  valid_from: string | null;
  valid_to: string | null;
  office_id: string;
  /** The account they sign in with. */
  username: string | null;
}

export type Standing = 'verified' | 'unverified' | 'confirmed';

export interface Clause extends Versioned {
  code: string;
  /** Name of the law or standard. */
  standard: string;
  edition: string;
  /** As cited: 第三条（二）. */
  article: string;
  /** Sectors that it is picked in; 通用 is every sector. */
  sectors: string[];
  /** `major` for a criterion of a major hazard. */
  level: HazardLevel;
  text: string;
  in_force_from: string | null;
  in_force_to: string | null;
  standing: Standing;
}

export interface ChecklistItem extends Versioned {
  sector: string;
  position: number;
  question: string;
  how: string;
  clause_ids: string[];
  measure: Measure;
  severity: 'ordinary' | 'major' | 'either' | 'transfer';
  in_force_from: string | null;
  in_force_to: string | null;
}

export interface Holiday extends Versioned {
  day: string;
  kind: 'off' | 'work';
  name: string;
}

/** The types of records that are kept here beside tasks, with their shapes. */
export interface Kinds {
  inspection: Inspection;
  paper: Paper;
  hazard: Hazard;
  number_block: NumberBlock;
  'register.enterprises': Enterprise;
  'register.offices': Office;
  'register.officers': Officer;
  'register.law_clauses': Clause;
  'register.checklist_items': ChecklistItem;
  'register.holidays': Holiday;
}
export type Kind = keyof Kinds;
