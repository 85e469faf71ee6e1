/**
 * How long pictures wait so that what the detector saw in them can be drawn on them: as long as it
 * takes, no longer, and not at all where that is over half a second or nobody wants the boxes.
 */
const LONGEST_MS = 500;
const MARGIN_MS = 20;
/** The wait shrinks by this share with every look, and grows at once. */
const DECAY = 0.05;

export class OverlayDelay {
  #ms = 0;
  wanted = true;

  get ms(): number {
    return this.wanted && this.#ms <= LONGEST_MS ? Math.round(this.#ms) : 0;
  }

  /** A look came in while `shownPts` was on the screen. */
  look(lookPts_90k: number, shownPts_90k: number): void {
    const needed = this.ms + (shownPts_90k - lookPts_90k) / 90 + MARGIN_MS;
    if (needed < 0 || needed > 10_000) return; // another stream's time
    this.#ms = needed > this.#ms ? needed : this.#ms + (needed - this.#ms) * DECAY;
  }
}
