/** What can be found, in the order in which groups are shown. */
import type { Named } from './match';

export const GROUPS = ['coordinate', 'incident', 'command', 'aircraft', 'handheld', 'place', 'record'] as const;
export type Group = (typeof GROUPS)[number];

/** One line of the list; Enter goes there. */
export interface Find extends Named {
  group: Group;
  label: string;
  detail?: string;
  /** The key that does the same. */
  key?: string;
  go: () => void;
}
