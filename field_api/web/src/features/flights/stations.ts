/** Watching a place in turn: who can relieve, and what is said of a watch in a line. */
import type { Sortie, Station } from '$shared/api/records';

const UNFLOWN = new Set<Sortie['state']>(['authorised', 'uploaded']);
const IN_AIR = new Set<Sortie['state']>(['starting', 'flying', 'paused', 'returning']);

/** Aircraft with an authorised sortie that was not flown, and nothing else to do. */
export function reliefsOf(sorties: readonly Sortie[], watched: readonly Station[]): string[] {
  const busy = new Set(watched.flatMap((one) => [one.vehicle_id, ...one.reliefs]));
  for (const sortie of sorties) if (IN_AIR.has(sortie.state)) busy.add(sortie.vehicle_id);
  const able = sorties.filter(({ state, vehicle_id }) => UNFLOWN.has(state) && !busy.has(vehicle_id));
  return [...new Set(able.map(({ vehicle_id }) => vehicle_id))].sort();
}

export interface Next {
  /** Words: `watch.…`. */
  key: 'coming' | 'next' | 'next-unknown' | 'nobody';
  id: string;
  /** Until it is sent, in seconds; never less than 0. */
  inS: number | null;
}

/** Who comes next, and when. */
export function nextOf(station: Station, nowMs: number): Next {
  const id = station.reliefs[0];
  if (id === undefined) return { key: 'nobody', id: '', inS: null };
  if (station.relief_ordered_ms !== null) return { key: 'coming', id, inS: null };
  if (station.relief_due_ms === null) return { key: 'next-unknown', id, inS: null };
  return { key: 'next', id, inS: Math.max(0, (station.relief_due_ms - nowMs) / 1000) };
}
