/** What acts only after being held for a while, so that a slip of the hand does nothing. */

export class Hold {
  holding = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** How long to hold, ms; null: not now. */
    private readonly forMs: () => number | null,
    private readonly held: () => void,
    /** Let go too early. */
    private readonly missed: () => void = () => {},
  ) {}

  begin = (): void => {
    const ms = this.forMs();
    if (this.holding || ms === null) return;
    this.holding = true;
    this.#timer = setTimeout(() => {
      this.holding = false;
      if (this.forMs() !== null) this.held();
    }, ms);
  };

  end = (): void => {
    if (!this.holding) return;
    this.holding = false;
    clearTimeout(this.#timer);
    this.missed();
  };

  #key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === 'keyup') this.end();
    else if (!event.repeat) this.begin();
  };

  /** For the button: pointer, Enter and Space. */
  readonly on = {
    onpointerdown: this.begin,
    onpointerup: this.end,
    onpointerleave: this.end,
    onpointercancel: this.end,
    onblur: this.end,
    onkeydown: this.#key,
    onkeyup: this.#key,
    // A long press is no wish for a menu.
    oncontextmenu: (event: Event) => event.preventDefault(),
  };
}
