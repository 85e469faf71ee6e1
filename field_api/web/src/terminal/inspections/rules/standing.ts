/** What the law asks to be known of an enterprise: visits, hazards, penalties, article 113. */
import { addDays } from '$shared/days';
import { PENALTIES } from '$shared/paper/forms';
import type { Hazard, Inspection, Paper } from '../wire';

export interface EnterpriseStanding {
  visits_this_year: number;
  open_hazards: number;
  open_major_hazards: number;
  penalties_180_days: number;
  penalties_1_year: number;
  /** A major hazard, and 3 penalties in 180 days or 4 in a year: closing must be asked for. */
  closure_due: boolean;
  overdue_orders: number;
}

/** From what this handheld knows of one enterprise. */
export function standingOf(
  inspections: readonly Pick<Inspection, 'day' | 'entered_ms'>[],
  papers: readonly Pick<Paper, 'form' | 'state' | 'day' | 'due_day' | 'fulfilled_ms'>[],
  hazards: readonly Pick<Hazard, 'state' | 'level'>[],
  today: string,
): EnterpriseStanding {
  const valid = papers.filter((paper) => paper.state === 'issued' || paper.state === 'served');
  const penalties = valid
    .filter((paper) => PENALTIES.includes(paper.form) && paper.day !== null && paper.day <= today)
    .map((paper) => paper.day!);
  const open = hazards.filter((hazard) => hazard.state !== 'cleared');
  const penalties_180_days = penalties.filter((day) => day > addDays(today, -180)).length;
  const penalties_1_year = penalties.filter((day) => day > addDays(today, -365)).length;
  const open_major_hazards = open.filter((hazard) => hazard.level === 'major').length;
  return {
    visits_this_year: inspections.filter(
      (each) => each.entered_ms !== null && each.day.slice(0, 4) === today.slice(0, 4),
    ).length,
    open_hazards: open.length,
    open_major_hazards,
    penalties_180_days,
    penalties_1_year,
    closure_due: open_major_hazards > 0 && (penalties_180_days >= 3 || penalties_1_year >= 4),
    overdue_orders: valid.filter(
      (paper) => paper.due_day !== null && paper.fulfilled_ms === null && paper.due_day < today,
    ).length,
  };
}
