/** Clauses and questions by the day of the inspection, and which may stand in a paper. */
import type { ChecklistItem, Clause } from '../wire';

interface Dated {
  in_force_from: string | null;
  in_force_to: string | null;
}

/** Whether it applied on a day; both ends belong to it, an open end is open. */
export const inForce = ({ in_force_from: from, in_force_to: to }: Dated, day: string): boolean =>
  (!from || from <= day) && (!to || day <= to);

/** Whether it may be printed: its text was verified, or an administrator confirmed it. */
export const printable = ({ standing }: Pick<Clause, 'standing'>): boolean => standing !== 'unverified';

const sectorsOf = (text: string | null): string[] => (text ?? '').split(/[,,、;;]/).map((each) => each.trim()).filter(Boolean);

/** Whether something of `sectors` concerns an inspection of `sector`: those of all sectors do. */
export function concerns(sectors: string | null, sector: string): boolean {
  const named = sectorsOf(sectors);
  return !named.length || named.some((each) => each === '通用' || sector.startsWith(each) || each.startsWith(sector));
}

/** Clauses to choose from: of the sector, in force on the day; those that may be printed first. */
export function clausesFor(
  clauses: readonly Clause[],
  sector: string,
  day: string,
  { major }: { major?: boolean } = {},
): Clause[] {
  return clauses
    .filter((each) => inForce(each, day) && concerns(each.sector, sector))
    .filter((each) => major === undefined || each.major === major)
    .sort((a, b) => Number(printable(b)) - Number(printable(a)));
}

/** The checklist of a sector on a day, in its order; the general questions come first. */
export function checklistFor(items: readonly ChecklistItem[], sector: string, day: string): ChecklistItem[] {
  return items
    .filter((each) => inForce(each, day) && concerns(each.sector, sector))
    .sort((a, b) => Number(b.sector === '通用') - Number(a.sector === '通用') || a.position - b.position);
}

/** As it is cited in a paper: law, edition, article. */
export const citation = ({ law, edition, article }: Pick<Clause, 'law' | 'edition' | 'article'>): string =>
  `《${law}》${edition ? `(${edition})` : ''}${article}`;
