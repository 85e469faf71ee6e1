/** Who must have signed a paper. */
import type { Form } from '$shared/paper/forms';
import type { Signature } from '../wire';
import type { Refusal } from './facts';

const signed = ({ refused, strokes }: Signature): boolean => !refused && strokes.length > 0;

function ofParty(given: readonly Signature[]): Refusal[] {
  const own = given.filter(({ role }) => role === 'party');
  if (own.some(signed)) return [];
  const refused = own.find((each) => each.refused);
  if (!refused) return [{ code: 'party_not_signed' }];
  if (!refused.reason.trim()) return [{ code: 'refusal_without_reason' }];
  const witnessed = given.some((each) => each.role === 'witness' && signed(each));
  return witnessed ? [] : [{ code: 'refusal_without_witness' }];
}

/** Whose signature is missing; an approver's is the approval itself. */
export function signaturesMissing(
  form: Pick<Form, 'signers'>,
  officers: readonly { name: string }[],
  given: readonly Signature[],
): Refusal[] {
  const found: Refusal[] = [];
  if (form.signers.includes('officer')) {
    const names = new Set(given.filter((each) => each.role === 'officer' && signed(each)).map(({ name }) => name));
    for (const { name } of officers) {
      if (!names.has(name)) found.push({ code: 'officer_not_signed', values: { name } });
    }
  }
  if (form.signers.includes('party')) found.push(...ofParty(given));
  for (const role of ['witness', 'recorder'] as const) {
    if (form.signers.includes(role) && !given.some((each) => each.role === role && signed(each))) {
      found.push({ code: `${role}_not_signed` });
    }
  }
  return found;
}
