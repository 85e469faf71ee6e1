/** How far an inspection is, as a row of steps. */
import type { Inspection, Paper } from './api';

export const STEPS = ['notice', 'entered', 'record', 'order', 'review', 'closed'] as const;
export type Step = (typeof STEPS)[number];
export type StepState = 'done' | 'open' | 'not-needed' | 'ahead';

const ORDERS = new Set(['ONSITE', 'RECTIFY', 'COERCE']);
const out = (paper: Paper): boolean => paper.state === 'issued' || paper.state === 'served';

/** The state of each step; an order is needed only where hazards are open, a review where one is. */
export function progress(
  inspection: Inspection,
  papers: readonly Paper[],
  openHazards: number,
): Record<Step, StepState> {
  const issued = papers.filter(out);
  const has = (form: string) => issued.some((paper) => paper.form === form);
  const orders = issued.filter((paper) => ORDERS.has(paper.form));
  const closed = inspection.state === 'closed' || inspection.state === 'escalated';
  const recorded = has('RECORD');
  const waiting = orders.some((paper) => paper.fulfilled_ms === null);
  return {
    notice: has('INSPECT_NOTICE') ? 'done' : inspection.entered_ms ? 'not-needed' : 'open',
    entered: inspection.entered_ms ? 'done' : closed ? 'not-needed' : 'ahead',
    record: recorded ? 'done' : inspection.entered_ms ? 'open' : 'ahead',
    order: orders.length ? 'done' : recorded ? (openHazards ? 'open' : 'not-needed') : 'ahead',
    review: orders.length ? (waiting ? 'open' : 'done') : recorded && !openHazards ? 'not-needed' : 'ahead',
    closed: closed ? 'done' : 'ahead',
  };
}
