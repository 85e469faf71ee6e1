/** What stands on the console's map, from the ground up. */
import type { FeatureLayer } from '$shared/map/featureLayer';
import { detectionLayer } from '../features/detections/mapLayer';
import { flightLayer } from '../features/flights/mapLayer';
import { incidentLayer } from '../features/incidents/mapLayer';
import { planLayer } from '../features/plans/mapLayer';
import { rosterLayer } from '../features/roster/mapLayer';
import { tasks } from '../features/tasks/tasks.svelte';

const busyTerminals = (): Set<string> =>
  new Set(
    tasks.records.all
      .filter((task) => task.state !== 'done' && task.state !== 'refused')
      .map((task) => task.terminal_id),
  );

export const deskLayers = (): FeatureLayer[] => [
  rosterLayer(busyTerminals),
  planLayer(),
  flightLayer(),
  incidentLayer(),
  detectionLayer(),
];
