/**
 * When somebody must be told again of what goes on: at once as it begins, then every few minutes
 * until it is over. A position that wavers at a border begins nothing anew.
 */

export const AGAIN_MS = 5 * 60_000;
/** So long it has to be over, to begin anew: a fix wavers by some tens of metres. */
export const OVER_MS = 60_000;

export class Reminder {
  readonly #told = new Map<string, { toldMs: number; lastMs: number }>();

  constructor(private readonly againMs = AGAIN_MS) {}

  /** Whether anything of what goes on now is due; counts as told if so. */
  due(ids: Iterable<string>, nowMs: number): boolean {
    let due = false;
    for (const id of ids) {
      const known = this.#told.get(id);
      const anew = !known || nowMs - known.lastMs > OVER_MS || nowMs - known.toldMs >= this.againMs;
      due ||= anew;
      this.#told.set(id, { toldMs: anew ? nowMs : known.toldMs, lastMs: nowMs });
    }
    for (const [id, { lastMs }] of this.#told) if (nowMs - lastMs > OVER_MS) this.#told.delete(id);
    return due;
  }
}
