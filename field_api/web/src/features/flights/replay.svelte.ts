/** Looking at this incident again: a moment of the past, and how fast it goes on. */
import { flights } from './flights.svelte';
import { pastOf, spanOf, together, waysOf, type Past } from './replay';

export const RATES = [1, 2, 4, 8, 16] as const;
const STEP_MS = 100;

class Replay {
  open = $state(false);
  playing = $state(false);
  rate = $state<(typeof RATES)[number]>(8);
  t_ms = $state(0);
  readonly #ways = $derived(waysOf(flights.flownOfIncident));
  /** First and last moment of recorded pictures; there may be some of before and after the flights. */
  recorded = $state.raw<[number, number] | null>(null);
  /** When there are pictures of the aircraft that is looked at. */
  pictures = $state.raw<[number, number][]>([]);
  /** From the call to the incident's end, or to what happened last. */
  story = $state.raw<[number, number] | null>(null);
  readonly span = $derived(together(together(spanOf(this.#ways), this.recorded), this.story));
  /** Where everybody was at that moment. */
  readonly past = $derived.by<Past[]>(() => {
    if (!this.open) return [];
    return [...this.#ways].flatMap(([id, points]) => pastOf(id, points, this.t_ms) ?? []);
  });
  #timer: ReturnType<typeof setInterval> | undefined;
  #steppedMs = 0;

  /** Plays from where something can be seen, or stands still at a moment. */
  begin(at?: number): void {
    if (!this.span) return;
    this.open = true;
    if (at === undefined) {
      this.t_ms = (together(spanOf(this.#ways), this.recorded) ?? this.span)[0];
      this.play(true);
    } else {
      this.play(false);
      this.go(at);
    }
  }

  end(): void {
    this.play(false);
    this.open = false;
  }

  play(on: boolean): void {
    clearInterval(this.#timer);
    this.playing = on;
    if (!on || !this.span) return;
    if (this.t_ms >= this.span[1]) this.t_ms = this.span[0];
    this.#steppedMs = performance.now();
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  /** Goes to a moment, as far as there is one. */
  go(t_ms: number): void {
    if (this.span) this.t_ms = Math.max(this.span[0], Math.min(this.span[1], t_ms));
  }

  #step(): void {
    if (!this.span) return;
    // By the clock, not by the count: a busy page steps late, and the pictures would run away.
    const now = performance.now();
    const passed = Math.min(1000, now - this.#steppedMs);
    this.#steppedMs = now;
    this.t_ms = Math.min(this.span[1], this.t_ms + passed * this.rate);
    if (this.t_ms >= this.span[1]) this.play(false);
  }
}

export const replay = new Replay();
