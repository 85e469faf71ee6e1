/** The chain as an officer sees it: what is there, what is next, what cannot be done and why. */
import { FORMS, type Form } from '$shared/paper/forms';
import type { Paper } from '../wire';
import { mayBegin } from './chain';
import { paperFact, type Refusal, type Scene } from './facts';

export interface Step {
  form: Form;
  /** Those of this form, oldest first; what was given up is left out. */
  papers: Paper[];
  /** The paper it would refer to, e.g. the order that a review checks. */
  order: Paper | null;
  refusals: Refusal[];
  /** What an officer would do now. */
  next: boolean;
}

/** What is made in every inspection, one after the other. */
const USUAL: readonly string[] = ['PLAN', 'INSPECT_NOTICE', 'RECORD'];
const isOut = ({ state }: Pick<Paper, 'state'>): boolean => state === 'issued' || state === 'served';

/** Served orders that a paper of this form may refer to, the most urgent first. */
export const ordersFor = (form: Form, papers: readonly Paper[]): Paper[] =>
  papers
    .filter((paper) => form.order.includes(paper.form) && paper.state === 'served' && paper.fulfilled_ms === null)
    .sort((a, b) => (a.due_day ?? '9').localeCompare(b.due_day ?? '9'));

/** Papers of this inspection by form, in the order of the chain; other tiers' forms are left out. */
export function steps(scene: Scene, papers: readonly Paper[]): Step[] {
  const list = FORMS.map((form): Step => {
    const order = ordersFor(form, papers)[0] ?? null;
    return {
      form,
      papers: papers.filter((paper) => paper.form === form.code && paper.state !== 'dropped'),
      order,
      refusals: mayBegin(form, scene, { order: order && paperFact(order) }),
      next: false,
    };
  }).filter(
    (step) =>
      step.papers.length || (!step.form.back_office && !step.refusals.some(({ code }) => code.startsWith('form_of_'))),
  );
  const drafted = list.find((step) => step.papers.some(({ state }) => state === 'draft'));
  const usual = list.find(
    ({ form, papers: own, refusals }) => USUAL.includes(form.code) && !own.some(isOut) && !refusals.length,
  );
  const next = drafted ?? usual;
  return list.map((step) => ({ ...step, next: step === next }));
}

/** Orders that wait for their review, soonest first. */
export const openOrders = (papers: readonly Paper[]): Paper[] =>
  papers
    .filter((paper) => isOut(paper) && paper.due_day !== null && paper.fulfilled_ms === null)
    .sort((a, b) => a.due_day!.localeCompare(b.due_day!));
