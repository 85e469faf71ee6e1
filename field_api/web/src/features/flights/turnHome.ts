/** When an aircraft must turn home, in words. */
import type { VehicleState } from '$shared/api/live';
import { t } from '$shared/i18n/i18n.svelte';
import './texts';

/** Story O8: people are told this long before. */
const SOON_MIN = 3;

export const mustTurnSoon = ({ minutes_left }: VehicleState): boolean =>
  minutes_left != null && minutes_left < SOON_MIN;

/** `in 12 min` or `now`; null where nothing is reckoned. */
export function turnHome({ minutes_left }: VehicleState): string | null {
  if (minutes_left == null) return null;
  return minutes_left <= 0
    ? t('flight.turn-now')
    : t('flight.turn-in', { minutes: Math.floor(minutes_left) });
}
