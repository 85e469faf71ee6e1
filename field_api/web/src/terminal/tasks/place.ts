/** Where a task is: at a place, in a direction, or neither. */
import type { SightLine, Task } from '$shared/api/records';
import type { LatLon } from '$shared/geodesy';

export function placeOf({ lat_deg, lon_deg }: Pick<Task, 'lat_deg' | 'lon_deg'>): LatLon | null {
  return lat_deg === null || lon_deg === null ? null : { lat_deg, lon_deg };
}

/** Tasks that were kept before there were directions have none. */
export const sightOf = (task: Task): SightLine | null => (task.sight as SightLine | null | undefined) ?? null;
