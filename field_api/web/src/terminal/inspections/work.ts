/** What an officer does to inspections, papers and hazards: operations of the command post. */
import type {
  CheckResult,
  HazardLevel,
  Inspection,
  Measure,
  PaperContent,
  ServedWay,
  Values,
} from './wire';

interface Place {
  lat_deg?: number | null;
  lon_deg?: number | null;
}
interface Said {
  id: string;
  t_ms: number;
}
export interface Edit extends Said {
  was: Values;
  now: Values;
}

export interface OpenInspection {
  id: string;
  enterprise_id: string;
  office_id: string;
  sector: string;
  kind: Inspection['kind'];
  source: Inspection['source'];
  day: string;
  officer_ids: string[];
  terminal_id: string | null;
  note: string;
}
export interface BeginPaper extends Said {
  inspection_id: string;
  form: string;
  values: Values;
  hazard_ids: string[];
  order_id: string | null;
  replaces: string | null;
  urgent: boolean;
}
export interface FindHazard extends Said, Place {
  inspection_id: string;
  text: string;
  place: string;
  level: HazardLevel;
  clause_ids: string[];
  measure: Measure;
  due_day: string | null;
  media: string[];
  voice?: string | null;
}

/** Each operation with its body. `target` is the record acted on; what makes one has none. */
export interface Bodies {
  'inspection.open': OpenInspection;
  'inspection.assign': { id: string; officer_ids: string[] | null; terminal_id: string | null; day: string | null };
  'inspection.enter': Said & Place & { scan_code: string | null; emergency_reason: string };
  'inspection.escalate': Said & { office_id: string; reason: string };
  'inspection.close': Said & { reason: string };
  'paper.begin': BeginPaper;
  'paper.edit': Edit;
  'paper.decide': { id: string; conflict_id: string; take: boolean };
  'paper.submit': Said;
  'paper.drop': Said & { reason: string };
  'paper.issue': Said & {
    content: PaperContent;
    sha256: string;
    template_sha256: string;
    device_key: string;
    device_signature: string;
  };
  'paper.serve': Said & { way: ServedWay; receiver: string; note: string };
  'hazard.find': FindHazard;
  'hazard.edit': Edit;
  'hazard.decide': { id: string; conflict_id: string; take: boolean };
  'hazard.confirm': Said & { confirm: boolean; reason: string };
  'hazard.check': Said & { result: CheckResult; text: string; media: string[] };
  'numbers.return': { id: string; block_id: string; reason: string };
}
export type InspectionOp = keyof Bodies;
export type InspectionWork = { [Op in InspectionOp]: { op: Op; target: string; body: Bodies[Op] } }[InspectionOp];
