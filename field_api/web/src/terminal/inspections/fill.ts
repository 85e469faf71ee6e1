/** First values of a paper's fields: what is known is not typed again. */
import { addDays, dayOf, timeOf } from '$shared/days';
import type { Form, FormField } from '$shared/paper/forms';
import { kindsOf, periodEnd } from './rules/calendar';
import { citable, citation } from './rules/law';
import type { ChecklistItem, Clause, Enterprise, Hazard, Holiday, Inspection, Json, Office, Officer, Paper, Values } from './wire';

/** Of a question of the checklist: the enterprise fits, does not, or it does not apply. */
export type Answer = 'fits' | 'not' | 'na';

export interface Known {
  inspection: Inspection;
  enterprise: Enterprise | undefined;
  office: Office | undefined;
  officers: readonly Officer[];
  hazards: readonly Hazard[];
  /** All of the inspection, those included that this paper is not about. */
  found: readonly Hazard[];
  papers: readonly Paper[];
  clause: (id: string) => Clause | undefined;
  /** The checklist of that day and what was answered here, by the item's id. */
  items: readonly ChecklistItem[];
  answers: Readonly<Record<string, Answer>>;
  order: Paper | null;
  holidays: readonly Holiday[];
  /** Which visit of the year this is, as far as is known here. */
  visit: number;
  /** What was written last into fields of the same source: the office's phone and the like. */
  remembered: (fill: string) => Json | undefined;
  titleOf: (form: string) => string;
  nowMs: number;
}

const hazardLines = (hazards: readonly Hazard[]): string =>
  hazards.map(({ text }, at) => `${at + 1}. ${text}`).join('\n');

/** The laws of a form's basis by their whole names; a circular or a format is not cited in a paper. */
function lawOf({ basis, basis_street }: Form, { tier }: Inspection): string {
  const parts = ((tier === 'street' && basis_street) || basis).split('；').filter((part) => part.startsWith('《'));
  return parts.join('；').replaceAll(/《([^》]+法)》/g, '《中华人民共和国$1》');
}

/** What the hazards go against, as far as it may be cited. */
function violated({ found, clause }: Known): string {
  const clauses = found.flatMap(({ clause_ids }) => clause_ids.map(clause)).filter((each) => each !== undefined);
  return [...new Set(clauses.filter(({ standing }) => citable(standing)).map(citation))].join('、');
}

const LONGEST_TITLE = 30;
/** A question in short: up to its first stop. */
const titleOf = ({ question }: ChecklistItem): string => question.split(/[，。；？（,;?(]/)[0]!.slice(0, LONGEST_TITLE);

function answered({ items, answers }: Known): string | undefined {
  const count = (of: Answer): number => items.filter(({ id }) => answers[id] === of).length;
  const [fits, not, na] = [count('fits'), count('not'), count('na')];
  if (!(fits + not + na)) return undefined;
  return `按检查表检查${fits + not}项，${not}项不符合${na ? `，${na}项不适用` : ''}。`;
}

/** Sources that no record has and that stay the same from paper to paper. */
export const isRemembered = (fill: string): boolean => fill.startsWith('office.');

function sourceOf(fill: string, form: Form, known: Known): Json | undefined {
  const { inspection, enterprise, office, officers, hazards, papers, order, nowMs } = known;
  const today = dayOf(nowMs);
  const record = papers.find(({ form, number }) => form === 'RECORD' && number);
  const later = /^today\+(\d+)(wd)?$/.exec(fill);
  if (later) {
    const days = Number(later[1]);
    return later[2] ? periodEnd(today, days, 'penalty', kindsOf(known.holidays)) : addDays(today, days);
  }
  switch (fill) {
    case 'now':
      return timeOf(nowMs);
    case 'today':
      return today;
    case 'enterprise.name':
      return enterprise?.name ?? inspection.enterprise_name;
    case 'enterprise.representative':
      return enterprise?.representative ?? enterprise?.contact;
    case 'enterprise.contact':
      return enterprise?.contact;
    case 'enterprise.sector':
      return inspection.sector;
    case 'enterprise.address':
      return enterprise?.address;
    case 'enterprise.phone':
      return enterprise?.phone;
    case 'enterprise.credit_code':
      return enterprise?.credit_code;
    case 'inspection.day':
      return inspection.day;
    case 'inspection.kind':
      return inspection.kind;
    case 'inspection.source':
      return inspection.source;
    case 'inspection.entered':
      return inspection.entered_ms === null ? undefined : timeOf(inspection.entered_ms);
    case 'inspection.visit_number':
      return String(inspection.visit_number ?? known.visit);
    case 'office.name':
      return office?.name;
    case 'office.court':
      return office?.court;
    case 'office.reconsideration':
      return office?.reconsideration;
    case 'officers':
      return officers.map(({ name, certificate }) => `${name}（${certificate}）`).join('、');
    case 'officer.1':
      return officers[0]?.name;
    case 'officer.2':
      return officers[1]?.name;
    case 'order.title':
      return order ? known.titleOf(order.form) : undefined;
    case 'order.number':
      return order?.number;
    case 'order.day':
      return order?.day;
    case 'order.things':
      return order?.values.things;
    case 'record.number':
      return record?.number;
    case 'hazards.all':
      return hazardLines(hazards);
    case 'hazards.major':
      return hazardLines(hazards.filter(({ level }) => level === 'major'));
    case 'law.inspection':
    case 'law.onsite':
    case 'law.coerce':
      return lawOf(form, inspection);
    case 'law.violated':
      return violated(known);
    case 'checklist.titles':
      return known.items.map(titleOf).join('；');
    case 'checklist.answers':
      return answered(known);
    case 'served.papers':
      return papers
        .filter(({ state, number }) => state === 'issued' && number)
        .map(({ form, number }) => `《${known.titleOf(form)}》${number}`)
        .join('\n');
    default:
      // Of the back office, or of a later program: an officer fills it in.
      return isRemembered(fill) ? known.remembered(fill) : undefined;
  }
}

/** Whether a field can hold what its source gives. */
function fits(field: FormField, value: Json | undefined): value is Json {
  if (value === undefined || value === null || value === '') return false;
  return field.kind !== 'choice' || field.choices.some((choice) => choice.value === value);
}

export const filled = (form: Form, known: Known): Values =>
  Object.fromEntries(
    form.fields
      .filter((field) => field.fill && field.kind !== 'hazards')
      .map((field) => [field.name, sourceOf(field.fill, form, known)] as const)
      .filter(([name, value]) => fits(form.fields.find((field) => field.name === name)!, value)),
  ) as Values;
