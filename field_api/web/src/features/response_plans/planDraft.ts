/** A plan while it is written, and how near its end it is. Pure. */
import type { PlanAction, PlanLevel, ResponsePlan } from '$shared/api/records';

export const LEVELS = ['4', '3', '2', '1'] as const;
export type Level = (typeof LEVELS)[number];
/** So many days before its last one, a plan is shown as ending. */
export const EXPIRES_SOON_DAYS = 60;
/** Government plans are drilled at least every two years (article 8 of the regulation on work safety emergencies). */
export const DRILL_EVERY_DAYS = 730;
const DAY_MS = 86_400_000;

export interface Draft {
  name: string;
  owner: string;
  basis: string;
  kinds: ResponsePlan['kinds'];
  expires_on: string;
  levels: PlanLevel[];
}

export const emptyAction = (key: string): PlanAction => ({
  key,
  title: '',
  text: '',
  who: { kind: 'desk', id: '', name: '' },
  within_min: null,
  basis: '',
});

export function draftOf(plan?: ResponsePlan): Draft {
  if (!plan) return { name: '', owner: '', basis: '', kinds: [], expires_on: '', levels: [] };
  const { name, owner, basis, kinds, expires_on, levels } = plan;
  return { name, owner, basis, kinds: [...kinds], expires_on: expires_on ?? '', levels: structuredClone(levels) };
}

/** The next free key of a plan's actions: an action keeps its own over all levels and editions. */
export function nextKey(levels: readonly PlanLevel[]): string {
  const used = new Set(levels.flatMap(({ actions }) => actions.map(({ key }) => key)));
  let number = used.size + 1;
  while (used.has(`a${number}`)) number += 1;
  return `a${number}`;
}

/** Days until a day, negative once it is over; both as `2025-03-15`. */
export function daysTo(day: string, today: string): number {
  return Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS);
}

export type Expiry = 'none' | 'valid' | 'soon' | 'over';

export function expiry(expiresOn: string | null, today: string): Expiry {
  if (!expiresOn) return 'none';
  const days = daysTo(expiresOn, today);
  if (days < 0) return 'over';
  return days <= EXPIRES_SOON_DAYS ? 'soon' : 'valid';
}

export const complete = (draft: Draft): boolean =>
  draft.name.trim() !== '' &&
  draft.levels.length > 0 &&
  draft.levels.every(({ title, actions }) => title.trim() && actions.length && actions.every((action) => action.title.trim()));
