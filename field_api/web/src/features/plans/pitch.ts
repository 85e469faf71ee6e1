/** The camera's pitch that a search is best flown with. */
import type { Pattern } from '$shared/api/records';

export const PITCHES_DEG = [-90, -60, -40] as const;

/**
 * By the planner's own sweep width (mission_plans/probability/sweep_width.py): at 60 m above ground
 * it is 0 m straight down, 3 m at -60 degrees, 9 m at -40, its widest. Pictures that are to become
 * a map are taken straight down.
 */
export const recommendedPitchDeg = (kind?: NonNullable<Pattern>['kind']): (typeof PITCHES_DEG)[number] =>
  kind === 'mapping' ? -90 : -40;
