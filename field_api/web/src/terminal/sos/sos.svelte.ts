/** Calling for help: raised here, sent before all else, and again until it has arrived. */
import { alarm } from '$shared/alarm';
import { newId } from '$shared/ids';
import type { Handheld } from '../handheld.svelte';
import { isOpen, newestCall } from './call';

/** Until it has arrived nothing else counts: not even the battery. */
const AGAIN_MS = 3000;
const SEEN = 'xunshan.sos-seen';

export class SosCall {
  /** The call whose end was read and put away. */
  #seen = $state(localStorage.getItem(SEEN));
  readonly #newest = $derived.by(() => newestCall(this.handheld.mine, this.handheld.records.sos.all));
  current = $derived(this.#newest?.state === 'ended' && this.#newest.id === this.#seen ? null : this.#newest);
  open = $derived(isOpen(this.current));

  constructor(private readonly handheld: Handheld) {}

  async raise(): Promise<void> {
    if (this.open) return;
    const { fix } = this.handheld.position;
    const { lat_deg = null, lon_deg = null, accuracy_m = null } = fix ?? {};
    alarm();
    const body = { id: newId(), t_ms: Date.now(), lat_deg, lon_deg, accuracy_m };
    await this.handheld.workFirst({ op: 'sos.raise', target: '', body });
  }

  async end(reason: string): Promise<void> {
    const call = this.current;
    if (!call) return;
    await this.handheld.workFirst({ op: 'sos.cancel', target: call.id, body: { id: newId(), t_ms: Date.now(), reason } });
  }

  putAway(): void {
    if (!this.current) return;
    this.#seen = this.current.id;
    localStorage.setItem(SEEN, this.current.id);
  }

  /** While a call or its end waits it is tried again, and a screen that sleeps sends no position. */
  keepTrying(): () => void {
    const state = this.current?.state;
    const waits = state === 'waiting' || state === 'ending';
    const timer = waits ? setInterval(() => void this.handheld.sendFirst(), AGAIN_MS) : undefined;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const wake = () => {
      if (!this.open || document.hidden) return;
      // A phone that refuses (low battery) is none the worse for it.
      void navigator.wakeLock?.request('screen').then(
        (given) => (over ? void given.release() : (lock = given)),
        () => undefined,
      );
    };
    wake();
    document.addEventListener('visibilitychange', wake);
    return () => {
      over = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', wake);
      void lock?.release();
    };
  }
}
