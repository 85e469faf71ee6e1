/** When each decoded frame is due, so that its boxes, made later than it, can be drawn on it. */
const LATE_MS = 250;
const EARLY_MS = 1500;

export class PlayoutClock {
  #baseMs: number | null = null;

  constructor(public delayMs: number) {}

  /** Page time at which the frame is due; a jump in the stream's clock starts a new count. */
  due(pts_90k: number, nowMs: number): number {
    const streamMs = pts_90k / 90;
    const due = this.#baseMs === null ? NaN : this.#baseMs + streamMs;
    if (!(due > nowMs - LATE_MS && due < nowMs + this.delayMs + EARLY_MS)) {
      this.#baseMs = nowMs + this.delayMs - streamMs;
      return nowMs + this.delayMs;
    }
    return due;
  }

  reset(): void {
    this.#baseMs = null;
  }
}
