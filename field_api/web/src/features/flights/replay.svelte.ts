/** Looking at flights of this incident again: a moment of the past, and how fast it goes on. */
import { flights } from './flights.svelte';
import { pastOf, spanOf, waysOf, type Past } from './replay';

export const RATES = [1, 8, 30] as const;
const STEP_MS = 100;

class Replay {
  open = $state(false);
  playing = $state(false);
  rate = $state<(typeof RATES)[number]>(8);
  t_ms = $state(0);
  readonly #ways = $derived(waysOf(flights.flownOfIncident));
  readonly span = $derived(spanOf(this.#ways));
  /** Where everybody was at that moment. */
  readonly past = $derived.by<Past[]>(() => {
    if (!this.open) return [];
    return [...this.#ways].flatMap(([id, points]) => pastOf(id, points, this.t_ms) ?? []);
  });
  #timer: ReturnType<typeof setInterval> | undefined;

  begin(): void {
    if (!this.span) return;
    this.open = true;
    this.t_ms = this.span[0];
    this.play(true);
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
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  #step(): void {
    if (!this.span) return;
    this.t_ms = Math.min(this.span[1], this.t_ms + STEP_MS * this.rate);
    if (this.t_ms >= this.span[1]) this.play(false);
  }
}

export const replay = new Replay();
