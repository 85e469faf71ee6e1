/** Tells the post how many binary messages have arrived, so that no buffer between hides the past. */
const EVERY_MS = 100;

export class SeenCount {
  #count = 0;
  #told = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(private readonly socket: WebSocket) {
    this.#timer = setInterval(() => {
      if (this.#count === this.#told || this.socket.readyState !== WebSocket.OPEN) return;
      this.#told = this.#count;
      this.socket.send(`{"seen":${this.#count}}`);
    }, EVERY_MS);
  }

  count(): void {
    this.#count += 1;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
