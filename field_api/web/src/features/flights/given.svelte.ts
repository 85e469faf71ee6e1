/** Orders given from this page, and what became of each: nothing is promised before it is answered. */
import { SvelteMap } from 'svelte/reactivity';
import { expected, type ApiProblem } from '$shared/api/client';
import type { Command, VehicleAction } from '$shared/api/records';
import { pick } from '$shared/i18n/i18n.svelte';
import { newId } from '$shared/ids';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { flights } from './flights.svelte';
import type { Order } from './orders';

interface Given {
  id: string;
  action: VehicleAction;
  givenMs: number;
  /** Why the command post did not take it. */
  problem: ApiProblem | null;
}

/** The last word on an order to one aircraft. */
export interface Answer {
  /** `pause`, or `pause_vehicle` as the command post says it. */
  action: string;
  t_ms: number;
  state: Command['state'] | 'sending' | 'not-sent';
  code: string;
  text: string;
  problem: ApiProblem | null;
}

const fromPost = (command: Command): Answer => ({
  action: command.action,
  t_ms: command.issued_ms,
  state: command.state,
  code: command.code,
  text: pick(command.text_zh, command.text_en),
  problem: null,
});

class GivenOrders {
  readonly #last = new SvelteMap<string, Given>();

  constructor() {
    feed.onReset(() => this.#last.clear());
  }

  /** Send every order on its own: one that is refused stops none of the others. */
  async give(orders: readonly Order[]): Promise<void> {
    await Promise.all(orders.map((order) => this.#give(order)));
  }

  /** Everybody down: who of them, the command post knows best. */
  async abort(how: 'return' | 'land', ids: readonly string[]): Promise<void> {
    const given: Given = { id: newId(), action: how, givenMs: now.read(), problem: null };
    for (const vehicleId of ids) this.#last.set(vehicleId, given);
    try {
      await flights.abort(given.id, how);
    } catch (caught) {
      for (const vehicleId of ids)
        this.#last.set(vehicleId, { ...given, problem: expected(caught) });
    }
  }

  async #give({ vehicleId, action }: Order): Promise<void> {
    const given: Given = { id: newId(), action, givenMs: now.read(), problem: null };
    this.#last.set(vehicleId, given);
    try {
      await flights.order(given.id, vehicleId, action);
    } catch (caught) {
      const problem = expected(caught);
      if (this.#last.get(vehicleId)?.id === given.id) this.#last.set(vehicleId, { ...given, problem });
    }
  }

  /** What became of the newest order to an aircraft, whoever gave it. */
  answerOf(vehicleId: string): Answer | null {
    const given = this.#last.get(vehicleId);
    const known = given ? flights.commands.get(given.id) : undefined;
    const newest = flights.orderOf(vehicleId);
    // A newer order, of another pilot or of a launch, counts more than the last one from here.
    if (known) return fromPost(newest && newest.issued_ms > known.issued_ms ? newest : known);
    if (!given) return newest ? fromPost(newest) : null;
    if (newest && newest.issued_ms > given.givenMs) return fromPost(newest);
    const { action, givenMs: t_ms, problem } = given;
    return { action, t_ms, state: problem ? 'not-sent' : 'sending', code: '', text: '', problem };
  }
}

export const givenOrders = new GivenOrders();
