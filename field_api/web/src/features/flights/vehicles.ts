/** What the console makes of a vehicle's snapshot: how old it is, whether to trust it. */
import type { LinkState, VehicleState } from '$shared/api/live';
import type { Flown, Sortie } from '$shared/api/records';

export interface VehicleEntry {
  state: VehicleState;
  /** Page time when this snapshot arrived. */
  receivedMs: number;
}

/** Story O8: grey at 3 s, alarm at 5 s. */
export const STALE_MS = 3000;
export const LOST_MS = 5000;

/** Age of the newest telemetry: what the fleet node said plus the time since it said so. */
export const ageMs = (entry: VehicleEntry, nowMs: number): number =>
  entry.state.telemetry_age_ms + Math.max(0, nowMs - entry.receivedMs);

export function linkOf(entry: VehicleEntry, nowMs: number): LinkState {
  const age = ageMs(entry, nowMs);
  if (age >= LOST_MS || entry.state.link === 'lost') return 'lost';
  return age >= STALE_MS || entry.state.link === 'stale' ? 'stale' : 'live';
}

export const groundSpeedMs = (state: VehicleState): number | null =>
  state.velocity_north_ms == null || state.velocity_east_ms == null
    ? null
    : Math.hypot(state.velocity_north_ms, state.velocity_east_ms);

const natural = new Intl.Collator('en', { numeric: true });

/** By id as people count: 2 before 10. An aircraft keeps its place, and with it its digit. */
export const byId = (a: { vehicle_id: string }, b: { vehicle_id: string }): number =>
  natural.compare(a.vehicle_id, b.vehicle_id);

/** The key that selects the aircraft in this place; beyond ten there is none. */
export const digitOf = (place: number): string | null =>
  place < 9 ? String(place + 1) : place === 9 ? '0' : null;

export const placeOfDigit = (digit: string): number => (digit === '0' ? 9 : Number(digit) - 1);

/**
 * Since when each sortie is in the air: from its recorded track, or from its own state while that
 * still says it is flying (later states no longer tell when it began).
 */
export function airborneSince(sorties: Sortie[], flown: Flown[]): Map<string, number> {
  const since = new Map<string, number>();
  const note = (sortieId: string, tMs: number | undefined) => {
    if (tMs !== undefined) since.set(sortieId, Math.min(since.get(sortieId) ?? Infinity, tMs));
  };
  for (const sortie of sorties) if (sortie.state === 'flying') note(sortie.id, sortie.state_t_ms);
  for (const piece of flown) note(piece.sortie_id, piece.points[0]?.[3]);
  return since;
}
