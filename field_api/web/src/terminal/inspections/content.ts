/** A paper as its template prints it: from its form, its values and what they refer to. */
import { formTitle, type Form, type FormField } from '$shared/paper/forms';
import { citable, citation } from './rules/law';
import type { CheckResult, Clause, Enterprise, Hazard, Inspection, Json, Measure, Office, Officer, Paper, PaperContent, Signature } from './wire';

export interface Printed {
  form: Form;
  paper: Paper;
  inspection: Inspection;
  enterprise: Enterprise | undefined;
  office: Office;
  officers: readonly Officer[];
  hazards: readonly Hazard[];
  clause: (id: string) => Clause | undefined;
  /** Pictures in their order, with the time each was taken. */
  pictures: readonly { sha256: string; takenMs: number; caption: string }[];
  number: string;
  replacesNumber: string;
  day: string;
}

/** Documents are Chinese: the words of choices as well. */
const MEASURES: Readonly<Record<Measure, string>> = {
  rectify: '责令限期整改',
  at_once: '责令立即排除',
  withdraw: '从危险区域内撤出作业人员',
  suspend: '暂时停产停业',
  stop_use: '暂时停止使用相关设施、设备',
  transfer: '移送主管部门',
};
const RESULTS: Readonly<Record<CheckResult, string>> = { cleared: '已整改', partly: '部分整改', not: '未整改' };
const HEADS: Readonly<Record<string, string[]>> = { things: ['名称', '规格', '数量'], questions: ['问', '答'] };

/** Rows of a list as they are edited: each a list of texts. */
export const rowsOf = (value: Json | undefined): string[][] =>
  Array.isArray(value)
    ? value.filter((row) => Array.isArray(row)).map((row) => (row as Json[]).map((cell) => String(cell ?? '')))
    : [];

function printed(field: FormField, value: Json | undefined): PaperContent['fields'][number] {
  const { name, zh: title, kind } = field;
  const head = HEADS[kind];
  if (head) {
    const rows = rowsOf(value);
    return { name, title, text: '', rows: rows.length ? [head, ...rows] : [] };
  }
  const choice = field.choices.find((each) => each.value === value);
  const text = choice?.zh ?? (typeof value === 'boolean' ? (value ? '是' : '否') : String(value ?? '').trim());
  return { name, title, text, rows: [] };
}

export function contentOf(of: Printed, signatures: Signature[], unsigned_sha256: string, qr: string[]): PaperContent {
  const { form, paper, enterprise, inspection, office } = of;
  return {
    form: form.code,
    title: formTitle(form, inspection.tier),
    number: of.number,
    issue: paper.issue,
    replaces_number: of.replacesNumber,
    day: of.day,
    office: {
      name: office.name,
      short_name: office.short_name,
      tier: office.tier,
      reconsideration: office.reconsideration || '—',
      court: office.court || '—',
    },
    party: {
      name: enterprise?.name ?? inspection.enterprise_name,
      credit_code: enterprise?.credit_code ?? '',
      address: enterprise?.address ?? '',
      representative: enterprise?.representative ?? '',
      phone: enterprise?.phone ?? '',
    },
    officers: of.officers.map(({ name, certificate }) => ({ name, certificate })),
    fields: form.fields
      .filter((field) => field.kind !== 'hazards' || !of.hazards.length)
      .map((field) => printed(field, paper.values[field.name])),
    hazards: of.hazards.map((hazard, at) => ({
      number: at + 1,
      text: hazard.text,
      level: hazard.level,
      clauses: hazard.clause_ids
        .map(of.clause)
        .filter((clause) => clause !== undefined && citable(clause.standing))
        .map((clause) => citation(clause!)),
      measure: MEASURES[hazard.measure],
      due: hazard.due_day ?? '',
      result: hazard.check_result ? RESULTS[hazard.check_result] + (hazard.check_text ? `：${hazard.check_text}` : '') : '',
    })),
    attachments: of.pictures.map(({ sha256, takenMs, caption }, at) => ({
      number: at + 1,
      caption,
      sha256,
      t_ms: takenMs,
    })),
    signatures,
    unsigned_sha256,
    qr,
  };
}
