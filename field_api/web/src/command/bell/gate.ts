/** Which sound is due: never two within a few seconds, and of what came meanwhile the gravest. */

/** From the least to the gravest. A call for help has a sound of its own, which goes before all of these. */
export const KINDS = ['overdue', 'clock', 'smoke', 'silence', 'person'] as const;
export type Kind = (typeof KINDS)[number];

export const GAP_MS = 4000;

export class SoundGate {
  #waiting: Kind | null = null;
  #lastMs = -Infinity;

  /** Something happened that is to be heard. */
  offer(kind: Kind): void {
    if (this.#waiting === null || KINDS.indexOf(kind) > KINDS.indexOf(this.#waiting)) this.#waiting = kind;
  }

  /** Nobody wants to hear what waits any more. */
  drop(): void {
    this.#waiting = null;
  }

  /**
   * The sound to make now, null for none.
   *
   * @param lastElsewhereMs when another window of this browser made one
   */
  take(nowMs: number, lastElsewhereMs = -Infinity): Kind | null {
    if (this.#waiting === null || nowMs - Math.max(this.#lastMs, lastElsewhereMs) < GAP_MS) return null;
    const kind = this.#waiting;
    this.#waiting = null;
    this.#lastMs = nowMs;
    return kind;
  }

  get waiting(): boolean {
    return this.#waiting !== null;
  }
}

/** Ids that were not there before; those of the first look are known already, however many. */
export class News {
  #known: Set<string> | null = null;

  fresh(ids: readonly string[]): string[] {
    const before = this.#known;
    this.#known = new Set([...(before ?? []), ...ids]);
    return before ? ids.filter((id) => !before.has(id)) : [];
  }
}
