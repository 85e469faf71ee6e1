/** Figures of reports as people read them. */
import { dateTime } from '$shared/format';
import { t } from '$shared/i18n/i18n.svelte';

export function factValue(key: string, value: string | number | null): string {
  if (value === null) return t('reporting.unknown');
  if (key === 'level') return t(`reporting.level.${value}` as 'reporting.level.ordinary');
  if (key === 'happened_ms') return dateTime(Number(value)).slice(0, 16);
  return String(value);
}
