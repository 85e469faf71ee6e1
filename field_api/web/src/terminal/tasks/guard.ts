/** One tap, one step: a second tap so soon after the first was meant for the first. */
export const REST_MS = 1200;
/** So long a step stays here, so that it can be taken back. */
export const HOLD_MS = 3000;

export class StepGuard {
  readonly #lastMs = new Map<string, number>();

  /** Whether a step of this task may be taken now; if so, the next one has to wait. */
  pass(taskId: string, nowMs: number): boolean {
    const last = this.#lastMs.get(taskId);
    // A clock that was set back must not lock the button.
    if (last !== undefined && nowMs >= last && nowMs - last < REST_MS) return false;
    this.#lastMs.set(taskId, nowMs);
    return true;
  }

  /** What was taken back may be taken again at once. */
  clear(taskId: string): void {
    this.#lastMs.delete(taskId);
  }
}

/** Whether an item that was held back may go: also where the clock has jumped back since. */
export const mayGo = (heldUntilMs: number | undefined, nowMs: number): boolean =>
  heldUntilMs === undefined || nowMs >= heldUntilMs || heldUntilMs - nowMs > HOLD_MS;
