/** First values of a paper's fields: what is known is not typed again. */
import type { Form, FormField } from './forms';
import { addDays, dayOf, kindsOf, periodEnd, timeOf } from './rules/calendar';
import type { Enterprise, Hazard, Holiday, Inspection, Json, Office, Officer, Paper, Values } from './wire';

export interface Known {
  inspection: Inspection;
  enterprise: Enterprise | undefined;
  office: Office | undefined;
  officers: readonly Officer[];
  hazards: readonly Hazard[];
  papers: readonly Paper[];
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

/** Sources that no record has and that stay the same from paper to paper. */
export const isRemembered = (fill: string): boolean => fill.startsWith('office.');

function sourceOf(fill: string, known: Known): Json | undefined {
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
      .map((field) => [field.name, sourceOf(field.fill, known)] as const)
      .filter(([name, value]) => fits(form.fields.find((field) => field.name === name)!, value)),
  ) as Values;
