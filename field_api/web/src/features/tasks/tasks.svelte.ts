/** Tasks of people on the ground. */
import { ask, http } from '$shared/api/client';
import type { AssignTask, NearestTerminal, Task } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
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

  constructor() {
    forIncident(async (incident_id) => {
      const query = { incident_id };
      this.records.putAll(await ask(http.GET('/api/v1/tasks', { params: { query } })));
    }, 'task.view', 'task.own');
  }

  async assign(body: AssignTask): Promise<Task> {
    return this.records.put(await ask(http.POST('/api/v1/tasks', { body })));
  }

  nearest(lat_deg: number, lon_deg: number, limit = 6): Promise<NearestTerminal[]> {
    const query = { lat_deg, lon_deg, limit };
    return ask(http.GET('/api/v1/terminals/nearest', { params: { query } }));
  }
}

export const tasks = new Tasks();
