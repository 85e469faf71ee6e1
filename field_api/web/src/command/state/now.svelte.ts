/** The present, for ages and countdowns on screen. */
class Now {
  ms = $state(Date.now());

  constructor() {
    setInterval(() => (this.ms = Date.now()), 500);
  }
}

export const now = new Now();
