/** A year's plan as it is being written. Pure. */
import type { components } from '$shared/api/schema';

type Schemas = components['schemas'];
export type PlanProgress = Schemas['PlanProgress'];
export type PlanRow = Schemas['PlanRow'];
export type Target = Schemas['TargetBody'];

export const MONTHS = Array.from({ length: 12 }, (_, month) => month);

export const total = (counts: readonly number[]): number => counts.reduce((sum, each) => sum + each, 0);

/** A year's number over its months, as even as whole numbers are. */
export const spread = (year: number): number[] =>
  MONTHS.map((month) => Math.floor((year * (month + 1)) / 12) - Math.floor((year * month) / 12));

/** What is written in a field as a number that a plan may hold. */
export function countOf(text: string): number {
  const count = Math.trunc(Number(text));
  return Number.isFinite(count) ? Math.min(9999, Math.max(0, count)) : 0;
}

/** Whether a month lacks inspections: it has ended with less than its target. */
export const lacks = (row: PlanRow, month: number, ended: number): boolean =>
  month < ended && row.done[month]! < row.target[month]!;

/** More than the cap on visits lets the enterprises of that street have. */
export const overCap = (row: Pick<PlanRow, 'target' | 'most'>): boolean =>
  row.most !== null && total(row.target) > row.most;
