/** The live channel: one WebSocket that comes back by itself. */
import { socketUrl } from './api/client';
import type { LiveMessage } from './api/live';

const RETRY_MS = [300, 1000, 2000, 4000];
/** 4401: the server says the session is over; no use in trying again. */
const SIGNED_OUT = 4401;

export class LiveSocket {
  #socket: WebSocket | null = null;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly onMessage: (message: LiveMessage) => void,
    private readonly onConnected: (connected: boolean) => void,
    private readonly onSignedOut: () => void,
  ) {
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(socketUrl('/live'));
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as LiveMessage;
      if (message.type === 'snapshot') {
        this.#tries = 0;
        this.onConnected(true);
      }
      this.onMessage(message);
    };
    socket.onclose = (event) => {
      if (this.#closed) return;
      this.onConnected(false);
      if (event.code === SIGNED_OUT) {
        this.onSignedOut();
        return;
      }
      const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)]!;
      this.#tries += 1;
      this.#retry = setTimeout(() => this.#connect(), wait);
    };
  }
}
