/** What stands in a hazard's fields, as a person reads it. */
import { named, t } from '$shared/i18n/i18n.svelte';
import type { Clause, Json } from './wire';

/** A field's value in words: never a code, an id or a hash. */
export function hazardValue(field: string, value: Json, clause: (id: string) => Clause | undefined): string {
  if (value === null || value === '' || (Array.isArray(value) && !value.length)) return t('onsite.empty');
  switch (field) {
    case 'level':
      return named('onsite.level', String(value));
    case 'measure':
      return named('onsite.measure', String(value));
    case 'voice':
      return t('voice.note');
    case 'media':
      // Originals and copies are named in pairs.
      return t('terminal.photos', { count: Array.isArray(value) ? Math.ceil(value.length / 2) : 1 });
    case 'clause_ids':
      return (Array.isArray(value) ? value : [value]).map((id) => clauseText(String(id), clause)).join('\n');
    default:
      return String(value);
  }
}

function clauseText(id: string, clause: (id: string) => Clause | undefined): string {
  const found = clause(id);
  return found ? `${found.standard} ${found.article}`.trim() : id;
}
