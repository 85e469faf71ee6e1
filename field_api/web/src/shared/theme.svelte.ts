/** Dark for the night watch and the video wall, light for the day; remembered by this browser. */
export type Theme = 'dark' | 'light';
const STORED = 'xunshan.theme';

class ThemeState {
  current = $state<Theme>('dark');

  constructor() {
    if (typeof localStorage !== 'undefined' && localStorage.getItem(STORED) === 'light') this.current = 'light';
    // All windows of the desk look alike.
    if (typeof window !== 'undefined') {
      window.addEventListener('storage', ({ key, newValue }) => {
        if (key === STORED) this.#show(newValue === 'light' ? 'light' : 'dark');
      });
    }
    this.#show(this.current);
  }

  toggle(): void {
    this.#show(this.current === 'dark' ? 'light' : 'dark');
    localStorage.setItem(STORED, this.current);
  }

  #show(theme: Theme): void {
    this.current = theme;
    if (typeof document !== 'undefined') document.documentElement.dataset.theme = theme;
  }
}

export const theme = new ThemeState();
