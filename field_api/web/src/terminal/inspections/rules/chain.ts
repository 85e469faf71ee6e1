/** The chain of papers as a state machine: what may be begun, what may be issued, what is next. */
import { formOf, FORMS, type Form } from '../forms';
import type { Inspection, Officer, Paper } from '../wire';
import { inForce } from './law';
import type { Reason } from './reason';

type Open = Pick<Inspection, 'tier' | 'state' | 'source' | 'entered_ms' | 'emergency_reason'>;
type Standing = Pick<Paper, 'id' | 'form' | 'state' | 'fulfilled_ms' | 'replaces'>;

const isOut = ({ state }: Pick<Paper, 'state'>): boolean => state === 'issued' || state === 'served';
const named = (codes: readonly string[]): { zh: string; en: string } => {
  const forms = codes.map((code) => formOf(code));
  return {
    zh: codes.map((code, at) => forms[at]?.zh ?? code).join('、'),
    en: codes.map((code, at) => forms[at]?.en ?? code).join(', '),
  };
};

/** An inspection that could not wait: approvals may come afterwards. */
export const isEmergency = ({ source, emergency_reason }: Open): boolean =>
  source === 'emergency' || emergency_reason !== '';

/** Papers that come before the enterprise is entered. */
const isBeforeEntry = (form: Form): boolean => form.code === 'PLAN' || form.code === 'INSPECT_NOTICE';

/** Officers whose certificate is valid on a day. */
export const validOfficers = (officers: readonly Officer[], day: string): Officer[] =>
  officers.filter(({ certificate, valid_from, valid_to }) =>
    certificate && inForce({ in_force_from: valid_from, in_force_to: valid_to }, day),
  );

/** Why a paper of this form cannot be begun now; empty when it can. */
export function refusals(form: Form, inspection: Open, papers: readonly Standing[]): Reason[] {
  const reasons: Reason[] = [];
  const out = papers.filter(isOut);
  if (inspection.state === 'closed') reasons.push({ code: 'closed' });
  if (inspection.state === 'escalated') reasons.push({ code: 'escalated' });
  if (!form.tiers.includes(inspection.tier)) reasons.push({ code: `tier-${inspection.tier}` });
  if (inspection.entered_ms === null && !isBeforeEntry(form)) reasons.push({ code: 'not-entered' });
  // Where none of them is known here, the command post says whether it may be.
  if (form.after.length && !out.some((paper) => form.after.includes(paper.form))) {
    reasons.push({ code: 'after', ...named(form.after) });
  }
  if (form.order.length && !papers.some((paper) => form.order.includes(paper.form) && paper.state === 'served')) {
    reasons.push({ code: 'order', ...named(form.order) });
  }
  return reasons;
}

/** Why its approval stands in the way of issuing it. */
export function approvalLacking(
  form: Form,
  paper: Pick<Paper, 'approval' | 'urgent'>,
  inspection: Open,
): Reason | null {
  if (form.approval === 'none' || paper.approval === 'approved') return null;
  if (paper.approval === 'refused') return { code: 'approval-refused' };
  if (form.approval === 'before' && isEmergency(inspection)) return null;
  if (form.approval === 'urgent' && paper.urgent) return null;
  return { code: paper.approval === 'asked' ? 'approval-asked' : 'approval-needed' };
}

export interface Step {
  form: Form;
  /** Those of this form, oldest first. */
  papers: Paper[];
  refusals: Reason[];
  /** What an officer would do now. */
  next: boolean;
}

/** What usually comes one after the other on site. */
const USUAL = ['PLAN', 'INSPECT_NOTICE', 'RECORD'];

/** All forms of an inspection's tier with what stands in their way, in the order of the chain. */
export function steps(inspection: Inspection, papers: readonly Paper[]): Step[] {
  const list = FORMS.filter((form) => form.tiers.includes(inspection.tier)).map((form) => ({
    form,
    papers: papers.filter((paper) => paper.form === form.code && paper.state !== 'dropped'),
    refusals: refusals(form, inspection, papers),
    next: false,
  }));
  const pending = list.find((step) => step.papers.some((paper) => paper.state === 'draft'));
  const usual = list.find((step) => USUAL.includes(step.form.code) && !step.papers.some(isOut) && !step.refusals.length);
  const next = pending ?? usual;
  return list.map((step) => ({ ...step, next: step === next }));
}

/** Orders that wait for their review, soonest first. */
export const openOrders = (papers: readonly Paper[]): Paper[] =>
  papers
    .filter((paper) => isOut(paper) && paper.due_day !== null && paper.fulfilled_ms === null)
    .sort((a, b) => a.due_day!.localeCompare(b.due_day!));

/** Why an inspection cannot be closed. */
export function closingRefusals(papers: readonly Paper[]): Reason[] {
  const reasons: Reason[] = [];
  const orders = openOrders(papers).length;
  const drafts = papers.filter((paper) => paper.state === 'draft').length;
  if (orders) reasons.push({ code: 'open-orders', number: orders });
  if (drafts) reasons.push({ code: 'open-drafts', number: drafts });
  return reasons;
}
