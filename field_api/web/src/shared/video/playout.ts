/** When each decoded frame is due, so that its boxes, made later than it, can be drawn on it. */
const LATE_MS = 250;

export class PlayoutClock {
  #baseMs: number | null = null;
  #delayMs: number;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  /** Frames wait longer, or no longer, from the next one on. */
  set delayMs(ms: number) {
    if (ms !== this.#delayMs) this.#baseMs = null;
    this.#delayMs = ms;
  }

  /**
   * Page time at which the frame is due: never later than `delayMs` from now. So the frames that
   * the server kept for a late joiner, which arrive in one burst, don't leave the picture behind
   * by their age for ever. A stream that fell behind or jumped starts a new count.
   */
  due(pts_90k: number, nowMs: number): number {
    const streamMs = pts_90k / 90;
    const latest = nowMs + this.#delayMs;
    const due = this.#baseMs === null ? latest : this.#baseMs + streamMs;
    if (this.#baseMs !== null && due >= nowMs - LATE_MS && due <= latest) return due;
    this.#baseMs = latest - streamMs;
    return latest;
  }

  reset(): void {
    this.#baseMs = null;
  }
}
