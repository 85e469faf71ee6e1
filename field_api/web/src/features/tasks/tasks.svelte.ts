/** Tasks of people on the ground. */
import { ask, http } from '$shared/api/client';
import type { AssignTask, HandOverTask, NearestTerminal, Task } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import './texts';

class Tasks {
  readonly records = feed.records('task', new Collection<Task>());

  ofIncident = $derived(
    this.records.all
      .filter((task) => task.incident_id === desk.incidentId)
      .sort((a, b) => b.created_ms - a.created_ms),
  );

  /** Nobody took them in time. */
  overdue = $derived(this.records.all.filter((task) => task.state === 'sent' && task.escalated_ms !== null));

  constructor() {
    forIncident(async (incident_id) => {
      const query = { incident_id };
      this.records.putAll(await ask(http.GET('/api/v1/tasks', { params: { query } })));
    }, 'task.view', 'task.own');
  }

  async assign(body: AssignTask): Promise<Task> {
    return this.records.put(await ask(http.POST('/api/v1/tasks', { body })));
  }

  async cancel(task_id: string, reason: string): Promise<Task> {
    const body = { id: newId(), reason };
    return this.records.put(await ask(http.POST('/api/v1/tasks/{task_id}/cancel', { params: { path: { task_id } }, body })));
  }

  async remind(task_id: string): Promise<Task> {
    const params = { path: { task_id } };
    return this.records.put(await ask(http.POST('/api/v1/tasks/{task_id}/remind', { params, body: { id: newId() } })));
  }

  /** `id` is the new task's: the same while it is tried again. */
  async handOver(task_id: string, body: HandOverTask): Promise<Task> {
    const params = { path: { task_id } };
    return this.records.put(await ask(http.POST('/api/v1/tasks/{task_id}/hand-over', { params, body })));
  }

  nearest(lat_deg: number, lon_deg: number, limit = 100): Promise<NearestTerminal[]> {
    const query = { lat_deg, lon_deg, limit };
    return ask(http.GET('/api/v1/terminals/nearest', { params: { query } }));
  }
}

export const tasks = new Tasks();
