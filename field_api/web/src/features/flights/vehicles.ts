/** What the console makes of a vehicle's snapshot: how old it is, whether to trust it. */
import type { LinkState, VehicleState } from '$shared/api/live';

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

/** What a person may order it to do now. */
export function ordersFor(state: VehicleState | undefined): ('pause' | 'resume' | 'return' | 'land')[] {
  if (!state?.armed) return [];
  const paused = state.sortie_state === 'paused';
  return [paused ? 'resume' : 'pause', 'return', 'land'];
}
