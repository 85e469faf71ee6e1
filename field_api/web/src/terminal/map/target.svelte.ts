/** A place that the map is asked to show. */
import type { LatLon } from '$shared/geodesy';

class MapTarget {
  place = $state.raw<LatLon | null>(null);
}

export const mapTarget = new MapTarget();
