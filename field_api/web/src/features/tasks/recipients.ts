/** Whom a task may be sent to, in the order in which a tired person wants them. */
import type { NearestTerminal, Roster } from '$shared/api/records';

export interface Recipient {
  terminal_id: string;
  holder: string;
  team_id: string | null;
  /** Where it is as seen from where the task is about; null where either is not known. */
  near: NearestTerminal | null;
}

type Terminal = Pick<Roster['terminals'][number], 'terminal_id' | 'holder' | 'team_id'>;

/** The nearest first, then those that reported no position, by their name. */
export function recipientsOf(terminals: readonly Terminal[], nearest: readonly NearestTerminal[]): Recipient[] {
  const located = nearest.map((near) => ({
    terminal_id: near.terminal_id,
    holder: near.holder,
    team_id: near.team_id ?? null,
    near,
  }));
  const known = new Set(nearest.map(({ terminal_id }) => terminal_id));
  const others = terminals
    .filter(({ terminal_id }) => !known.has(terminal_id))
    .map(({ terminal_id, holder, team_id }) => ({ terminal_id, holder, team_id: team_id ?? null, near: null }))
    .sort((a, b) => a.terminal_id.localeCompare(b.terminal_id));
  return [...located, ...others];
}

export const matches = ({ terminal_id, holder, team_id }: Recipient, typed: string): boolean =>
  `${terminal_id} ${holder} ${team_id ?? ''}`.toLowerCase().includes(typed.trim().toLowerCase());

/**
 * Who is chosen after a press on `id`. What was only suggested gives way to the first that a person
 * chooses: nobody is sent who was not meant.
 */
export function chosenAfter(chosen: readonly string[], id: string, suggested: boolean): string[] {
  if (suggested) return [id];
  return chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id];
}
