/** Whether people in the field are well: check-in timers and roll calls of the incident. */
import { ask, http } from '$shared/api/client';
import type { CheckIn, RollCall } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import './texts';

export const INTERVALS_MIN = [15, 30, 60] as const;
export const DEFAULT_INTERVAL_MIN = 30;

class CheckIns {
  readonly records = feed.records('check_in', new Collection<CheckIn>());
  readonly rolls = feed.records('roll_call', new Collection<RollCall>());

  running = $derived(this.records.all.filter(({ ended_ms }) => ended_ms === null));
  /** The longest overdue first. */
  overdue = $derived(this.running.filter(({ overdue_ms }) => overdue_ms !== null).sort((a, b) => a.due_ms - b.due_ms));
  ofIncident = $derived(this.running.filter(({ incident_id }) => incident_id === desk.incidentId));
  /** The last one that was called. */
  roll = $derived(
    this.rolls.all.filter(({ incident_id }) => incident_id === desk.incidentId).sort((a, b) => b.called_ms - a.called_ms)[0] ?? null,
  );

  of(incident_id: string, terminal_id: string): CheckIn | null {
    return this.running.find((each) => each.incident_id === incident_id && each.terminal_id === terminal_id) ?? null;
  }

  async set(incident_id: string, terminal_id: string, interval_min: number): Promise<CheckIn> {
    const body = { id: newId(), incident_id, terminal_id, interval_min };
    return this.records.put(await ask(http.POST('/api/v1/check-ins', { body })));
  }

  async stop(check_in_id: string): Promise<CheckIn> {
    const params = { path: { check_in_id } };
    return this.records.put(await ask(http.POST('/api/v1/check-ins/{check_in_id}/stop', { params, body: { id: newId() } })));
  }

  async call(incident_id: string): Promise<RollCall> {
    return this.rolls.put(await ask(http.POST('/api/v1/roll-calls', { body: { id: newId(), incident_id } })));
  }

  async end(roll_call_id: string): Promise<RollCall> {
    const params = { path: { roll_call_id } };
    return this.rolls.put(await ask(http.POST('/api/v1/roll-calls/{roll_call_id}/end', { params, body: { id: newId() } })));
  }
}

export const checkIns = new CheckIns();
