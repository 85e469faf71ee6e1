/** The first look around the demo: asked for by the address that the demo prints, shown once. */
const SEEN = 'xunshan.tour.seen';

class Tour {
  /** Asked for before anybody signed in: the address changes when the desk finds its incident. */
  wanted = $state(false);

  constructor() {
    if (typeof location === 'undefined') return;
    this.wanted = new URLSearchParams(location.search).has('tour') && localStorage.getItem(SEEN) === null;
  }

  end(): void {
    this.wanted = false;
    localStorage.setItem(SEEN, '1');
  }
}

export const tour = new Tour();
