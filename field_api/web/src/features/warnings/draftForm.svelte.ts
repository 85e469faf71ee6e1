/** A draft while it is written: every change is stored a moment later, and what is missing told anew. */
import { untrack } from 'svelte';
import type { EditWarningDraft, WarningDraft, WarningReach } from '$shared/api/records';
import { ApiProblem, expected } from '$shared/api/client';
import { settled } from '$shared/settled';
import { warnings } from './warnings.svelte';

type Content = Omit<Required<EditWarningDraft>, 'version'>;

const contentOf = (draft: WarningDraft): Content => {
  const { drill, event_code, event, level, onset_ms, expires_ms, area_codes, outlines, area_text, description, instruction, responses, certainty, channels, issuer } = draft;
  return { drill, event_code, event, level, onset_ms, expires_ms, area_codes, outlines, area_text, description, instruction, responses, certainty, channels, issuer };
};

export class DraftForm {
  content = $state.raw<Content>() as Content;
  problem = $state.raw<ApiProblem | null>(null);
  reach = $state.raw<WarningReach | null>(null);
  /** What is on the screen is not stored yet. */
  dirty = $state(false);
  #saving: Promise<void> | null = null;
  readonly #soon = settled(() => void this.save(), 500);

  constructor(readonly id: string) {
    this.content = contentOf(this.stored);
    void this.#ask();
  }

  get stored(): WarningDraft {
    return warnings.drafts.get(this.id)!;
  }

  set(change: Partial<Content>): void {
    this.content = { ...this.content, ...change };
    this.dirty = true;
    this.#soon();
    if (change.area_codes || change.outlines) void this.#ask();
  }

  toggleArea(code: string): void {
    const { area_codes } = this.content;
    this.set({ area_codes: area_codes.includes(code) ? area_codes.filter((each) => each !== code) : [...area_codes, code] });
  }

  /** Store what is on the screen; waits for what is under way. */
  async save(): Promise<void> {
    this.#soon.cancel();
    while (this.#saving) await this.#saving;
    if (!this.dirty) return;
    this.#saving = this.#send();
    try {
      await this.#saving;
    } finally {
      this.#saving = null;
    }
  }

  async #send(): Promise<void> {
    const sent = this.content;
    try {
      await warnings.edit(this.id, { ...sent, version: this.stored.version });
      this.problem = null;
      if (this.content === sent) this.dirty = false;
    } catch (caught) {
      this.problem = expected(caught);
    }
  }

  /** Somebody else has changed it: theirs stands, for one to go on from. */
  reload(): void {
    this.#soon.cancel();
    this.dirty = false;
    this.problem = null;
    this.content = contentOf(this.stored);
  }

  async #ask(): Promise<void> {
    const { area_codes, outlines } = untrack(() => this.content);
    try {
      this.reach = await warnings.reach([...area_codes], [...outlines]);
    } catch (caught) {
      expected(caught); // without a network there is no preview
    }
  }
}
