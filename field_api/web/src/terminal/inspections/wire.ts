/** Inspections, papers and hazards as the command post says them (`features/inspections/messages.py`). */
import type { Versioned } from '$shared/records/collection';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Values = Record<string, Json>;
export type Tier = 'bureau' | 'street';
export type InspectionState = 'planned' | 'on_site' | 'decided' | 'rectifying' | 'closed' | 'escalated';
export type PaperState = 'draft' | 'issued' | 'served' | 'replaced' | 'dropped';
export type ApprovalState = 'not_needed' | 'needed' | 'asked' | 'approved' | 'refused';
export type HazardLevel = 'ordinary' | 'major';
export type HazardState = 'found' | 'ordered' | 'rectified' | 'cleared';
export type Measure = 'rectify' | 'at_once' | 'withdraw' | 'suspend' | 'stop_use' | 'transfer';
export type CheckResult = 'cleared' | 'partly' | 'not';
export type ServedWay = 'handed' | 'left' | 'post' | 'electronic' | 'public';
export type SignerRole = 'officer' | 'party' | 'witness' | 'approver' | 'recorder';

export interface Inspection extends Versioned {
  area: string;
  enterprise_id: string;
  enterprise_name: string;
  office_id: string;
  tier: Tier;
  sector: string;
  kind: 'routine' | 'case' | 'special';
  source: 'plan' | 'complaint' | 'transfer' | 'emergency';
  day: string;
  officer_ids: string[];
  terminal_id: string | null;
  note: string;
  state: InspectionState;
  entered_ms: number | null;
  scan_code: string | null;
  emergency_reason: string;
  visit_number: number | null;
  escalated_from: string | null;
  escalated_to: string | null;
  opened_ms: number;
  opened_by: string;
  closed_ms: number | null;
  closed_reason: string;
}

export interface Conflict {
  id: string;
  field: string;
  was: Json;
  here: Json;
  here_by: string;
  given: Json;
  given_by: string;
  made_ms: number;
}

export interface Signature {
  role: SignerRole;
  name: string;
  certificate: string | null;
  refused: boolean;
  reason: string;
  /** Each stroke as x0, y0, x1, y1, … on a pad 1000 wide and 400 high. */
  strokes: number[][];
  t_ms: number;
}

export interface PaperContent {
  form: string;
  title: string;
  number: string;
  issue: number;
  replaces_number: string;
  day: string;
  office: { name: string; short_name: string; tier: Tier; reconsideration: string; court: string };
  party: { name: string; credit_code: string; address: string; representative: string; phone: string };
  officers: { name: string; certificate: string }[];
  fields: { name: string; title: string; text: string; rows: string[][] }[];
  hazards: {
    number: number;
    text: string;
    level: HazardLevel;
    clauses: string[];
    measure: string;
    due: string;
    result: string;
  }[];
  attachments: { number: number; caption: string; sha256: string; t_ms: number }[];
  signatures: Signature[];
  /** Of the bytes without signatures: what the signers saw. */
  unsigned_sha256: string;
  qr: string[];
}

export interface Paper extends Versioned {
  area: string;
  inspection_id: string;
  enterprise_id: string;
  form: string;
  state: PaperState;
  values: Values;
  hazard_ids: string[];
  order_id: string | null;
  replaces: string | null;
  replaced_by: string | null;
  urgent: boolean;
  conflicts: Conflict[];
  approval: ApprovalState;
  approved_by: string | null;
  approved_ms: number | null;
  opinion: string;
  number: string | null;
  issue: number;
  day: string | null;
  due_day: string | null;
  reminded_days: number | null;
  fulfilled_ms: number | null;
  content: PaperContent | null;
  document_id: string | null;
  sha256: string | null;
  bytes_differ: boolean;
  issued_ms: number | null;
  issued_by: string | null;
  served_ms: number | null;
  served_way: string | null;
  served_to: string;
  begun_ms: number;
  begun_by: string;
}

export interface Hazard extends Versioned {
  area: string;
  inspection_id: string;
  enterprise_id: string;
  text: string;
  place: string;
  level: HazardLevel;
  clause_ids: string[];
  measure: Measure;
  due_day: string | null;
  state: HazardState;
  found_ms: number;
  found_by: string;
  confirmed_by: string | null;
  confirmed_ms: number | null;
  disputed_reason: string;
  media: string[];
  media_missing: string[];
  lat_deg: number | null;
  lon_deg: number | null;
  rectified_ms: number | null;
  rectified_text: string;
  rectified_media: string[];
  checked_ms: number | null;
  checked_by: string | null;
  check_result: CheckResult | null;
  check_text: string;
  conflicts: Conflict[];
}

export interface NumberBlock extends Versioned {
  office_id: string;
  form: string;
  year: number;
  first: number;
  last: number;
  prefix: string;
  suffix: string;
  terminal_id: string;
  device_id: string;
  drawn_ms: number;
  used: number[];
  returned_ms: number | null;
}

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
  tier: Tier;
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
