/** The present by the command post's clock, for ages and countdowns on screen. */
class Now {
  ms = $state(Date.now());
  /** Command post minus this machine: a wall whose clock is wrong must not show wrong ages. */
  #offsetMs = 0;

  constructor() {
    setInterval(() => (this.ms = this.read()), 500);
  }

  read(): number {
    return Date.now() + this.#offsetMs;
  }

  setServerTime(serverMs: number): void {
    const offset = serverMs - Date.now();
    // Below a second it is the way of the message, not a wrong clock.
    this.#offsetMs = Math.abs(offset) < 1000 ? 0 : offset;
    this.ms = this.read();
  }
}

export const now = new Now();
