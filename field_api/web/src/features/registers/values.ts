/** Values of a register between their stored form and what a form field or a table cell shows. */
import { dateTime } from '$shared/format';
import { pick, t } from '$shared/i18n/i18n.svelte';
import { areaName } from './areaNames.svelte';
import type { Column, Row } from './api';
import { isOutline } from './outlines';
import { inWords } from './structured';

export interface Place {
  lat_deg: number;
  lon_deg: number;
}

export const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'lat_deg' in value && 'lon_deg' in value;

const two = (n: number): string => String(n).padStart(2, '0');
/** Local time as `<input type="datetime-local">` wants it. */
const localMinute = (tMs: number): string => {
  const d = new Date(tMs);
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${date}T${two(d.getHours())}:${two(d.getMinutes())}`;
};
const placeText = ({ lat_deg, lon_deg }: Place): string => `${lat_deg}, ${lon_deg}`;

/** The value as text of a form field. */
export function toField(column: Column, value: unknown): string {
  if (value === null || value === undefined) return '';
  switch (column.kind) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'time':
      return typeof value === 'number' ? localMinute(value) : String(value);
    case 'point':
      return isPlace(value) ? placeText(value) : '';
    case 'json':
    case 'outline':
      return JSON.stringify(value, null, 2);
    default:
      return String(value);
  }
}

export type Fault = 'required' | 'number' | 'integer' | 'choice' | 'time' | 'place' | 'area' | 'json' | 'outline';

/** The stored value of a field's text, or what is wrong with it. */
export function fromField(column: Column, text: string): { value: unknown } | { fault: Fault } {
  const given = text.trim();
  if (column.kind === 'boolean') {
    if (!given && !column.required) return { value: null };
    return { value: given === 'true' };
  }
  if (!given) return column.required ? { fault: 'required' } : { value: null };
  switch (column.kind) {
    case 'integer':
    case 'number': {
      const number = Number(given.replace(',', '.'));
      if (!Number.isFinite(number)) return { fault: 'number' };
      if (column.kind === 'integer' && !Number.isInteger(number)) return { fault: 'integer' };
      return { value: number };
    }
    case 'choice':
      return !column.choices.includes(given) ? { fault: 'choice' } : { value: given };
    case 'time': {
      const tMs = new Date(given).getTime();
      return Number.isFinite(tMs) ? { value: tMs } : { fault: 'time' };
    }
    case 'point': {
      const place = parsePlace(given);
      return place ? { value: place } : { fault: 'place' };
    }
    case 'area':
      return /^\d{6,12}$/.test(given) ? { value: given } : { fault: 'area' };
    case 'json':
    case 'outline':
      try {
        return { value: JSON.parse(given) };
      } catch {
        return { fault: column.kind };
      }
    default:
      return { value: given };
  }
}

/** `24.94, 102.62`: latitude first, as people say it. */
function parsePlace(text: string): Place | null {
  const numbers = text.trim().split(/[\s,,]+/).map(Number);
  const [lat_deg, lon_deg] = numbers;
  if (numbers.length !== 2 || lat_deg === undefined || lon_deg === undefined) return null;
  if (!(Math.abs(lat_deg) <= 90) || !(Math.abs(lon_deg) <= 180)) return null;
  return { lat_deg, lon_deg };
}

/** What a structured value calls itself: a boundary shows its name, not its corners. */
const nameOf = (value: unknown): string | null =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && value.name
    ? value.name
    : null;

/** What a choice is called in the reader's language. */
export function choiceTitle(column: Column, value: string): string {
  const at = column.choices.indexOf(value);
  return at < 0 ? value : pick(column.choices_zh[at]!, column.choices_en[at]!);
}

/** The value as a table cell shows it, short. */
export function cell(column: Column, value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  switch (column.kind) {
    case 'boolean':
      return value ? '✓' : '✕';
    case 'time':
      return typeof value === 'number' ? dateTime(value).slice(0, 16) : String(value);
    case 'point':
      return isPlace(value) ? `${value.lat_deg.toFixed(5)}, ${value.lon_deg.toFixed(5)}` : '';
    case 'area':
      return areaName(String(value));
    case 'choice':
      return choiceTitle(column, String(value));
    case 'json':
      return nameOf(value) ?? inWords(value);
    case 'outline':
      if (!isOutline(value)) return '';
      return value.radius_m
        ? t('registers.outline.circle-of', { radius: Math.round(value.radius_m) })
        : t('registers.outline.polygon-of', { count: value.polygon?.length ?? 0 });
    default:
      return column.unit ? `${String(value)} ${column.unit}` : String(value);
  }
}

/** The columns that differ between two states of an entry. */
export const differing = (columns: Column[], a: Row | null, b: Row | null): Column[] =>
  columns.filter(({ name }) => JSON.stringify(a?.[name] ?? null) !== JSON.stringify(b?.[name] ?? null));
