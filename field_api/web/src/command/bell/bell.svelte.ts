/**
 * The desk's bell: new alerts and overdue tasks are heard and, where the browser lets us, shown
 * beside other windows. It can be silenced for a time, in all windows of this browser; a call for
 * help has its own sound, which this silence does not touch.
 */
import { session } from '$shared/session/session.svelte';
import { SoundGate, type Kind } from './gate';
import { awake, sound } from './sounds';

export interface Ring {
  kind: Kind;
  id: string;
  title: string;
  text: string;
  onclick: () => void;
}

const QUIET_UNTIL = 'xunshan.bell.quiet-until';
const LAST_SOUND = 'xunshan.bell.last';
const QUARTER_MS = 15 * 60_000;
const LOOK_EVERY_MS = 500;
/** What was rung lately, so that two windows do not both ring for it. */
const MOST_RUNG = 50;

interface LastSound {
  ms: number;
  ids: string[];
}

class Bell {
  /** Until when it keeps quiet; UTC ms. */
  quietUntilMs = $state(Number(localStorage.getItem(QUIET_UNTIL)) || 0);
  /** The browser keeps this page silent until somebody presses something on it. */
  blocked = $state(false);
  permission = $state<NotificationPermission | 'none'>(typeof Notification === 'undefined' ? 'none' : Notification.permission);

  readonly #gate = new SoundGate();
  #ids: string[] = [];

  get hears(): boolean {
    return session.may('detection.review') || session.may('task.assign') || session.may('incident_report.write');
  }

  quiet(nowMs: number): boolean {
    return nowMs < this.quietUntilMs;
  }

  /** Begin to listen; returns what ends it. `urgent` says whether a graver sound is going on. */
  open(urgent: () => boolean): () => void {
    const timer = setInterval(() => void this.#look(urgent()), LOOK_EVERY_MS);
    const told = (event: StorageEvent) => {
      if (event.key === QUIET_UNTIL) this.quietUntilMs = Number(event.newValue) || 0;
    };
    const pressed = () => void awake().then((is) => (this.blocked = !is));
    void awake().then((is) => (this.blocked = !is));
    addEventListener('storage', told);
    addEventListener('pointerdown', pressed);
    addEventListener('keydown', pressed);
    return () => {
      clearInterval(timer);
      this.#gate.drop();
      removeEventListener('storage', told);
      removeEventListener('pointerdown', pressed);
      removeEventListener('keydown', pressed);
    };
  }

  ring(ring: Ring, nowMs: number): void {
    if (this.quiet(nowMs)) return;
    this.#gate.offer(ring.kind);
    this.#ids.push(ring.id);
    this.notify(ring);
  }

  silence(forMs: number, nowMs: number): void {
    this.quietUntilMs = forMs ? nowMs + forMs : 0;
    localStorage.setItem(QUIET_UNTIL, String(this.quietUntilMs));
    if (forMs) this.#gate.drop();
  }

  /** By one key: quiet for a quarter of an hour, or heard again. */
  toggle(nowMs: number): void {
    this.silence(this.quiet(nowMs) ? 0 : QUARTER_MS, nowMs);
  }

  async ask(): Promise<void> {
    if (this.permission !== 'none') this.permission = await Notification.requestPermission();
  }

  async #look(urgent: boolean): Promise<void> {
    if (urgent || !this.#gate.waiting) return;
    // Two windows on two screens look one after the other, so that one sound is made and not two.
    if (navigator.locks) await navigator.locks.request('xunshan-bell', () => this.#sound());
    else await this.#sound();
  }

  async #sound(): Promise<void> {
    const last = lastSound();
    if (this.#ids.length && this.#ids.every((id) => last.ids.includes(id))) {
      this.#ids = [];
      this.#gate.drop();
      return;
    }
    const kind = this.#gate.take(Date.now(), last.ms);
    if (!kind) return;
    const ids = [...last.ids, ...this.#ids].slice(-MOST_RUNG);
    this.#ids = [];
    this.blocked = !(await sound(kind));
    // What was not heard here may still be heard from another window.
    if (!this.blocked) localStorage.setItem(LAST_SOUND, JSON.stringify({ ms: Date.now(), ids }));
  }

  notify({ id, title, text, onclick }: Omit<Ring, 'kind'>): void {
    // Who looks at the page sees it there.
    if (this.permission !== 'granted' || (document.hasFocus() && !document.hidden)) return;
    const shown = new Notification(title, { body: text, tag: id, silent: true });
    shown.onclick = () => {
      window.focus();
      onclick();
      shown.close();
    };
  }
}

/** What the windows of this browser keep in common may have been written by an older one. */
function lastSound(): LastSound {
  try {
    const { ms, ids } = JSON.parse(localStorage.getItem(LAST_SOUND) ?? '{}') as Partial<LastSound>;
    // A clock that was set back must not keep the bell silent.
    return { ms: typeof ms === 'number' && ms <= Date.now() ? ms : -Infinity, ids: Array.isArray(ids) ? ids : [] };
  } catch {
    return { ms: -Infinity, ids: [] };
  }
}

export const bell = new Bell();
