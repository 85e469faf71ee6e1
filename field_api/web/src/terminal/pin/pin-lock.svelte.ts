/** Whether this handheld is shut, and what opens it. What waits goes on being sent meanwhile. */
import type { Handheld } from '../handheld.svelte';
import { delayMs, makePin, matches, waitMs, type StoredPin } from './pin';

const UNUSED_MS = 5 * 60_000;
const LOOK_EVERY_MS = 5000;
const DECLINED = 'xunshan.pin-declined';

export class PinLock {
  locked = $state(false);
  /** Choosing a new one, of one's own will. */
  choosing = $state(false);
  stored = $state.raw<StoredPin | null>(null);
  #readFor = $state<string | null>(null);
  #declined = $state(localStorage.getItem(DECLINED));
  #usedMs = Date.now();
  /** Without a secure page there is no cryptography, and then no PIN. */
  readonly possible = globalThis.crypto?.subtle !== undefined;

  constructor(private readonly handheld: Handheld) {}

  /** Whether it is known if the person has a PIN: nothing of theirs is shown before. */
  get ready(): boolean {
    return this.#readFor === (this.handheld.user?.id ?? null);
  }
  get must(): boolean {
    return this.possible && this.handheld.pinRule === 'required' && !this.stored;
  }
  /** Whether to offer one: to who has just signed in and has not said no. */
  get offered(): boolean {
    const { pinRule, signedInNow, user } = this.handheld;
    return this.possible && pinRule === 'optional' && signedInNow && !this.stored && this.#declined !== user?.id;
  }

  /** Read the person's PIN. Who has just given the password need not give it as well. */
  async read(userId: string | null): Promise<void> {
    const found = userId ? ((await this.handheld.database.pins.get(userId)) ?? null) : null;
    if ((this.handheld.user?.id ?? null) !== userId) return;
    this.stored = this.handheld.pinRule === 'off' ? null : found;
    this.locked = this.stored !== null && !this.handheld.signedInNow;
    this.choosing = false;
    this.#usedMs = Date.now();
    this.#readFor = userId;
  }

  async choose(pin: string): Promise<void> {
    const { user, database } = this.handheld;
    if (!user) return;
    const made = await makePin(user.id, pin);
    await database.pins.put(made);
    this.stored = made;
    this.locked = false;
    this.choosing = false;
    this.#usedMs = Date.now();
  }

  decline(): void {
    this.#declined = this.handheld.user?.id ?? null;
    if (this.#declined) localStorage.setItem(DECLINED, this.#declined);
  }

  /** The password was given instead: the PIN that was forgotten is gone. */
  async forget(): Promise<void> {
    if (this.handheld.user) await this.handheld.database.pins.delete(this.handheld.user.id);
    this.stored = null;
    this.locked = false;
  }

  lock(): void {
    if (this.stored) this.locked = true;
  }

  /** How long no PIN is taken any more, in ms. */
  waitMs = (nowMs: number): number => (this.stored ? waitMs(this.stored, nowMs) : 0);

  async unlock(pin: string): Promise<boolean> {
    const { stored } = this;
    if (!stored || this.waitMs(Date.now())) return false;
    // Counted before it is compared: closing the page in between gives no try for free.
    const failed = stored.failed + 1;
    await this.#put({ ...stored, failed, notBeforeMs: Date.now() + delayMs(failed) });
    if (!(await matches(stored, pin))) return false;
    await this.#put({ ...stored, failed: 0, notBeforeMs: 0 });
    this.locked = false;
    this.#usedMs = Date.now();
    return true;
  }

  /** Shut it once nobody has touched it for a while, also while it lay in a pocket. */
  watch(): () => void {
    const used = () => (this.#usedMs = this.locked ? this.#usedMs : Date.now());
    const look = () => Date.now() - this.#usedMs >= UNUSED_MS && this.lock();
    const timer = setInterval(look, LOOK_EVERY_MS);
    document.addEventListener('visibilitychange', look);
    // Looked at first: the touch that wakes a phone must not open it.
    const touched = () => (look(), used());
    for (const event of ['pointerdown', 'keydown'] as const) window.addEventListener(event, touched, true);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      for (const event of ['pointerdown', 'keydown'] as const) window.removeEventListener(event, touched, true);
    };
  }

  async #put(stored: StoredPin): Promise<void> {
    await this.handheld.database.pins.put(stored);
    this.stored = stored;
  }
}
