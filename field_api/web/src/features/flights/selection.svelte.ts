/** The aircraft that are selected: orders go to all of them, the last chosen one is looked at. */
import { feed } from '$shared/live/feed';

class Selection {
  /** In the order in which they were chosen. */
  ids = $state.raw<readonly string[]>([]);

  constructor() {
    feed.onReset(() => this.clear());
  }

  /** The one whose picture and figures are shown. */
  get lead(): string | null {
    return this.ids.at(-1) ?? null;
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  only(id: string): void {
    this.ids = [id];
  }

  toggle(id: string): void {
    this.ids = this.has(id) ? this.ids.filter((other) => other !== id) : [...this.ids, id];
  }

  /** All of `ids`; who is looked at stays the same. */
  all(ids: readonly string[]): void {
    const { lead } = this;
    const others = ids.filter((id) => id !== lead);
    this.ids = lead && ids.includes(lead) ? [...others, lead] : others;
  }

  clear(): void {
    this.ids = [];
  }
}

export const selection = new Selection();
