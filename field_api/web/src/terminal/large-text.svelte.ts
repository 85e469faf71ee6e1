/** Larger letters and buttons: for wet glasses and bright sun. Kept on this handheld. */
const STORED = 'xunshan.large-text';

class LargeText {
  on = $state(false);

  constructor() {
    this.on = typeof localStorage !== 'undefined' && localStorage.getItem(STORED) === '1';
    this.#apply();
  }

  toggle(): void {
    this.on = !this.on;
    localStorage.setItem(STORED, this.on ? '1' : '');
    this.#apply();
  }

  #apply(): void {
    if (typeof document !== 'undefined') document.documentElement.toggleAttribute('data-large', this.on);
  }
}

export const largeText = new LargeText();
