/** Structured values in words: what a person reads where the store holds lists and fields. */
import { language, named } from '$shared/i18n/i18n.svelte';

const DIGITS = 6;
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field's name: as the catalogues have it, else its own with its words apart. */
export function partName(key: string): string {
  const said = named('registers.part', key);
  return said === key ? key.replaceAll('_', ' ') : said;
}

/** One value in a line. */
export function inWords(value: unknown): string {
  const comma = language.current === 'en' ? ', ' : '、';
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'boolean') return value ? '✓' : '✕';
  if (typeof value === 'number') return String(Number(value.toFixed(DIGITS)));
  if (Array.isArray(value)) return value.length ? value.map(inWords).join(value.some(isPlain) ? ' | ' : comma) : '—';
  if (!isPlain(value)) return String(value);
  if (typeof value.lat_deg === 'number' && typeof value.lon_deg === 'number') return `${inWords(value.lat_deg)}, ${inWords(value.lon_deg)}`;
  const parts = said(value).map(([name, text]) => `${name} ${text}`);
  return parts.join(' · ') || '—';
}

/** The fields of a value that hold something, each with its name; a list has none. */
export function said(value: unknown): [name: string, text: string][] {
  if (!isPlain(value)) return [];
  return Object.entries(value)
    .filter(([, each]) => each !== null && each !== '' && !(Array.isArray(each) && !each.length))
    .map(([key, each]) => [partName(key), inWords(each)]);
}
