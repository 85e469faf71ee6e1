/** The forms of documents in words. */
import { language } from '$shared/i18n/i18n.svelte';
import { formOf, type FormField } from '$shared/paper/forms';

const inWords = ({ zh, en }: { zh: string; en: string }): string => (language.current === 'en' ? en : zh);

export function formName(code: string): string {
  const form = formOf(code);
  return form ? inWords(form) : code;
}

export const fieldName = (field: FormField): string => inWords(field);

/** A field's value as people read it; documents themselves are Chinese. */
export function shownValue(field: FormField, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  const choice = field.choices.find((each) => each.value === value);
  if (choice) return inWords(choice);
  if (typeof value === 'boolean') return value ? '✓' : '✕';
  if (Array.isArray(value)) return value.map((row) => (Array.isArray(row) ? row.join(' · ') : String(row))).join('\n');
  return String(value);
}
