/** Whether a review's conclusion stands with what was found (`features/inspections/reviewing.py`). */
import type { Form } from '$shared/paper/forms';
import type { Json } from '../wire';
import type { Refusal } from './facts';

interface Checked {
  state: string;
  check_result: string | null;
}

const DONE: readonly unknown[] = ['done', 'resume'];

export const isCleared = ({ state, check_result }: Checked): boolean => state === 'cleared' || check_result === 'cleared';

/** What stands against saying that all is done: a hazard of the order that was not found cleared. */
export const contradicted = (form: Form, values: Record<string, Json>, hazards: readonly Checked[]): Refusal[] =>
  form.fulfils === 'hazards' && DONE.includes(values.conclusion) && !hazards.every(isCleared)
    ? [{ code: 'conclusion_contradicts_check', field: 'conclusion' }]
    : [];
