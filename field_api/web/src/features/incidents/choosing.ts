/** Which incidents somebody looks for. Pure. */
import type { Incident, IncidentKind } from '$shared/api/records';

export interface Sought {
  /** Stands in the title. */
  q: string;
  /** Empty for all kinds. */
  kind: IncidentKind | '';
  state: Incident['state'] | '';
}

/** Whether an incident is what is looked for, as the command post would say. */
export function fits({ title, kind, state }: Incident, sought: Sought): boolean {
  return (
    (!sought.kind || kind === sought.kind) &&
    (!sought.state || state === sought.state) &&
    title.toLowerCase().includes(sought.q.trim().toLowerCase())
  );
}
