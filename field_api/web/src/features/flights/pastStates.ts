/** What an aircraft said a moment ago: a picture shows the past, and its figures must be of then. */
import type { VehicleState } from '$shared/api/live';

const KEPT_MS = 6000;
const kept = new Map<string, VehicleState[]>();

export function keepState(state: VehicleState): void {
  const states = kept.get(state.vehicle_id) ?? [];
  if (!states.length) kept.set(state.vehicle_id, states);
  states.push(state);
  while (states[0]!.t_ms < state.t_ms - KEPT_MS) states.shift();
}

/** The state nearest to a moment, undefined where none is kept. */
export function stateAt(vehicleId: string, t_ms: number): VehicleState | undefined {
  const states = kept.get(vehicleId) ?? [];
  return states.reduce<VehicleState | undefined>(
    (best, state) => (!best || Math.abs(state.t_ms - t_ms) < Math.abs(best.t_ms - t_ms) ? state : best),
    undefined,
  );
}
