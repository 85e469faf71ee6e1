/** Whether a draft is filled in: required fields, choices, days, amounts. */
import type { Form, FormField, When } from '$shared/paper/forms';
import type { Json, Values } from '../wire';
import type { Draft, Refusal } from './facts';

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && !value.trim()) ||
  (typeof value === 'object' && !Object.keys(value).length);

/** Whether a field has a value; that of yes and no is written `true` and `false`. */
const holds = (when: When | null, values: Values): boolean => {
  const value = when ? values[when.field] : null;
  return when !== null && (typeof value === 'boolean' ? String(value) : value) === when.value;
};

function capOf({ caps, most }: FormField, values: Values): number | null {
  const all = [...caps.filter((cap) => holds(cap, values)).map((cap) => cap.most), ...(most === null ? [] : [most])];
  return all.length ? Math.min(...all) : null;
}

function ofField(form: Form, field: FormField, draft: Draft, day: string): Refusal | null {
  const { values: all = {}, hazards = [] } = draft;
  const value = all[field.name];
  const values = { title: field.zh, title_en: field.en };
  const refused = (code: string, more = {}): Refusal => ({ code, field: field.name, values: { ...values, ...more } });
  if (field.kind === 'hazards') {
    // An inspection may find nothing: then words to that effect stand in their place.
    return field.required && !hazards.length && isEmpty(value) ? refused('field_missing') : null;
  }
  if (isEmpty(value)) {
    const needed = field.required || field.name === form.due || holds(field.required_when, all);
    return needed ? refused('field_missing') : null;
  }
  if (field.kind === 'choice' && !field.choices.some((choice) => choice.value === value)) {
    return refused('field_not_a_choice');
  }
  const cap = capOf(field, all);
  if (field.kind === 'money' && cap !== null && !(Number(value) <= cap)) {
    return refused('amount_too_high', { most: String(cap) });
  }
  return field.name === form.due && String(value) < day ? refused('due_day_over') : null;
}

/** What is missing or wrong in a draft's fields, in the order of the form. */
export const filling = (form: Form, draft: Draft, day: string): Refusal[] =>
  form.fields.map((field) => ofField(form, field, draft, day)).filter((refusal) => refusal !== null);
