/** Entries of the registers that were opened, kept up by the live channel. */
import { feed } from '$shared/live/feed';
import type { Topic } from '$shared/api/live';
import { Collection } from '$shared/records/collection';
import type { Row } from './api';

interface Opened {
  rows: Collection<Row>;
  /** Called when an entry came, went or changed. */
  watchers: Set<(id: string) => void>;
}

const opened = new Map<string, Opened>();

export function rowsOf(register: string): Opened {
  let found = opened.get(register);
  if (!found) {
    const watchers = new Set<(id: string) => void>();
    const rows = new Collection<Row>();
    // Which registers there are, the command post says: their rows have one shape.
    feed.records(`register.${register}` as Topic, rows as unknown as Collection<never>, {
      whole: false,
      then: ({ id }) => watchers.forEach((tell) => tell(id)),
    });
    opened.set(register, (found = { rows, watchers }));
  }
  return found;
}
