/** The live channel: one WebSocket that comes back by itself, after the last event it had. */
import { socketUrl } from '../api/client';
import type { LiveMessage } from '../api/live';
import type { Feed } from './feed';

const RETRY_MS = [300, 1000, 2000, 4000];
/** The session is over; no use in trying again before somebody signs in. */
const SIGNED_OUT = 4401;
const NOT_PERMITTED = 4403;

export interface SocketEvents {
  onConnected(connected: boolean): void;
  onServerTime(serverMs: number): void;
  onSignedOut(): void;
  onNotPermitted(): void;
}

export class LiveSocket {
  #socket: WebSocket | null = null;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly feed: Feed,
    private readonly events: SocketEvents,
  ) {
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #connect(): void {
    const { feed } = this;
    const socket = new WebSocket(socketUrl(feed.seq === null ? '/live' : `/live?after=${feed.seq}`));
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => {
      // A frame holds one message or several, a line each.
      for (const line of event.data.split('\n')) this.#take(JSON.parse(line) as LiveMessage);
    };
    socket.onclose = (event) => {
      if (this.#closed) return;
      this.events.onConnected(false);
      if (event.code === SIGNED_OUT) return this.events.onSignedOut();
      if (event.code === NOT_PERMITTED) return this.events.onNotPermitted();
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)]!;
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#connect(), wait);
    };
  }

  #take(message: LiveMessage): void {
    if (this.#closed) return;
    this.feed.receive(message);
    if (message.type !== 'snapshot' && message.type !== 'resumed') return;
    this.#tries = 0;
    this.events.onServerTime(message.data.server_time_ms);
    this.events.onConnected(true);
  }
}
