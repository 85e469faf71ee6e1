/** What a paper still lacks before it can be issued. */
import type { Form, FormField } from '../forms';
import type { Clause, Hazard, Json, Signature, Values } from '../wire';
import { isDay } from './calendar';
import { printable } from './law';
import type { Reason } from './reason';

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && !value.trim()) ||
  (Array.isArray(value) && !value.length);

function ofField(field: FormField, value: Json | undefined, hazards: number): Reason | null {
  const named = { field: field.name, zh: field.zh, en: field.en };
  // An inspection may find nothing: then words to that effect stand in place of hazards.
  if (field.kind === 'hazards' && hazards) return null;
  if (isEmpty(value)) return field.required ? { code: 'field-empty', ...named } : null;
  if (field.kind === 'day' && !isDay(value)) return { code: 'field-no-day', ...named };
  if ((field.kind === 'number' || field.kind === 'money') && !Number.isFinite(Number(value))) {
    return { code: 'field-no-number', ...named };
  }
  if (field.kind === 'choice' && !field.choices.some((choice) => choice.value === value)) {
    return { code: 'field-no-choice', ...named };
  }
  if (field.most !== null && Number(value) > field.most) {
    return { code: 'field-too-much', ...named, most: field.most };
  }
  return null;
}

/** Fields that are required and empty, or that hold what they may not. */
export const missingFields = (form: Form, values: Values, hazards: number): Reason[] =>
  form.fields
    .map((field) => ofField(field, values[field.name], hazards))
    .filter((reason) => reason !== null);

/** What is wrong with the hazards that a paper is about. */
export function missingOfHazards(hazards: readonly Hazard[], clauses: ReadonlyMap<string, Clause>): Reason[] {
  const reasons: Reason[] = [];
  for (const [index, hazard] of hazards.entries()) {
    const number = index + 1;
    if (!hazard.text.trim()) reasons.push({ code: 'hazard-empty', number });
    const cited = hazard.clause_ids.map((id) => clauses.get(id));
    if (!cited.length) reasons.push({ code: 'hazard-no-clause', number });
    if (cited.some((clause) => clause && !printable(clause))) reasons.push({ code: 'hazard-unverified', number });
    if (hazard.level !== 'major') continue;
    if (!cited.some((clause) => clause?.major)) reasons.push({ code: 'hazard-no-criterion', number });
    if (hazard.confirmed_by === null) reasons.push({ code: 'hazard-unconfirmed', number });
  }
  return reasons;
}

/** Who has neither signed nor refused; `officer` means each of the officers. */
export function missingSignatures(
  form: Form,
  officers: readonly { name: string }[],
  signatures: readonly Signature[],
): Reason[] {
  const given = signatures.filter((each) => each.refused || each.strokes.length);
  const reasons: Reason[] = [];
  for (const role of form.signers) {
    const wanted = role === 'officer' ? officers.map(({ name }) => name) : [null];
    for (const name of wanted) {
      const found = given.find((each) => each.role === role && (name === null || each.name === name));
      if (!found) reasons.push({ code: `unsigned-${role}`, name: name ?? '' });
      else if (!found.name.trim()) reasons.push({ code: `unnamed-${role}` });
      else if (found.refused && !found.reason.trim()) reasons.push({ code: 'refusal-no-reason', name: found.name });
    }
  }
  return reasons;
}
