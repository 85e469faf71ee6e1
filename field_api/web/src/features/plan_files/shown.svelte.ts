/** Things of files that are only looked at. */
import { feed } from '$shared/live/feed';
import type { Thing } from './uses';

class Shown {
  things = $state.raw<Thing[]>([]);

  constructor() {
    feed.onReset(() => (this.things = []));
  }
}

export const shown = new Shown();
