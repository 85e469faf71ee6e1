/** What the features page in for the incident being worked: one list, run by the desk. */
import { ApiProblem } from '$shared/api/client';
import { session } from '$shared/session/session.svelte';

type Load = (incidentId: string) => Promise<void>;

const RETRY_MS = 3000;
const loads = new Map<Load, string[]>();

/**
 * Run `load` for the incident that is opened, and again when the live channel began anew; only for
 * who is permitted one of `needs`: others are not even asked about.
 */
export function forIncident(load: Load, ...needs: string[]): void {
  loads.set(load, needs);
}

/** Start all loads; each is tried until it succeeds, is refused, or the incident is left. */
export function loadIncident(incidentId: string): () => void {
  let left = false;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  async function attempt(load: Load) {
    try {
      await load(incidentId);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (problem.worthRetrying && !left) timers.add(setTimeout(() => void attempt(load), RETRY_MS));
    }
  }
  for (const [load, needs] of loads) {
    if (needs.some((each) => session.may(each))) void attempt(load);
  }
  return () => {
    left = true;
    timers.forEach(clearTimeout);
  };
}
