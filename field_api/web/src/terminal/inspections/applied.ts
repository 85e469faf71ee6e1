/**
 * Records with what was done here and has not been confirmed yet: an officer goes on working with
 * it as if it had been. The command post's word takes its place as soon as it comes.
 */
import { dayOf } from '$shared/days';
import { formOf } from '$shared/paper/forms';
import type { Draft, OutboxItem, Work } from '../outbox/database';
import type { Bodies, InspectionOp } from './work';
import type { Enterprise, Hazard, Inspection, Office, Paper, Values } from './wire';

export interface Cases {
  inspections: ReadonlyMap<string, Inspection>;
  papers: ReadonlyMap<string, Paper>;
  hazards: ReadonlyMap<string, Hazard>;
}

export interface Names {
  enterprise(id: string): Enterprise | undefined;
  office(id: string): Office | undefined;
}

type Change<Op extends InspectionOp> = (to: Applying, target: string, body: Bodies[Op], item: OutboxItem) => void;

/** Operations whose refusal does not make what was written disappear from the screen. */
const SHOWN_IF_REFUSED: readonly string[] = ['inspection.open', 'paper.begin', 'paper.edit', 'hazard.find', 'hazard.edit'];

class Applying implements Cases {
  readonly inspections: Map<string, Inspection>;
  readonly papers: Map<string, Paper>;
  readonly hazards: Map<string, Hazard>;

  constructor(known: Cases, readonly names: Names) {
    this.inspections = new Map(known.inspections);
    this.papers = new Map(known.papers);
    this.hazards = new Map(known.hazards);
  }

  inspection(id: string, change: Partial<Inspection>): void {
    const known = this.inspections.get(id);
    if (known) this.inspections.set(id, { ...known, ...change });
  }

  paper(id: string, change: Partial<Paper>): void {
    const known = this.papers.get(id);
    if (known) this.papers.set(id, { ...known, ...change });
  }

  hazard(id: string, change: Partial<Hazard>): void {
    const known = this.hazards.get(id);
    if (known) this.hazards.set(id, { ...known, ...change });
  }

  write(id: string, { hazard_ids, ...now }: Values): void {
    const known = this.papers.get(id);
    if (!known || known.state !== 'draft') return;
    const listed = Array.isArray(hazard_ids) ? { hazard_ids: hazard_ids as string[] } : {};
    this.papers.set(id, { ...known, ...listed, values: { ...known.values, ...now } });
  }
}

