/** Whose handheld it is, and where to ring. */
import { pick } from '$shared/i18n/i18n.svelte';
import { roster } from '../roster/roster.svelte';

export interface Person {
  name: string;
  phone: string | null;
}

/** `by` is who was signed in; the register knows whose handheld it is and the telephone. */
export function personOf(terminalId: string, by: string): Person {
  const terminal = roster.current?.terminals.find(({ terminal_id }) => terminal_id === terminalId);
  const holder = terminal ? pick(terminal.holder, terminal.holder_en) : '';
  return { name: by || holder, phone: terminal?.phone ?? null };
}
