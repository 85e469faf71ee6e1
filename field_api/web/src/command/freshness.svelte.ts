/**
 * Parts of the page are loaded when they are opened. If the command post was renewed meanwhile, or
 * cannot be reached, a part is missing: that is said, and reloading is left to the person, whose
 * work it might interrupt.
 */
class Freshness {
  partMissing = $state(false);

  watch(): void {
    window.addEventListener('vite:preloadError', () => (this.partMissing = true));
  }
}

export const freshness = new Freshness();