const CHANGES: { [Op in InspectionOp]: Change<Op> } = {
  'inspection.open': (to, _, body, item) => {
    if (to.inspections.has(body.id)) return;
    to.inspections.set(body.id, {
      ...body,
      version: 0,
      area: '',
      enterprise_name: to.names.enterprise(body.enterprise_id)?.name ?? '',
      tier: to.names.office(body.office_id)?.tier ?? 'bureau',
      state: 'planned',
      entered_ms: null,
      scan_code: null,
      emergency_reason: '',
      visit_number: null,
      escalated_from: null,
      escalated_to: null,
      opened_ms: item.madeMs,
      opened_by: item.authorName,
      closed_ms: null,
      closed_reason: '',
    });
  },
  'inspection.assign': (to, target, { id: _, ...said }) =>
    to.inspection(target, Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null))),
  'inspection.enter': (to, target, { t_ms, scan_code, emergency_reason }) =>
    to.inspection(target, { state: 'on_site', entered_ms: t_ms, scan_code, emergency_reason }),
  'inspection.escalate': (to, target) => to.inspection(target, { state: 'escalated' }),
  'inspection.close': (to, target, { t_ms, reason }) =>
    to.inspection(target, { state: 'closed', closed_ms: t_ms, closed_reason: reason }),
  'paper.begin': (to, _, { t_ms, ...body }, item) => {
    if (to.papers.has(body.id)) return;
    const form = formOf(body.form);
    to.papers.set(body.id, {
      ...body,
      version: 0,
      area: '',
      enterprise_id: to.inspections.get(body.inspection_id)?.enterprise_id ?? '',
      state: 'draft',
      replaced_by: null,
      conflicts: [],
      approval: !form || form.approval === 'none' ? 'not_needed' : 'needed',
      approved_by: null,
      approved_ms: null,
      opinion: '',
      number: null,
      issue: 1 + (body.replaces ? (to.papers.get(body.replaces)?.issue ?? 0) : 0),
      day: null,
      due_day: null,
      reminded_days: null,
      fulfilled_ms: null,
      content: null,
      document_id: null,
      sha256: null,
      bytes_differ: false,
      issued_ms: null,
      issued_by: null,
      served_ms: null,
      served_way: null,
      served_to: '',
      begun_ms: t_ms,
      begun_by: item.authorName,
    });
  },
  'paper.edit': (to, target, { now }) => to.write(target, now),
  'paper.decide': (to, target, { conflict_id, take }) => {
    const paper = to.papers.get(target);
    const conflict = paper?.conflicts.find((each) => each.id === conflict_id);
    if (!paper || !conflict) return;
    if (take) to.write(target, { [conflict.field]: conflict.given });
    to.paper(target, { conflicts: paper.conflicts.filter((each) => each !== conflict) });
  },
  'paper.drop': (to, target) => to.paper(target, { state: 'dropped' }),
  'paper.submit': (to, target) => to.paper(target, { approval: 'asked' }),
  'paper.issue': (to, target, { content, sha256, t_ms }, item) => {
    const paper = to.papers.get(target);
    const form = paper && formOf(paper.form);
    if (!form) return;
    const due = form.due ? paper.values[form.due] : null;
    const due_day = typeof due === 'string' ? due : null;
    to.paper(target, {
      state: 'issued',
      content,
      sha256,
      number: content.number,
      day: dayOf(t_ms),
      due_day,
      issued_ms: t_ms,
      issued_by: item.authorName,
    });
    if (paper.replaces) to.paper(paper.replaces, { state: 'replaced', replaced_by: target });
    if (due_day) to.inspection(paper.inspection_id, { state: 'rectifying' });
    else if (form.code === 'RECORD') to.inspection(paper.inspection_id, { state: 'decided' });
    if (form.about !== 'hazards' || form.code === 'RECORD' || form.order.length) return;
    for (const id of paper.hazard_ids) {
      const hazard = to.hazards.get(id);
      if (hazard?.state === 'found') to.hazard(id, { state: 'ordered', due_day: due_day ?? hazard.due_day });
    }
  },
  'paper.serve': (to, target, { way, receiver, t_ms }) =>
    to.paper(target, { state: 'served', served_ms: t_ms, served_way: way, served_to: receiver }),
  'hazard.find': (to, _, body, item) => {
    if (to.hazards.has(body.id)) return;
    const { t_ms, lat_deg = null, lon_deg = null, voice = null, ...said } = body;
    to.hazards.set(body.id, {
      ...said,
      lat_deg,
      lon_deg,
      voice,
      version: 0,
      area: '',
      enterprise_id: to.inspections.get(body.inspection_id)?.enterprise_id ?? '',
      state: 'found',
      found_ms: t_ms,
      found_by: item.authorName,
      confirmed_by: null,
      confirmed_ms: null,
      disputed_reason: '',
      media_missing: [],
      rectified_ms: null,
      rectified_text: '',
      rectified_media: [],
      checked_ms: null,
      checked_by: null,
      check_result: null,
      check_text: '',
      conflicts: [],
    });
  },
  'hazard.edit': (to, target, { now }) => to.hazard(target, now as Partial<Hazard>),
  'hazard.decide': (to, target, { conflict_id, take }) => {
    const hazard = to.hazards.get(target);
    const conflict = hazard?.conflicts.find((each) => each.id === conflict_id);
    if (!hazard || !conflict) return;
    to.hazard(target, {
      ...(take ? { [conflict.field]: conflict.given } : {}),
      conflicts: hazard.conflicts.filter((each) => each !== conflict),
    });
  },
  'hazard.confirm': (to, target, { confirm, reason, t_ms }, item) =>
    to.hazard(
      target,
      confirm ? { confirmed_by: item.authorName, confirmed_ms: t_ms } : { disputed_reason: reason },
    ),
  'hazard.check': (to, target, { result, text, t_ms }, item) => {
    // Under an order the review paper clears it, not the look alone.
    const done = to.hazards.get(target)?.state === 'found' ? ('cleared' as const) : ('rectified' as const);
    to.hazard(target, {
      check_result: result,
      check_text: text,
      checked_ms: t_ms,
      checked_by: item.authorName,
      ...(result === 'cleared' ? { state: done } : {}),
    });
  },
  'numbers.return': () => undefined,
};

const isCase = (work: Work): work is Extract<Work, { op: InspectionOp }> => work.op in CHANGES;

/** What is known, with items (oldest first) and drafts applied. */
export function applied(known: Cases, items: readonly OutboxItem[], drafts: readonly Draft[], names: Names): Cases {
  const to = new Applying(known, names);
  for (const item of items) {
    const { work, state } = item;
    if (!isCase(work)) continue;
    if (state !== 'waiting' && !(state === 'refused' && SHOWN_IF_REFUSED.includes(work.op))) continue;
    (CHANGES[work.op] as Change<InspectionOp>)(to, work.target, work.body as never, item);
  }
  for (const draft of drafts) {
    if (draft.op === 'paper.edit') to.write(draft.id, draft.now);
    else if (draft.op === 'hazard.edit') to.hazard(draft.id, draft.now as Partial<Hazard>);
  }
  return to;
}
