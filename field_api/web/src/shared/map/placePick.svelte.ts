/** A dialog steps aside for a click on the map, and goes on with the place; make one as it opens. */
import { untrack } from 'svelte';
import type { LatLon } from '../geodesy';
import { mapState } from './mapState.svelte';

export class PlacePick {
  /** The map waits for the click. */
  waiting = $state(false);

  /** `done` is given the place, or null where somebody thought better of it. */
  constructor(done: (place: LatLon | null) => void) {
    $effect(() => {
      if (!this.waiting || mapState.mode === 'place') return;
      untrack(() => {
        const place = mapState.placed;
        this.waiting = false;
        mapState.placed = null;
        done(place);
      });
    });
  }

  begin(): void {
    mapState.placed = null;
    mapState.mode = 'place';
    this.waiting = true;
  }
}
