/** An application being edited: words by item and times as the browser's field writes them. */
import type { Application, EditApplication } from '$shared/api/records';

type Filled = Application['application'];

export interface Draft {
  texts: string[];
  /** Local, `2025-03-15T14:32`. */
  takeoff: string;
  finished: string;
}

const two = (value: number) => String(value).padStart(2, '0');

function local(tMs: number): string {
  const d = new Date(tMs);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The time typed, undefined where the field was not touched or emptied. */
function typed(text: string, before: number): number | undefined {
  const tMs = new Date(text).getTime();
  return text === local(before) || Number.isNaN(tMs) ? undefined : tMs;
}

export function draftOf(filled: Filled): Draft {
  return {
    texts: filled.items.map((item) => item.text),
    takeoff: local(filled.takeoff_ms),
    finished: local(filled.finished_ms),
  };
}

/** What an edit changes: seconds that the field can't show are not lost by looking at it. */
export function changes(filled: Filled, draft: Draft): Omit<EditApplication, 'version'> {
  const takeoff_ms = typed(draft.takeoff, filled.takeoff_ms);
  const finished_ms = typed(draft.finished, filled.finished_ms);
  return {
    items: filled.items
      .map((item, index) => ({ number: item.number, text: draft.texts[index] ?? item.text }))
      .filter((item, index) => item.text !== filled.items[index]?.text),
    ...(takeoff_ms === undefined ? {} : { takeoff_ms }),
    ...(finished_ms === undefined ? {} : { finished_ms }),
  };
}
