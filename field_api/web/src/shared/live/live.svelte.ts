/** The live channel as state: whether it is up, and when it began anew. */
import { now } from '../now.svelte';
import { session } from '../session/session.svelte';
import { feed } from './feed';
import { LiveSocket } from './socket';

class Live {
  connected = $state(false);
  /** Whether anything has been heard yet. */
  ready = $state(false);
  notPermitted = $state(false);
  /** Counts snapshots: what is paged by HTTP is paged again after each. */
  generation = $state(0);

  #socket: LiveSocket | null = null;

  constructor() {
    feed.onSnapshot(() => {
      this.generation += 1;
      this.ready = true;
    });
  }

  open(): void {
    this.close();
    this.#socket = new LiveSocket(feed, {
      onConnected: (connected) => (this.connected = connected),
      onServerTime: (serverMs) => now.setServerTime(serverMs),
      onSignedOut: () => void session.renew().then((again) => again && this.open()),
      onNotPermitted: () => (this.notPermitted = true),
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
    this.connected = false;
  }

  /** Another person: what was known was for the eyes of the one before. */
  forget(): void {
    this.close();
    feed.reset();
    this.ready = false;
    this.notPermitted = false;
  }
}

export const live = new Live();
