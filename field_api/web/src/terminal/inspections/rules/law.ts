/** Clauses and questions by the day of the inspection, and which may stand in a paper. */
import type { ChecklistItem, Clause, Standing } from '../wire';

const EVERY_SECTOR = '通用';

interface Dated {
  in_force_from?: string | null;
  in_force_to?: string | null;
}

/** Whether it applied on a day; both ends belong to it, an open end is open. */
export const inForce = ({ in_force_from: from, in_force_to: to }: Dated, day: string): boolean =>
  (!from || from <= day) && (!to || day <= to);

/** Whether it may be printed: its text was verified, or an administrator confirmed it. */
export const citable = (standing: Standing): boolean => standing !== 'unverified';

/** Clauses to choose from: of the sector, in force on the day; those that may be printed first. */
export const clausesInForce = (clauses: readonly Clause[], day: string, sector: string): Clause[] =>
  clauses
    .filter((each) => inForce(each, day))
    .filter(({ sectors }) => sectors.includes(sector) || sectors.includes(EVERY_SECTOR))
    .sort((a, b) => Number(citable(b.standing)) - Number(citable(a.standing)));

/** The checklist of a sector on a day, in its order; the general questions come first. */
export const itemsInForce = (items: readonly ChecklistItem[], day: string, sector: string): ChecklistItem[] =>
  items
    .filter((each) => inForce(each, day) && (each.sector === sector || each.sector === EVERY_SECTOR))
    .sort(
      (a, b) =>
        Number(b.sector === EVERY_SECTOR) - Number(a.sector === EVERY_SECTOR) || a.position - b.position,
    );

/** As it is cited in a paper: law, edition, article. */
export const citation = ({ standard, edition, article }: Pick<Clause, 'standard' | 'edition' | 'article'>): string =>
  `《${standard}》${edition ? `（${edition}）` : ''}${article}`;
