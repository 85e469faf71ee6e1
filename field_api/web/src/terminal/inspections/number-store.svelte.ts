/** Document numbers at hand: drawn while there is a network, one kept for each paper that is signed. */
import { ApiProblem, ask, http } from '$shared/api/client';
import { newId } from '$shared/ids';
import { FORMS, type Form } from '$shared/paper/forms';
import type { Changed } from '../sync/wire';
import type { Casework } from './casework.svelte';
import { numbersLeft, returnable, shortfall, type Numbered, type Returnable } from './rules/numbers';
import type { Inspection, Paper } from './wire';

/** How many of each form shall wait here. */
export const WANTED = 5;
/** The command post has said no: it is asked again after this. */
const AGAIN_MS = 10 * 60_000;

const RESTING = 'numbers-resting';

interface Drawing {
  id: string;
  office_id: string;
  year: number;
  forms: Record<string, number>;
}

export class NumberStore {
  /** Why the last drawing was refused. */
  problem = $state.raw<ApiProblem | null>(null);
  #notBeforeMs = 0;

  constructor(private readonly casework: Casework) {}

  get #terminal(): string {
    return this.casework.handheld.user?.terminal_id ?? '';
  }

  /** Numbers that papers here have, issued or kept for them. */
  get #taken(): Set<string> {
    const issued = this.casework.papers.map(({ number }) => number).filter((number) => number !== null);
    return new Set([...issued, ...this.casework.notes.of<Numbered>('number:').map(({ text }) => text)]);
  }

  /** Forms that are made on site, by an office of this tier. */
  formsOf = (officeId: string): Form[] => {
    const tier = this.casework.office(officeId)?.tier;
    return FORMS.filter((form) => form.series && !form.back_office && tier && form.tiers.includes(tier));
  };

  left(form: string, officeId: string): Numbered[] {
    const year = Number(this.casework.today.slice(0, 4));
    const series = { office_id: officeId, form, year, terminal_id: this.#terminal };
    return numbersLeft(this.casework.blocks(), series, this.#taken);
  }

  /** Given back, and none drawn until somebody asks for them: else they were back in a minute. */
  get resting(): boolean {
    return this.casework.notes.get<boolean>(RESTING) ?? false;
  }

  returnable = (): Returnable => returnable(this.casework.blocks(), this.#terminal, this.#taken);

  /** Give back what no paper here needs; also without a network, then it goes out later. */
  async giveBack(reason: string): Promise<void> {
    const { blocks } = this.returnable();
    await this.casework.notes.put(RESTING, true);
    for (const { id: block_id } of blocks) {
      const body = { id: newId(), block_id, reason };
      await this.casework.handheld.work({ op: 'numbers.return', target: block_id, body });
    }
  }

  async drawAgain(): Promise<void> {
    await this.casework.notes.drop(RESTING);
    this.#notBeforeMs = 0;
    await this.replenish();
  }

  /** The number of a paper: kept for it from now on, so that its preview and its signing agree. */
  async keepFor(paper: Paper, inspection: Inspection): Promise<Numbered | null> {
    const kept = this.casework.notes.get<Numbered>(`number:${paper.id}`);
    if (kept) return kept;
    const next = this.left(paper.form, inspection.office_id)[0];
    if (!next) return null;
    await this.casework.notes.put(`number:${paper.id}`, next);
    return next;
  }

  /** Draw what is lacking. Called once the command post was reached. */
  async replenish(): Promise<void> {
    const { me, notes, today } = this.casework;
    if (!me || this.resting || Date.now() < this.#notBeforeMs) return;
    const pending = notes.get<Drawing>('drawing');
    const drawing = pending ?? this.#lacking(me.office_id, Number(today.slice(0, 4)));
    if (!drawing) return;
    // Kept until it is answered: should the answer be lost, the same blocks are given once more.
    if (!pending) await notes.put('drawing', drawing);
    try {
      const blocks = await ask(http.POST('/api/v1/number-blocks', { body: drawing }));
      for (const block of blocks) {
        const record: Changed = { type: 'number_block', id: block.id, version: block.version, op: 'put', area: '', seq: 0, data: block };
        await this.casework.handheld.took(record);
      }
      await notes.drop('drawing');
      this.problem = null;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (problem.worthRetrying) return;
      this.problem = problem;
      this.#notBeforeMs = Date.now() + AGAIN_MS;
      await notes.drop('drawing');
    }
  }

  #lacking(office_id: string, year: number): Drawing | null {
    const codes = this.formsOf(office_id).map(({ code }) => code);
    const series = { office_id, year, terminal_id: this.#terminal };
    const forms = shortfall(this.casework.blocks(), codes, series, this.#taken, WANTED);
    return Object.keys(forms).length ? { id: newId(), office_id, year, forms } : null;
  }
}
