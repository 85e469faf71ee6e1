/** What the map is asked to do and what it is used for at the moment. */
import type { LatLon } from '../geodesy';

export type MapMode = 'look' | 'place' | 'draw-area' | 'draw-hole' | 'measure' | 'plot' | 'plot-point';

class MapState {
  mode = $state<MapMode>('look');
  /** Where the map was last clicked in `place` mode. */
  placed = $state.raw<LatLon | null>(null);
  /** Places that are all to be seen; set by panels, watched by the map. */
  frame = $state.raw<LatLon[]>([]);
  /** Set by panels, watched by the map. */
  centreOn = $state.raw<(LatLon & { zoom?: number }) | null>(null);
  /** The selected aircraft stays in the middle until the map is dragged or sent elsewhere. */
  following = $state(false);
  /** Kept while another page is open. Not reactive. */
  view: { centre: number[]; zoom: number } | null = null;

  lookAt(place: LatLon, zoom?: number): void {
    this.centreOn = { lat_deg: place.lat_deg, lon_deg: place.lon_deg, ...(zoom ? { zoom } : {}) };
  }
}

export const mapState = new MapState();
