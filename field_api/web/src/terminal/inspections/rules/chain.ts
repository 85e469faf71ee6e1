/**
 * The chain of documents: what may be begun, issued and closed now, and why not. Each returns every
 * reason against it, the first one first; none means that it may be done.
 */
import { formOf, type Form } from '$shared/paper/forms';
import type { Draft, PaperFact, Refusal, Scene } from './facts';
import { filling } from './filling';
import { findings } from './findings';
import { inForce } from './law';

const ISSUED: readonly string[] = ['issued', 'served', 'replaced'];
const STANDS: readonly string[] = ['issued', 'served'];

function ofTier(form: Form, { tier = 'bureau', penalty_power }: Scene): Refusal[] {
  const values = { form: form.code };
  if (tier === 'street' && form.approval === 'urgent') return [{ code: 'street_never_coerces', values }];
  if (form.tiers.includes(tier)) return [];
  if (tier === 'street' && form.empowered) {
    return penalty_power ? [] : [{ code: 'street_without_penalty_power', values }];
  }
  return [{ code: tier === 'street' ? 'form_of_the_bureau' : 'form_of_streets', values }];
}

const ofState = ({ state }: Scene): Refusal[] =>
  state === 'closed' || state === 'escalated' ? [{ code: `inspection_is_${state}` }] : [];

function ofOrder(form: Form, { papers = [] }: Scene): Refusal[] {
  const issued = papers.filter(({ state }) => ISSUED.includes(state));
  if (!form.after.length || issued.some((paper) => form.after.includes(paper.form))) return [];
  return [{ code: 'paper_out_of_order', values: { form: form.code, after: form.after.join(',') } }];
}

function ofFollowed(form: Form, { order }: Draft): Refusal[] {
  if (!form.order.length) return [];
  const refused = (code: string): Refusal[] => [
    { code, field: 'order_id', values: { form: form.code, order: form.order.join(',') } },
  ];
  if (!order) return refused('order_needed');
  if (!form.order.includes(order.form)) return refused('order_of_another_form');
  if (order.state === 'replaced') return refused('order_replaced');
  if (order.state !== 'served') return refused('order_not_served');
  return order.fulfilled ? refused('order_fulfilled') : [];
}

function ofReplaced(form: Form, { replaces }: Draft): Refusal[] {
  if (!replaces || (replaces.form === form.code && STANDS.includes(replaces.state))) return [];
  return [{ code: 'replaces_nothing_issued', field: 'replaces' }];
}

/** What stands against beginning a draft of a form. */
export const mayBegin = (form: Form, scene: Scene, draft: Draft = {}): Refusal[] => [
  ...ofState(scene),
  ...ofTier(form, scene),
  ...ofOrder(form, scene),
  ...ofFollowed(form, draft),
  ...ofReplaced(form, draft),
];

/** Whether a certificate is valid on a day; both its days count. */
export const validOn = (
  { valid_from, valid_to }: { valid_from?: string | null; valid_to?: string | null },
  day: string,
): boolean => inForce({ in_force_from: valid_from, in_force_to: valid_to }, day);

function ofOfficers(form: Form, { officers = [] }: Scene, day: string): Refusal[] {
  const found: Refusal[] = officers
    .filter((officer) => !validOn(officer, day))
    .map(({ name }) => ({ code: 'certificate_not_valid', values: { name, day } }));
  const count = new Set(officers.map(({ certificate }) => certificate)).size;
  if (count < form.officers) found.unshift({ code: 'officers_needed', values: { officers: String(form.officers) } });
  return found;
}

function ofApproval(form: Form, { source }: Scene, { approval, urgent }: Draft): Refusal[] {
  if (form.approval === 'none' || approval === 'approved') return [];
  if (approval === 'refused') return [{ code: 'approval_refused' }];
  if (form.approved_afterwards && source === 'emergency') return [];
  if (form.approval === 'urgent' && urgent) return [];
  return [{ code: 'approval_needed' }];
}

/** What stands against issuing a paper on a day. */
export function mayIssue(form: Form, scene: Scene, draft: Draft, day: string): Refusal[] {
  const { state = 'draft', conflicts = [], hazards = [] } = draft;
  const onSite = form.signers.includes('party') && !form.back_office;
  return [
    ...(state === 'draft' ? [] : [{ code: `paper_is_${state}` }]),
    ...mayBegin(form, scene, draft),
    ...(onSite && scene.entered === false ? [{ code: 'premises_not_entered' }] : []),
    ...ofOfficers(form, scene, day),
    ...conflicts.map((field) => ({ code: 'field_in_conflict', field })),
    ...filling(form, draft, day),
    ...findings(hazards, day),
    ...ofApproval(form, scene, draft),
  ];
}

type FormOf = (code: string) => Form | undefined;

/** Approvals that nobody waits for. */
const settled: readonly string[] = ['not_needed', 'approved'];

function ofOpenPaper(paper: PaperFact, form: FormOf): Refusal[] {
  const values = { form: paper.form };
  const stands = STANDS.includes(paper.state);
  if (paper.state === 'draft') return [{ code: 'draft_still_open', values }];
  if (stands && form(paper.form)?.due && !paper.fulfilled) return [{ code: 'order_still_open', values }];
  if (stands && !settled.includes(paper.approval ?? 'not_needed')) return [{ code: 'approval_still_open', values }];
  return [];
}

/** What stands against closing an inspection. */
export const mayClose = (scene: Scene, form: FormOf = formOf): Refusal[] => [
  ...ofState(scene),
  ...(scene.papers ?? []).flatMap((paper) => ofOpenPaper(paper, form)),
  ...(scene.hazards ?? [])
    .filter(({ state, measure }) => state !== 'cleared' && measure !== 'transfer')
    .map(({ text = '' }) => ({ code: 'hazard_still_open', values: { text: text.slice(0, 60) } })),
];
